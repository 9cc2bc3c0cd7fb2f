// Text as the line-based protocols 0 and 1 of pickles spell it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace rediscache::codec::pickle {

/// What Python's raw-unicode-escape stands for, as UTF-8: bytes are characters up to U+00FF, others \uXXXX or
/// \UXXXXXXXX. Nothing for a broken escape.
[[nodiscard]] std::optional<std::string> unescape_unicode(std::string_view raw);

/// What a string of Python 2 in quotes stands for. Nothing when it is none, or not ASCII: Python 3 reads no
/// others.
[[nodiscard]] std::optional<std::string> unquote(std::string_view quoted);

/// The characters of UTF-8 text as a byte each. Nothing when one is beyond U+00FF.
[[nodiscard]] std::optional<std::string> latin1(std::string_view text);

[[nodiscard]] bool is_python_text_beyond_ascii(std::string_view text) noexcept;

/// Eight bytes at a time, and here, since it is asked of each text, most of which are short.
[[nodiscard]] inline bool is_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::uint64_t eight = 0;
  if (text.size() < sizeof eight) {
    for (const char c : text) {
      eight |= static_cast<unsigned char>(c);
    }
    return (eight & high_bits) == 0;
  }
  std::uint64_t seen = 0;
  for (std::size_t at = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    seen |= eight;
  }
  // The last eight once more, in part.
  std::memcpy(&eight, text.data() + text.size() - sizeof eight, sizeof eight);
  return ((seen | eight) & high_bits) == 0;
}

/// Whether text is UTF-8; lone surrogates, which Python's strings may hold, are welcome.
[[nodiscard]] inline bool is_python_text(std::string_view text) noexcept {
  return is_ascii(text) || is_python_text_beyond_ascii(text);
}

}  // namespace rediscache::codec::pickle
