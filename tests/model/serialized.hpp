// What is stored for a value, said more simply than the library does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/operation.hpp"

namespace rediscache::test {

/// As Python's json writes text; nothing for what is no UTF-8. Knows characters of at most three bytes, and
/// no more control characters than the test has.
[[nodiscard]] inline std::optional<std::string> json_text(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7f) {
      out += byte == '"' || byte == '\\' ? "\\" : "";
      out += text[i];
      continue;
    }
    unsigned code = byte;
    const std::size_t more = byte < 0x80 ? 0 : byte >= 0xe0 ? 2 : 1;
    if (byte >= 0xf0 || (byte >= 0x80 && byte < 0xc0) || i + more >= text.size()) {
      return std::nullopt;
    }
    code &= more == 0 ? 0x7fU : more == 1 ? 0x1fU : 0x0fU;
    for (std::size_t continued = 0; continued < more; ++continued) {
      code = code * 64 + (static_cast<unsigned char>(text[++i]) & 0x3fU);
    }
    if (code == '\r' || code == '\n') {
      out += code == '\r' ? "\\r" : "\\n";
      continue;
    }
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
      out += digits[(code >> static_cast<unsigned>(shift)) & 0xfU];
    }
  }
  return out + '"';
}

/// The bytes that a cache stores; nothing when its serializer refuses the value.
[[nodiscard]] inline std::optional<std::string> serialized(std::size_t cache, const Datum& datum) {
  if (const auto* const number = std::get_if<std::int64_t>(&datum)) {
    return std::to_string(*number);
  }
  const std::string& text = std::get<std::string>(datum);
  return cache_serializers.at(cache) == "json" ? json_text(text) : text;
}

}  // namespace rediscache::test
