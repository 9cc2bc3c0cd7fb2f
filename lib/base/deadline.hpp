// A point in time until which something may take.
#pragma once

#include <algorithm>
#include <chrono>

namespace rediscache::base {

using Clock = std::chrono::steady_clock;

class Deadline {
 public:
  explicit constexpr Deadline(Clock::time_point at) noexcept : at_{at} {}
  [[nodiscard]] static Deadline in(Clock::duration time) noexcept { return Deadline{Clock::now() + time}; }

  [[nodiscard]] constexpr Clock::time_point at() const noexcept { return at_; }
  [[nodiscard]] Clock::duration remaining() const noexcept { return at_ - Clock::now(); }
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
