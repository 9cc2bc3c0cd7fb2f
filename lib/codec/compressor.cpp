#include <string>
#include <utility>

#include <rediscache/compressor.hpp>
#include <rediscache/error.hpp>

#include "base/registry.hpp"
#include "codec/compressors.hpp"

namespace rediscache {
namespace {

base::Registry<CompressorFactory>& compressors() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): never destroyed, see base/registry.hpp
  static auto& registry = *new base::Registry<CompressorFactory>{"compressor",
                                                                 {{"zlib", codec::make_zlib},
                                                                  {"gzip", codec::make_gzip},
                                                                  {"lzma", codec::make_lzma},
                                                                  {"lz4", codec::make_lz4},
                                                                  {"zstd", codec::make_zstd}}};
  return registry;
}

}  // namespace

Compressor::~Compressor() = default;

void register_compressor(std::string name, CompressorFactory factory) {
  compressors().add(std::move(name), std::move(factory));
}

std::shared_ptr<const Compressor> make_compressor(std::string_view name) {
  return compressors().find(name)();
}

namespace codec {

std::vector<std::string> compressor_names() {
  return compressors().names();
}

void throw_not_built(const char* name, const char* option) {
  throw InvalidOptions{std::string{"compressor is \""} + name +
                       "\", and this build of rediscache has none; " + "configure with -D" + option +
                       "=enabled"};
}

}  // namespace codec
}  // namespace rediscache
