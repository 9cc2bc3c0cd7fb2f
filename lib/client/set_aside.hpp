// Leaving out a server that failed, and coming back to it.
#pragma once

#include <atomic>
#include <chrono>

#include "base/deadline.hpp"

namespace rediscache::client {

/// Whether a server that failed is to be asked again. After the pause one caller finds out; the others stay
/// away until it has. Thread-safe, without a lock.
class SetAside {
 public:
  using Time = base::Clock::time_point;

  explicit SetAside(std::chrono::milliseconds pause) noexcept : pause_{pause} {}

  /// Whether the caller may go there. It tells what became of it: failed() or answered().
  [[nodiscard]] bool may_try(Time now) noexcept {
    Time until = until_.load(std::memory_order_relaxed);
    if (until == Time{}) {
      return true;
    }
    return now >= until && until_.compare_exchange_strong(until, now + pause_, std::memory_order_relaxed);
  }
  void failed(Time now) noexcept { until_.store(now + pause_, std::memory_order_relaxed); }
  void answered() noexcept {
    if (active()) {  // so that the line is not written to by every call
      until_.store(Time{}, std::memory_order_relaxed);
    }
  }
  [[nodiscard]] bool active() const noexcept { return until_.load(std::memory_order_relaxed) != Time{}; }

 private:
  const std::chrono::milliseconds pause_;
  std::atomic<Time> until_{Time{}};
};

}  // namespace rediscache::client
