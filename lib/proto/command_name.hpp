// Comparing names of commands, which may be spelled in any case.
#pragma once

#include <algorithm>
#include <string_view>

namespace rediscache::proto {

[[nodiscard]] inline char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

[[nodiscard]] inline bool same_name(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return upper(a) == upper(b); });
}

template <class Names>
[[nodiscard]] bool is_among(std::string_view name, const Names& names) noexcept {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return same_name(name, known); });
}

}  // namespace rediscache::proto
