// When what is held is to be renewed.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/deadline.hpp"

namespace rediscache::cache {

/// The next renewal of something valid until then: when a third of its life has passed, of a life that was
/// extended when two thirds of the usual one are left.
[[nodiscard]] inline base::Clock::time_point next_renewal(base::Clock::time_point now,
                                                          base::Clock::time_point valid_until,
                                                          std::chrono::milliseconds timeout) noexcept {
  const auto life = valid_until - now;
  return life > timeout ? valid_until - base::Clock::duration{timeout} * 2 / 3 : now + life / 3;
}

/// The next try after one that failed, `random` in [0, 1): soon, for time is running out, and not later than
/// its end.
[[nodiscard]] inline base::Clock::time_point next_try(base::Clock::time_point now,
                                                      base::Clock::time_point valid_until,
                                                      std::chrono::milliseconds timeout,
                                                      double random) noexcept {
  using std::chrono::milliseconds;
  const auto pause = std::clamp(timeout / 20, milliseconds{20}, milliseconds{1000});
  const auto wait = std::chrono::duration_cast<base::Clock::duration>(pause * (0.5 + random));
  return std::min(valid_until, now + wait);
}

/// How long a renewal may take: others wait behind it, and it may want another try.
[[nodiscard]] inline std::chrono::milliseconds renewal_time(std::chrono::milliseconds shortest) noexcept {
  using std::chrono::milliseconds;
  return std::clamp(shortest / 6, milliseconds{50}, milliseconds{1000});
}

/// How much earlier than necessary something is renewed when others are due.
[[nodiscard]] inline std::chrono::milliseconds renewal_slack(std::chrono::milliseconds timeout) noexcept {
  return timeout / 12;
}

}  // namespace rediscache::cache
