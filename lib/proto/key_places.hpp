// Which arguments of a command are keys, for commands that callers spell out themselves.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace rediscache::proto {

/// The positions of a command's keys among its arguments.
struct KeyPlaces {
  std::size_t first = 0;
  std::size_t count = 0;  ///< 0: it has none
  std::size_t step = 1;   ///< from one to the next

  [[nodiscard]] bool contains(std::size_t index) const noexcept {
    return index >= first && (index - first) % step == 0 && (index - first) / step < count;
  }
};

/// By the name; of a command that is not known the first argument is taken for the key.
[[nodiscard]] KeyPlaces key_places(std::string_view name,
                                   std::span<const std::string_view> arguments) noexcept;

}  // namespace rediscache::proto
