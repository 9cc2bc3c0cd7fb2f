// The compressors that come with the library. Each throws InvalidOptions in a build without its library.
#pragma once

#include <memory>

#include <rediscache/compressor.hpp>

namespace rediscache::codec {

[[nodiscard]] std::shared_ptr<const Compressor> make_zlib();
[[nodiscard]] std::shared_ptr<const Compressor> make_gzip();
[[nodiscard]] std::shared_ptr<const Compressor> make_lzma();
[[nodiscard]] std::shared_ptr<const Compressor> make_lz4();
[[nodiscard]] std::shared_ptr<const Compressor> make_zstd();

[[noreturn]] void throw_not_built(const char* name, const char* option);

}  // namespace rediscache::codec
