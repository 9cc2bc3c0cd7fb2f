// Zstandard frames.
#include <memory>
#include <new>
#include <string>

#include <zstd.h>

#include "codec/compressors.hpp"
#include "codec/growing_output.hpp"

namespace rediscache::codec {
namespace {

constexpr int zstd_level = 3;  // the library's default, as Python's pyzstd

struct FreeZstdContext {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

class ZstdCompressor final : public Compressor {
 public:
  [[nodiscard]] bool is_compressed(std::string_view bytes) const noexcept override {
    return bytes.starts_with("\x28\xb5\x2f\xfd");
  }

  void compress(std::string_view bytes, std::string& out) const override {
    compress_into(
        out, ZSTD_compressBound(bytes.size()),
        [&](std::span<char> room) {
          return ZSTD_compress(room.data(), room.size(), bytes.data(), bytes.size(), zstd_level);
        },
        ZSTD_isError);
  }

  [[nodiscard]] bool decompress(std::string_view bytes, std::string& out,
                                std::size_t max_bytes) const override {
    if (!is_compressed(bytes)) {
      return false;
    }
    const std::unique_ptr<ZSTD_DCtx, FreeZstdContext> context{ZSTD_createDCtx()};
    if (context == nullptr) {
      throw std::bad_alloc{};
    }
    return inflate_frames(bytes, out, max_bytes, [&](std::string_view left, std::span<char> room) {
      ZSTD_inBuffer from{left.data(), left.size(), 0};
      ZSTD_outBuffer to{room.data(), room.size(), 0};
      const std::size_t expected = ZSTD_decompressStream(context.get(), &to, &from);
      return FrameStep{from.pos, to.pos, ZSTD_isError(expected) != 0, expected == 0};
    });
  }
};

}  // namespace

std::shared_ptr<const Compressor> make_zstd() {
  return std::make_shared<const ZstdCompressor>();
}

}  // namespace rediscache::codec
