// The line that an integer, a bulk string or an array begins with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace rediscache::resp {

struct Header {
  enum class Kind { whole, incomplete, broken };
  Kind kind = Kind::incomplete;
  std::int64_t number = 0;
  std::size_t bytes = 0;  ///< with the type before and the \r\n behind
};

/// Reads the number of `bytes`, which begin with a type. Like Redis' own, it takes no leading zero, no plus
/// sign and no more than 64 bits.
[[nodiscard]] inline Header read_header(std::string_view bytes) noexcept {
  constexpr Header broken{.kind = Header::Kind::broken};
  std::size_t at = 1;
  const bool negative = at < bytes.size() && bytes[at] == '-';
  at += negative ? 1 : 0;
  const std::size_t first = at;
  std::uint64_t value = 0;
  for (; at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9'; ++at) {
    if (value > std::numeric_limits<std::uint64_t>::max() / 10 - 1) {
      return broken;
    }
    value = value * 10 + static_cast<std::uint64_t>(bytes[at] - '0');
  }
  const std::size_t digits = at - first;
  if (digits > 1 && bytes[first] == '0') {
    return broken;
  }
  if (at == bytes.size()) {
    return {};
  }
  const std::uint64_t most =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (bytes[at] != '\r' || digits == 0 || (negative && value == 0) || value > most) {
    return broken;
  }
  if (at + 1 == bytes.size()) {
    return {};
  }
  if (bytes[at + 1] != '\n') {
    return broken;
  }
  return {.kind = Header::Kind::whole,
          .number = static_cast<std::int64_t>(negative ? std::uint64_t{0} - value : value),
          .bytes = at + 2};
}

}  // namespace rediscache::resp
