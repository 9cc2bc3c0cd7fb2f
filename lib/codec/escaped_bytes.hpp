// Bytes as text, for formats that have no bytes.
#pragma once

#include <string>
#include <string_view>

#include <rediscache/value.hpp>

namespace rediscache::codec {

/// UTF-8 as it is, and each byte that is not part of it as a lone surrogate, U+DC00 + byte: Python's
/// `bytes.decode("utf-8", "surrogateescape")`.
[[nodiscard]] std::string escape_bytes(const Bytes& bytes);

/// The bytes that escape_bytes() made the text of; of other text its UTF-8.
[[nodiscard]] Bytes unescape_bytes(std::string_view text);

/// Whether some of its characters stand for bytes that are no UTF-8.
[[nodiscard]] bool has_escaped_bytes(std::string_view text) noexcept;

}  // namespace rediscache::codec
