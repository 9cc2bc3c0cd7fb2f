// In a build without lzma.
#include "codec/compressors.hpp"

namespace rediscache::codec {

std::shared_ptr<const Compressor> make_lzma() {
  throw_not_built("lzma", "lzma");
}

}  // namespace rediscache::codec
