// Adding numbers that somebody else has sent.
#pragma once

#include <cstdint>
#include <limits>

namespace rediscache::base {

/// The sum, or the nearest number that there is.
[[nodiscard]] constexpr std::int64_t saturating_sum(std::int64_t left, std::int64_t right) noexcept {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  if (right > 0 && left > most - right) {
    return most;
  }
  if (right < 0 && left < least - right) {
    return least;
  }
  return left + right;
}

}  // namespace rediscache::base
