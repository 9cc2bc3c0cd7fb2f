// A clock that tests set.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include <rediscache/locmem_cache.hpp>

namespace rediscache::test {

/// Shows the time at which it was made, plus what has passed since by word of the test.
class ClockHand {
 public:
  void pass(std::chrono::milliseconds time) { now_->fetch_add(time.count()); }
  [[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> now() const { return read(*now_); }
  [[nodiscard]] WallClock clock() const {
    return [now = now_] { return read(*now); };
  }

 private:
  [[nodiscard]] static std::chrono::sys_time<std::chrono::milliseconds> read(
      const std::atomic<std::int64_t>& now) {
    return std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{now.load()}};
  }

  std::shared_ptr<std::atomic<std::int64_t>> now_ = std::make_shared<std::atomic<std::int64_t>>(
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())
          .time_since_epoch()
          .count());
};

}  // namespace rediscache::test
