// Arithmetic with times that does not overflow: what is beyond the clock becomes its last, or first, time.
#pragma once

#include <algorithm>
#include <chrono>

#include <rediscache/milliseconds.hpp>

namespace rediscache::base {

using detail::saturating_ceil;

/// No time that anything waits for is longer; every duration of the options is limited to it. It leaves room
/// for sums: neither a clock that has run for years nor a doubling reaches the end of std::chrono's 64 bits.
inline constexpr std::chrono::milliseconds longest_time = std::chrono::hours{24 * 365 * 100};

/// `time`, or longest_time when that is less.
[[nodiscard]] constexpr std::chrono::milliseconds limited(std::chrono::milliseconds time) noexcept {
  return std::min(time, longest_time);
}

/// `time` after `from`, in the unit of `from`.
template <class Clock, class Duration, class Rep, class Period>
[[nodiscard]] constexpr std::chrono::time_point<Clock, Duration> saturating_add(
    std::chrono::time_point<Clock, Duration> from, std::chrono::duration<Rep, Period> time) noexcept {
  typename Duration::rep sum = 0;
  const auto added = saturating_ceil<Duration>(time);
  if (__builtin_add_overflow(from.time_since_epoch().count(), added.count(), &sum)) {
    using Point = std::chrono::time_point<Clock, Duration>;
    return added > Duration::zero() ? Point::max() : Point::min();
  }
  return std::chrono::time_point<Clock, Duration>{Duration{sum}};
}
template <class Rep, class Period>
[[nodiscard]] constexpr std::chrono::duration<Rep, Period> saturating_add(
    std::chrono::duration<Rep, Period> time, std::chrono::duration<Rep, Period> other) noexcept {
  Rep sum = 0;
  if (__builtin_add_overflow(time.count(), other.count(), &sum)) {
    using Time = std::chrono::duration<Rep, Period>;
    return other > Time::zero() ? Time::max() : Time::min();
  }
  return std::chrono::duration<Rep, Period>{sum};
}

/// `first`, doubled so many times (16 at most), but no more than `longest`: the next pause of a backoff.
[[nodiscard]] constexpr std::chrono::milliseconds doubled(std::chrono::milliseconds first, int times,
                                                          std::chrono::milliseconds longest) noexcept {
  const int shift = std::clamp(times, 0, 16);
  return first > longest / (1 << shift) ? longest : first * (1 << shift);
}

/// What lies between two points in time.
template <class Clock, class Duration>
[[nodiscard]] constexpr Duration saturating_subtract(
    std::chrono::time_point<Clock, Duration> later,
    std::chrono::time_point<Clock, Duration> earlier) noexcept {
  typename Duration::rep difference = 0;
  if (__builtin_sub_overflow(later.time_since_epoch().count(), earlier.time_since_epoch().count(),
                             &difference)) {
    return later > earlier ? Duration::max() : Duration::min();
  }
  return Duration{difference};
}

}  // namespace rediscache::base
