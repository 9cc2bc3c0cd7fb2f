// LZ4 frames, as Python's lz4.frame writes them.
#include <memory>
#include <new>
#include <string>

#include <lz4frame.h>

#include "codec/compressors.hpp"
#include "codec/growing_output.hpp"

namespace rediscache::codec {
namespace {

struct FreeLz4Context {
  void operator()(LZ4F_dctx* context) const noexcept { LZ4F_freeDecompressionContext(context); }
};

class Lz4Compressor final : public Compressor {
 public:
  [[nodiscard]] bool is_compressed(std::string_view bytes) const noexcept override {
    return bytes.starts_with("\x04\x22\x4d\x18");
  }

  void compress(std::string_view bytes, std::string& out) const override {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.contentSize = bytes.size();
    compress_into(
        out, LZ4F_compressFrameBound(bytes.size(), &preferences),
        [&](std::span<char> room) {
          return LZ4F_compressFrame(room.data(), room.size(), bytes.data(), bytes.size(), &preferences);
        },
        LZ4F_isError);
  }

  [[nodiscard]] bool decompress(std::string_view bytes, std::string& out,
                                std::size_t max_bytes) const override {
    if (!is_compressed(bytes)) {
      return false;
    }
    LZ4F_dctx* raw = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)) != 0) {
      throw std::bad_alloc{};
    }
    const std::unique_ptr<LZ4F_dctx, FreeLz4Context> context{raw};
    return inflate_frames(bytes, out, max_bytes, [&](std::string_view left, std::span<char> room) {
      std::size_t read = left.size();
      std::size_t written = room.size();
      const std::size_t expected =
          LZ4F_decompress(context.get(), room.data(), &written, left.data(), &read, nullptr);
      return FrameStep{read, written, LZ4F_isError(expected) != 0, expected == 0};
    });
  }
};

}  // namespace

std::shared_ptr<const Compressor> make_lz4() {
  return std::make_shared<const Lz4Compressor>();
}

}  // namespace rediscache::codec
