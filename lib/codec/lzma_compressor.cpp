// Containers of xz, which is what Python's lzma module writes.
#include <cstdint>
#include <new>
#include <string>

#include <lzma.h>

#include "codec/compressors.hpp"
#include "codec/growing_output.hpp"

namespace rediscache::codec {
namespace {

constexpr std::uint32_t preset = 4;
/// What the decoder may take besides its output: enough for preset 9.
constexpr std::uint64_t most_memory = std::uint64_t{128} << 20U;

class LzmaCompressor final : public Compressor {
 public:
  [[nodiscard]] std::size_t min_length() const noexcept override { return 100; }

  [[nodiscard]] bool is_compressed(std::string_view bytes) const noexcept override {
    return bytes.starts_with(
        std::string_view{"\xfd"
                         "7zXZ\0",
                         6});
  }

  void compress(std::string_view bytes, std::string& out) const override {
    out.resize(lzma_stream_buffer_bound(bytes.size()));
    std::size_t used = 0;
    if (lzma_easy_buffer_encode(preset, LZMA_CHECK_CRC64, nullptr,
                                reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                reinterpret_cast<std::uint8_t*>(out.data()), &used, out.size()) != LZMA_OK) {
      throw std::bad_alloc{};
    }
    out.resize(used);
  }

  [[nodiscard]] bool decompress(std::string_view bytes, std::string& out,
                                std::size_t max_bytes) const override {
    if (!is_compressed(bytes)) {
      return false;
    }
    Stream stream;
    if (lzma_stream_decoder(&stream.lzma, most_memory, LZMA_CONCATENATED) != LZMA_OK) {
      throw std::bad_alloc{};
    }
    stream.lzma.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    stream.lzma.avail_in = bytes.size();
    GrowingOutput output{out, max_bytes};
    while (true) {
      const std::span<char> room = output.room();
      stream.lzma.next_out = reinterpret_cast<std::uint8_t*>(room.data());
      stream.lzma.avail_out = room.size();
      const lzma_ret result = lzma_code(&stream.lzma, LZMA_FINISH);
      output.use(room.size() - stream.lzma.avail_out);
      if (result == LZMA_STREAM_END) {
        output.finish();
        return true;
      }
      if (result == LZMA_MEM_ERROR) {
        throw std::bad_alloc{};
      }
      if (result == LZMA_MEMLIMIT_ERROR) {
        throw ValueError{"the value needs more memory to inflate than xz's highest preset"};
      }
      if (result != LZMA_OK) {
        return false;
      }
    }
  }

 private:
  struct Stream {
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { lzma_end(&lzma); }

    lzma_stream lzma = LZMA_STREAM_INIT;
  };
};

}  // namespace

std::shared_ptr<const Compressor> make_lzma() {
  return std::make_shared<const LzmaCompressor>();
}

}  // namespace rediscache::codec
