// Text as the line-based protocols 0 and 1 of pickles spell it.
#pragma once

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

/// Whether text is UTF-8; lone surrogates, which Python's strings may hold, are welcome.
[[nodiscard]] bool is_python_text(std::string_view text) noexcept;

}  // namespace rediscache::codec::pickle
