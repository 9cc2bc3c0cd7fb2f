// A point in time until which something may take.
#pragma once

#include <algorithm>
#include <chrono>

#include <time.h>

#include "base/times.hpp"

namespace rediscache::base {

using Clock = std::chrono::steady_clock;

/// The same clock as of its last tick: behind by up to `coarse_lag`, and several times cheaper to read. For
/// decisions about seconds, of which a call has several to make.
[[nodiscard]] inline Clock::time_point coarse_now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return Clock::time_point{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}
inline constexpr std::chrono::milliseconds coarse_lag{20};

class Deadline {
 public:
  explicit constexpr Deadline(Clock::time_point at) noexcept : at_{at} {}
  template <class Rep = Clock::rep, class Period = Clock::period>
  [[nodiscard]] static Deadline in(std::chrono::duration<Rep, Period> time) noexcept {
    return Deadline{saturating_add(Clock::now(), time)};
  }

  [[nodiscard]] constexpr Clock::time_point at() const noexcept { return at_; }
  [[nodiscard]] Clock::duration remaining() const noexcept { return saturating_subtract(at_, Clock::now()); }
  /// True when at least `time` is left; may say no when it is only just so.
  [[nodiscard]] bool leaves(Clock::duration time) const noexcept {
    return saturating_subtract(at_, coarse_now()) >= saturating_add(time, Clock::duration{coarse_lag});
  }
  [[nodiscard]] bool passed() const noexcept { return remaining() <= Clock::duration::zero(); }
  [[nodiscard]] Deadline earlier(Deadline other) const noexcept { return at_ < other.at_ ? *this : other; }

  /// What is left, for poll(): rounded up so that nobody wakes early and spins; 0 once passed.
  [[nodiscard]] int poll_timeout() const noexcept {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(remaining()).count();
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 3'600'000));
  }

 private:
  Clock::time_point at_;
};

}  // namespace rediscache::base
