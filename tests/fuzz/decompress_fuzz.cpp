// Whatever is decompressed stays within its limit, and compresses and decompresses again to itself.
//
// Input: the name of a compressor, and on the next line the bytes.
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <rediscache/compressor.hpp>
#include <rediscache/error.hpp>

#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {
namespace {

constexpr std::size_t most_bytes = 100'000;

std::shared_ptr<const Compressor> compressor_of(std::string_view name) {
  try {
    return make_compressor(name);
  } catch (const InvalidOptions&) {
    return nullptr;
  }
}

void check(std::string_view input) {
  const auto [name, bytes] = first_line(input);
  const auto compressor = compressor_of(name);
  if (compressor == nullptr) {
    return;
  }
  std::string restored;
  try {
    if (!compressor->decompress(bytes, restored, most_bytes)) {
      return;
    }
  } catch (const ValueError& error) {
    promise(!std::string_view{error.what()}.empty(), "what is refused says why");
    return;
  }
  promise(compressor->is_compressed(bytes), "what is decompressed looks compressed");
  promise(restored.size() <= most_bytes, "nothing inflates past its limit");
  std::string compressed;
  compressor->compress(restored, compressed);
  std::string again;
  promise(compressor->is_compressed(compressed), "what was compressed looks so");
  promise(compressor->decompress(compressed, again, most_bytes), "what was compressed is decompressed");
  promise(again == restored, "and is what it was");
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
