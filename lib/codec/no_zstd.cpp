// In a build without zstd.
#include "codec/compressors.hpp"

namespace rediscache::codec {

std::shared_ptr<const Compressor> make_zstd() {
  throw_not_built("zstd", "zstd");
}

}  // namespace rediscache::codec
