// What every serializer that describes its values promises of any bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {

inline std::optional<Value> read(const Serializer& serializer, std::string_view bytes) {
  Value value;
  try {
    serializer.decode(std::string{bytes}, ValueTarget{value});
  } catch (const ValueError& error) {
    promise(!std::string_view{error.what()}.empty(), "what is refused says why");
    return std::nullopt;
  }
  return value;
}

inline std::string written(const Serializer& serializer, const Value& value) {
  std::string scratch;
  return std::string{serializer.encode(ValueView{value}, scratch)};
}

/// What reads, writes and reads again as the same value, in the same bytes.
inline void check_round_trip(const Serializer& serializer, std::string_view bytes) {
  const std::optional<Value> value = read(serializer, bytes);
  if (!value) {
    return;
  }
  const std::string once = written(serializer, *value);
  const std::optional<Value> again = read(serializer, once);
  promise(again.has_value(), "what was written reads");
  // Compared as bytes: NaN is not equal to itself.
  promise(written(serializer, *again) == once, "what was read again is written the same");
}

}  // namespace rediscache::fuzz
