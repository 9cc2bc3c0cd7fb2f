#include "codec/pickle_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "base/utf8.hpp"

namespace rediscache::codec::pickle {
namespace {

/// Takes `count` hexadecimal digits off the front.
std::optional<std::uint32_t> take_hex(std::string_view& text, std::size_t count) noexcept {
  const std::string_view digits = text.substr(0, count);
  std::uint32_t number = 0;
  const char* const end = digits.data() + digits.size();
  if (digits.size() < count || std::from_chars(digits.data(), end, number, 16).ptr != end) {
    return std::nullopt;
  }
  text.remove_prefix(count);
  return number;
}

}  // namespace

std::optional<std::string> unescape_unicode(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    const auto byte = static_cast<unsigned char>(raw.front());
    raw.remove_prefix(1);
    if (byte != '\\' || raw.empty()) {
      base::append_utf8(out, byte);
      continue;
    }
    const auto kind = static_cast<unsigned char>(raw.front());
    raw.remove_prefix(1);
    if (kind != 'u' && kind != 'U') {
      out += '\\';
      base::append_utf8(out, kind);
      continue;
    }
    const auto code = take_hex(raw, kind == 'u' ? 4 : 8);
    if (!code || *code > 0x10ffff) {
      return std::nullopt;
    }
    base::append_utf8(out, *code);
  }
  return out;
}

std::optional<std::string> unquote(std::string_view quoted) {
  constexpr std::string_view letters = "\\'\"abfnrtv";
  constexpr std::string_view meanings = "\\'\"\a\b\f\n\r\t\v";
  if (quoted.size() < 2 || (quoted.front() != '\'' && quoted.front() != '"') ||
      quoted.back() != quoted.front()) {
    return std::nullopt;
  }
  quoted = quoted.substr(1, quoted.size() - 2);
  std::string out;
  while (!quoted.empty()) {
    const char c = quoted.front();
    quoted.remove_prefix(1);
    if (c != '\\') {
      out += c;
      continue;
    }
    const char letter = quoted.empty() ? '\0' : quoted.front();
    quoted.remove_prefix(quoted.empty() ? 0 : 1);
    if (letter == 'x') {
      const auto code = take_hex(quoted, 2);
      if (!code) {
        return std::nullopt;
      }
      out += static_cast<char>(*code);
    } else if (const std::size_t which = letters.find(letter); which != std::string_view::npos) {
      out += meanings[which];
    } else {
      return std::nullopt;
    }
  }
  if (std::ranges::any_of(out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> latin1(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const base::Utf8Character character = base::next_utf8(text);
    if (character.length == 0 || character.code > 0xff) {
      return std::nullopt;
    }
    out += static_cast<char>(character.code);
    text.remove_prefix(character.length);
  }
  return out;
}

bool is_python_text_beyond_ascii(std::string_view text) noexcept {
  while (!text.empty()) {
    const base::Utf8Character character = base::next_utf8(text);
    if (character.length == 0) {
      return false;
    }
    text.remove_prefix(character.length);
  }
  return true;
}

}  // namespace rediscache::codec::pickle
