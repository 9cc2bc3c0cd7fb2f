// A clock that tests set.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include <rediscache/locmem_cache.hpp>

namespace rediscache::test {

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

  std::shared_ptr<std::atomic<std::int64_t>> now_ =
      std::make_shared<std::atomic<std::int64_t>>(1'000'000'000);
};

}  // namespace rediscache::test
