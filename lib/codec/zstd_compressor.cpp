// Zstandard frames.
#include <memory>
#include <new>
#include <string>

#include <zstd.h>

#include "codec/compressors.hpp"
#include "codec/growing_output.hpp"

namespace rediscache::codec {
namespace {

constexpr int level = 3;  // the library's default, as Python's pyzstd

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

class ZstdCompressor final : public Compressor {
 public:
  [[nodiscard]] bool is_compressed(std::string_view bytes) const noexcept override {
    return bytes.starts_with("\x28\xb5\x2f\xfd");
  }

  void compress(std::string_view bytes, std::string& out) const override {
    out.resize(ZSTD_compressBound(bytes.size()));
    const std::size_t used = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level);
    if (ZSTD_isError(used) != 0) {
      throw std::bad_alloc{};  // nothing else can be wrong
    }
    out.resize(used);
  }

  [[nodiscard]] bool decompress(std::string_view bytes, std::string& out,
                                std::size_t max_bytes) const override {
    if (!is_compressed(bytes)) {
      return false;
    }
    const std::unique_ptr<ZSTD_DCtx, FreeContext> context{ZSTD_createDCtx()};
    if (context == nullptr) {
      throw std::bad_alloc{};
    }
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    GrowingOutput output{out, max_bytes};
    std::size_t expected = 1;  // 0 at the end of a frame
    while (input.pos < input.size || expected != 0) {
      const std::span<char> room = output.room();
      ZSTD_outBuffer to{room.data(), room.size(), 0};
      const std::size_t before = input.pos;
      expected = ZSTD_decompressStream(context.get(), &to, &input);
      if (ZSTD_isError(expected) != 0 || (input.pos == before && to.pos == 0)) {
        throw_damaged("Zstandard");
      }
      output.use(to.pos);
    }
    output.finish();
    return true;
  }
};

}  // namespace

std::shared_ptr<const Compressor> make_zstd() {
  return std::make_shared<const ZstdCompressor>();
}

}  // namespace rediscache::codec
