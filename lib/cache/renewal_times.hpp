// When what is held is to be renewed.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/deadline.hpp"

namespace rediscache::cache {

/// The next renewal of something valid until then: when a third of its life has passed, of a life that was
/// extended when two thirds of the usual one are left. Earlier where answers take long, so that four of them
/// fit into what is left.
[[nodiscard]] inline base::Clock::time_point next_renewal(base::Clock::time_point now,
                                                          base::Clock::time_point valid_until,
                                                          std::chrono::milliseconds timeout,
                                                          base::Clock::duration answer_time) noexcept {
  const auto life = valid_until - now;
  if (life > timeout) {
    return valid_until - base::Clock::duration{timeout} * 2 / 3;
  }
  return now + std::max(std::min(life - 4 * answer_time, life / 3), base::Clock::duration{0});
}

/// The next try after one that failed, `random` in [0, 1): soon, for time is running out. At most a third of
/// what is left passes, so that there is time for a try, and it is not later than the end.
[[nodiscard]] inline base::Clock::time_point next_try(base::Clock::time_point now,
                                                      base::Clock::time_point valid_until,
                                                      std::chrono::milliseconds timeout,
                                                      double random) noexcept {
  using std::chrono::milliseconds;
  const auto pause = std::clamp(timeout / 20, milliseconds{20}, milliseconds{1000});
  const auto wait = std::chrono::duration_cast<base::Clock::duration>(pause * (0.5 + random));
  const base::Clock::duration shortest = milliseconds{5};
  return std::min(valid_until, now + std::max(std::min(wait, (valid_until - now) / 3), shortest));
}

/// How long one try may take: half of what is left of the life, so that another one is possible, and no more
/// than a second unless answers take that long. All of it when half is too short for the answers of the
/// server: a second try would come to nothing, and an answer just before the end is good.
[[nodiscard]] inline base::Clock::duration time_of_try(base::Clock::duration left,
                                                       base::Clock::duration answer_time) noexcept {
  using std::chrono::milliseconds;
  const base::Clock::duration enough = 4 * answer_time + milliseconds{20};
  const base::Clock::duration half = left / 2;
  return half < enough ? left : std::min(half, std::max<base::Clock::duration>(milliseconds{1000}, enough));
}

/// How much earlier than necessary something is renewed when others are due.
[[nodiscard]] inline std::chrono::milliseconds renewal_slack(std::chrono::milliseconds timeout) noexcept {
  return timeout / 12;
}

}  // namespace rediscache::cache
