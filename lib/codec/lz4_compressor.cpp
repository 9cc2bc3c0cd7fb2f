// LZ4 frames, as Python's lz4.frame writes them.
#include <memory>
#include <new>
#include <string>

#include <lz4frame.h>

#include "codec/compressors.hpp"
#include "codec/growing_output.hpp"

namespace rediscache::codec {
namespace {

struct FreeContext {
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
    out.resize(LZ4F_compressFrameBound(bytes.size(), &preferences));
    const std::size_t used =
        LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), &preferences);
    if (LZ4F_isError(used) != 0) {
      throw std::bad_alloc{};  // nothing else can be wrong
    }
    out.resize(used);
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
    const std::unique_ptr<LZ4F_dctx, FreeContext> context{raw};
    GrowingOutput output{out, max_bytes};
    std::size_t expected = 1;  // 0 at the end of a frame
    while (!bytes.empty() || expected != 0) {
      const std::span<char> room = output.room();
      std::size_t written = room.size();
      std::size_t read = bytes.size();
      expected = LZ4F_decompress(context.get(), room.data(), &written, bytes.data(), &read, nullptr);
      if (LZ4F_isError(expected) != 0 || (read == 0 && written == 0)) {
        throw_damaged("LZ4");
      }
      bytes.remove_prefix(read);
      output.use(written);
    }
    output.finish();
    return true;
  }
};

}  // namespace

std::shared_ptr<const Compressor> make_lz4() {
  return std::make_shared<const Lz4Compressor>();
}

}  // namespace rediscache::codec
