// Globs as a Redis server understands them, written to be read: KEYS and SCAN MATCH.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace rediscache::base {

/// Takes a class, "[a-c^x]", off the front of `pattern` and tells whether `c` is in it. One that is not
/// closed reaches to the end.
[[nodiscard]] inline bool take_glob_class(std::string_view& pattern, char c) noexcept {
  pattern.remove_prefix(1);
  const bool negated = pattern.starts_with('^');
  if (negated) {
    pattern.remove_prefix(1);
  }
  bool found = false;
  while (!pattern.empty() && pattern.front() != ']') {
    if (pattern.front() == '\\' && pattern.size() >= 2) {
      found = found || pattern[1] == c;
      pattern.remove_prefix(2);
    } else if (pattern.size() >= 3 && pattern[1] == '-') {
      auto [low, high] =
          std::pair{static_cast<unsigned char>(pattern[0]), static_cast<unsigned char>(pattern[2])};
      if (low > high) {
        std::swap(low, high);
      }
      const auto byte = static_cast<unsigned char>(c);
      found = found || (low <= byte && byte <= high);
      pattern.remove_prefix(3);
    } else {
      found = found || pattern.front() == c;
      pattern.remove_prefix(1);
    }
  }
  if (!pattern.empty()) {
    pattern.remove_prefix(1);
  }
  return found != negated;
}

/// Whether the whole of `text` matches.
[[nodiscard]] inline bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  // Where to go on when what follows the last star does not match: one byte later.
  bool after_star = false;
  std::string_view star_pattern;
  std::string_view star_text;
  while (true) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      after_star = true;
      star_pattern = pattern;
      star_text = text;
      continue;
    }
    if (pattern.empty() && text.empty()) {
      return true;
    }
    bool same = false;
    if (!pattern.empty() && !text.empty()) {
      if (pattern.front() == '[') {
        same = take_glob_class(pattern, text.front());
      } else {
        if (pattern.front() == '\\' && pattern.size() >= 2) {
          pattern.remove_prefix(1);
          same = pattern.front() == text.front();
        } else {
          same = pattern.front() == '?' || pattern.front() == text.front();
        }
        pattern.remove_prefix(1);
      }
    }
    if (same) {
      text.remove_prefix(1);
    } else if (after_star && !star_text.empty()) {
      star_text.remove_prefix(1);
      pattern = star_pattern;
      text = star_text;
    } else {
      return false;
    }
  }
}

}  // namespace rediscache::base
