// What is JSON reads, writes and reads again as the same value, in the same bytes.
//
// Input: the text.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

#include "codec/json_reader.hpp"
#include "codec/json_writer.hpp"
#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {
namespace {

std::optional<Value> read(std::string_view text) {
  try {
    return codec::read_json(text);
  } catch (const ValueError& error) {
    promise(!std::string_view{error.what()}.empty(), "what is refused says why");
    return std::nullopt;
  }
}

/// NaN is not equal to itself.
bool has_nan(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::floating:
      return std::isnan(value.as_float());
    case Value::Kind::list:
      return std::ranges::any_of(value.as_list(), has_nan);
    case Value::Kind::dict:
      return std::ranges::any_of(value.as_dict(), [](const auto& entry) { return has_nan(entry.second); });
    default:
      return false;
  }
}

std::string written(const Value& value) {
  std::string out;
  codec::write_json(out, value);
  return out;
}

void check(std::string_view text) {
  const std::optional<Value> value = read(text);
  if (!value) {
    return;
  }
  const std::string once = written(*value);
  promise(std::ranges::all_of(once, [](char c) { return c >= ' ' && c <= '~'; }), "JSON is written as ASCII");
  const std::optional<Value> again = read(once);
  promise(again.has_value(), "what was written reads");
  promise(has_nan(*value) || *again == *value, "what was written reads as what it was");
  promise(written(*again) == once, "what was read again is written the same");
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
