// UTF-8, one character at a time.
//
// Surrogates are let through here, three bytes each: Python's strings may hold lone ones, and dropping them
// would lose data. Who must not see them asks is_surrogate().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rediscache::base {

struct Utf8Character {
  std::uint32_t code = 0;
  std::size_t length = 0;  ///< bytes used; 0 when the text does not begin with a character
};

[[nodiscard]] constexpr bool is_surrogate(std::uint32_t code) noexcept {
  return code >= 0xd800 && code <= 0xdfff;
}

/// The first character of a non-empty text.
[[nodiscard]] inline Utf8Character next_utf8(std::string_view text) noexcept {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at]));
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    return {first, 1};
  }
  std::size_t length = 0;
  std::uint32_t code = 0;
  std::uint32_t smallest = 0;  // anything below was spelt longer than needed
  if ((first & 0xe0U) == 0xc0U) {
    length = 2, code = first & 0x1fU, smallest = 0x80;
  } else if ((first & 0xf0U) == 0xe0U) {
    length = 3, code = first & 0x0fU, smallest = 0x800;
  } else if ((first & 0xf8U) == 0xf0U) {
    length = 4, code = first & 0x07U, smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) {
    return {};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) {
      return {};
    }
    code = code << 6U | (byte(i) & 0x3fU);
  }
  if (code < smallest || code > 0x10ffff) {
    return {};
  }
  return {code, length};
}

inline void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | code >> 6U);
    put(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    put(0xe0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  } else {
    put(0xf0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3fU));
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  }
}

}  // namespace rediscache::base
