// The compressors that come with the library. Each throws InvalidOptions in a build without its library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <rediscache/compressor.hpp>

namespace rediscache::codec {

[[nodiscard]] std::shared_ptr<const Compressor> make_zlib();
[[nodiscard]] std::shared_ptr<const Compressor> make_gzip();
[[nodiscard]] std::shared_ptr<const Compressor> make_lzma();
[[nodiscard]] std::shared_ptr<const Compressor> make_lz4();
[[nodiscard]] std::shared_ptr<const Compressor> make_zstd();

/// Of those there are, the registered ones included.
[[nodiscard]] std::vector<std::string> compressor_names();

[[noreturn]] void throw_not_built(const char* name, const char* option);

}  // namespace rediscache::codec
