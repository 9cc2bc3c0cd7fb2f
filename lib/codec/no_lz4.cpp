// In a build without lz4.
#include "codec/compressors.hpp"

namespace rediscache::codec {

std::shared_ptr<const Compressor> make_lz4() {
  throw_not_built("lz4", "lz4");
}

}  // namespace rediscache::codec
