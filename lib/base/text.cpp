#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <numeric>
#include <system_error>
#include <vector>

#include "base/utf8.hpp"

namespace rediscache::base {
namespace {

template <std::integral T>
std::optional<T> parse(std::string_view text) noexcept {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [parsed_until, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || parsed_until != end) {
    return std::nullopt;
  }
  return value;
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Insertions, deletions and replacements between the two, letter case aside.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(left[i]) == lower(right[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  return parse<std::int64_t>(text);
}
std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept {
  return parse<std::uint64_t>(text);
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 64;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out{'"'};
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
    } else {
      out += c;
    }
  }
  out += '"';
  if (text.size() > longest) {
    out += "... (" + std::to_string(text.size()) + " bytes)";
  }
  return out;
}

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates) {
  const std::string* best = nullptr;
  std::size_t best_distance = name.size() / 3 + 2;
  for (const std::string& candidate : candidates) {
    // The lengths alone often tell: what was mistaken for a name may be long.
    const std::size_t difference =
        std::max(name.size(), candidate.size()) - std::min(name.size(), candidate.size());
    const std::size_t distance = difference < best_distance ? edit_distance(name, candidate) : difference;
    if (distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best == nullptr ? std::nullopt : std::optional{*best};
}

std::string unknown_name(std::string_view what, std::string_view name, std::span<const std::string> known) {
  std::string message = quoted(name) + " is not a known " + std::string{what} + ". Known: ";
  for (std::size_t i = 0; i < known.size(); ++i) {
    message += (i == 0 ? "" : ", ") + known[i];
  }
  message += '.';
  if (const auto meant = nearest(name, known)) {
    message += " Did you mean " + quoted(*meant) + '?';
  }
  return message;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const Utf8Character character = next_utf8(text);
    if (character.length == 0 || is_surrogate(character.code)) {
      return false;
    }
    text.remove_prefix(character.length);
  }
  return true;
}

}  // namespace rediscache::base
