#include "codec/escaped_bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/utf8.hpp"

namespace rediscache::codec {
namespace {

constexpr std::uint32_t base_of_escapes = 0xdc00;

constexpr bool is_escape(std::uint32_t code) noexcept {
  return code >= base_of_escapes + 0x80 && code <= base_of_escapes + 0xff;
}

}  // namespace

std::string escape_bytes(const Bytes& bytes) {
  std::string_view left{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  std::string text;
  text.reserve(left.size());
  while (!left.empty()) {
    const base::Utf8Character character = base::next_utf8(left);
    if (character.length == 0 || base::is_surrogate(character.code)) {
      base::append_utf8(text, base_of_escapes + static_cast<unsigned char>(left.front()));
      left.remove_prefix(1);
    } else {
      text.append(left, 0, character.length);
      left.remove_prefix(character.length);
    }
  }
  return text;
}

Bytes unescape_bytes(std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const base::Utf8Character character = base::next_utf8(text);
    const std::size_t length = std::max<std::size_t>(character.length, 1);
    if (is_escape(character.code)) {
      bytes.push_back(static_cast<std::byte>(character.code - base_of_escapes));
    } else {
      for (const char c : text.substr(0, length)) {
        bytes.push_back(static_cast<std::byte>(c));
      }
    }
    text.remove_prefix(length);
  }
  return bytes;
}

bool has_escaped_bytes(std::string_view text) noexcept {
  // In UTF-8 all of these begin so.
  for (std::size_t at = text.find('\xed'); at != std::string_view::npos; at = text.find('\xed', at + 1)) {
    if (is_escape(base::next_utf8(text.substr(at)).code)) {
      return true;
    }
  }
  return false;
}

}  // namespace rediscache::codec
