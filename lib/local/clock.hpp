// When entries are over.
#pragma once

#include <chrono>
#include <utility>

#include <rediscache/locmem_cache.hpp>

#include "base/deadline.hpp"

namespace rediscache::local {

/// A time since no matter when.
using Moment = std::chrono::milliseconds;
inline constexpr Moment forever = Moment::max();

/// The time of one cache: a clock that is never set, unless another one is given.
class Clock {
 public:
  explicit Clock(WallClock given) : given_{std::move(given)} {}

  [[nodiscard]] Moment now() const {
    return given_ ? given_().time_since_epoch() : since_epoch(base::Clock::now());
  }
  /// Whether a moment has come; mostly told by a clock that is cheap to read and a little behind.
  [[nodiscard]] bool reached(Moment moment) const {
    if (moment == forever) {
      return false;
    }
    const bool far_off = !given_ && moment > since_epoch(base::coarse_now()) + base::coarse_lag;
    return !far_off && now() >= moment;
  }
  /// The moment after so much time: forever, if that is beyond what can be said.
  [[nodiscard]] Moment in(std::chrono::milliseconds time) const { return base::saturating_add(now(), time); }
  /// The moment at which the clock of the system shows `time`, as far as one can tell now.
  [[nodiscard]] Moment at(std::chrono::sys_time<std::chrono::milliseconds> time) const {
    if (given_) {
      return time.time_since_epoch();
    }
    const Moment shown = std::chrono::floor<Moment>(std::chrono::system_clock::now().time_since_epoch());
    return in(base::saturating_subtract(time, std::chrono::sys_time<Moment>{shown}));
  }

 private:
  [[nodiscard]] static Moment since_epoch(base::Clock::time_point time) noexcept {
    return std::chrono::floor<Moment>(time.time_since_epoch());
  }

  WallClock given_;
};

}  // namespace rediscache::local
