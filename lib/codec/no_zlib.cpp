// In a build without zlib.
#include "codec/compressors.hpp"

namespace rediscache::codec {

std::shared_ptr<const Compressor> make_zlib() {
  throw_not_built("zlib", "zlib");
}
std::shared_ptr<const Compressor> make_gzip() {
  throw_not_built("gzip", "zlib");
}

}  // namespace rediscache::codec
