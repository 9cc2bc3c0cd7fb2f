// What is a pickle reads, writes and reads again as the same value, in the same bytes.
//
// Input: the bytes.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {
namespace {

std::optional<Value> read(std::string_view bytes) {
  static const auto serializer = make_serializer("pickle");
  Value value;
  try {
    serializer->decode(std::string{bytes}, ValueTarget{value});
  } catch (const ValueError& error) {
    promise(!std::string_view{error.what()}.empty(), "what is refused says why");
    return std::nullopt;
  }
  return value;
}

std::string written(const Value& value) {
  static const auto serializer = make_serializer("pickle");
  std::string scratch;
  return std::string{serializer->encode(ValueView{value}, scratch)};
}

void check(std::string_view bytes) {
  const std::optional<Value> value = read(bytes);
  if (!value) {
    return;
  }
  const std::string once = written(*value);
  const std::optional<Value> again = read(once);
  promise(again.has_value(), "what was written reads");
  // Compared as bytes: NaN is not equal to itself.
  promise(written(*again) == once, "what was read again is written the same");
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
