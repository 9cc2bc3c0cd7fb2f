// A point in time until which something may take.
#pragma once

#include <algorithm>
#include <chrono>

#include <time.h>

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
  [[nodiscard]] static Deadline in(Clock::duration time) noexcept { return Deadline{Clock::now() + time}; }

  [[nodiscard]] constexpr Clock::time_point at() const noexcept { return at_; }
  [[nodiscard]] Clock::duration remaining() const noexcept { return at_ - Clock::now(); }
  /// True when at least `time` is left; may say no when it is only just so.
  [[nodiscard]] bool leaves(Clock::duration time) const noexcept {
    return at_ - coarse_now() >= time + coarse_lag;
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
