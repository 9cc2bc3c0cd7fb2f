// zlib and gzip: one algorithm in two wrappers.
#include <algorithm>
#include <limits>
#include <new>
#include <string>

#include <zlib.h>

#include "codec/compressors.hpp"
#include "codec/growing_output.hpp"

namespace rediscache::codec {
namespace {

constexpr int zlib_level = 6;
constexpr int window_bits = 15;
constexpr int gzip_wrapper = 16;
constexpr int memory_level = 8;  // zlib's default, as Python's

unsigned byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}

/// zlib counts in unsigned int.
unsigned portion(std::size_t bytes) noexcept {
  return static_cast<unsigned>(std::min<std::size_t>(bytes, std::numeric_limits<unsigned>::max()));
}

/// A z_stream that is ended with it. `end` is deflateEnd or inflateEnd.
class Stream {
 public:
  Stream(std::string_view input, int (*end)(z_stream*)) noexcept : left_{input}, end_{end} {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { end_(&stream); }

  /// Gives it the next input once it has taken all before.
  void feed() noexcept {
    if (stream.avail_in == 0) {
      stream.next_in =
          reinterpret_cast<Bytef*>(const_cast<char*>(left_.data()));  // zlib does not write there
      stream.avail_in = portion(left_.size());
      left_.remove_prefix(stream.avail_in);
    }
  }
  [[nodiscard]] bool has_more() const noexcept { return stream.avail_in > 0 || !left_.empty(); }
  [[nodiscard]] bool all_fed() const noexcept { return left_.empty(); }
  /// Runs `step` with room for output.
  template <class Step>
  int run(GrowingOutput& output, Step step) {
    const std::span<char> room = output.room();
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = portion(room.size());
    const unsigned before = stream.avail_out;
    const int result = step(&stream);
    output.use(before - stream.avail_out);
    return result;
  }

  z_stream stream{};

 private:
  std::string_view left_;
  int (*end_)(z_stream*);
};

class ZlibCompressor final : public Compressor {
 public:
  explicit ZlibCompressor(bool gzip) noexcept : gzip_{gzip} {}

  [[nodiscard]] bool is_compressed(std::string_view bytes) const noexcept override {
    if (gzip_) {
      return bytes.starts_with("\x1f\x8b\x08");
    }
    // Method 8, a window of at most 32 KiB, no dictionary, and the two bytes divisible by 31.
    return bytes.size() >= 2 && (byte_at(bytes, 0) & 0xfU) == 8 && byte_at(bytes, 0) < 0x80 &&
           (byte_at(bytes, 1) & 0x20U) == 0 && (byte_at(bytes, 0) * 256 + byte_at(bytes, 1)) % 31 == 0;
  }

  void compress(std::string_view bytes, std::string& out) const override {
    Stream stream{bytes, deflateEnd};
    if (deflateInit2(&stream.stream, zlib_level, Z_DEFLATED, window_bits + wrapper(), memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc{};
    }
    GrowingOutput output{out, out.max_size() - 1};
    int result = Z_OK;
    while (result != Z_STREAM_END) {
      stream.feed();
      result = stream.run(output,
                          [&](z_stream* z) { return deflate(z, stream.all_fed() ? Z_FINISH : Z_NO_FLUSH); });
    }
    output.finish();
  }

  [[nodiscard]] bool decompress(std::string_view bytes, std::string& out,
                                std::size_t max_bytes) const override {
    if (!is_compressed(bytes)) {
      return false;
    }
    Stream stream{bytes, inflateEnd};
    if (inflateInit2(&stream.stream, window_bits + wrapper()) != Z_OK) {
      throw std::bad_alloc{};
    }
    GrowingOutput output{out, max_bytes};
    while (true) {
      stream.feed();
      const int result = stream.run(output, [](z_stream* z) { return inflate(z, Z_NO_FLUSH); });
      if (result == Z_STREAM_END && !stream.has_more()) {
        output.finish();
        return true;
      }
      if (result == Z_STREAM_END && gzip_) {
        inflateReset(&stream.stream);  // gzip files may follow one another
      } else if (result == Z_MEM_ERROR) {
        throw std::bad_alloc{};
      } else if (result != Z_OK) {
        return false;
      }
    }
  }

 private:
  [[nodiscard]] int wrapper() const noexcept { return gzip_ ? gzip_wrapper : 0; }

  bool gzip_;
};

}  // namespace

std::shared_ptr<const Compressor> make_zlib() {
  return std::make_shared<const ZlibCompressor>(false);
}
std::shared_ptr<const Compressor> make_gzip() {
  return std::make_shared<const ZlibCompressor>(true);
}

}  // namespace rediscache::codec
