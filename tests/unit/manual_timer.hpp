// A timer whose work is done when the test says so.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include <rediscache/timer.hpp>

namespace rediscache::test {

class ManualTimer final : public Timer {
 public:
  void call_at(std::chrono::steady_clock::time_point when, std::function<void()> work) override {
    const std::scoped_lock lock{mutex_};
    work_.emplace(when, std::move(work));
  }

  /// Does the work that is there now, whenever it is due; how much it was.
  std::size_t run() {
    std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> now;
    {
      const std::scoped_lock lock{mutex_};
      now.swap(work_);
    }
    for (auto& [when, work] : now) {
      work();
    }
    return now.size();
  }
  [[nodiscard]] std::size_t waiting() const {
    const std::scoped_lock lock{mutex_};
    return work_.size();
  }
  [[nodiscard]] std::chrono::steady_clock::time_point next() const {
    const std::scoped_lock lock{mutex_};
    return work_.empty() ? std::chrono::steady_clock::time_point::max() : work_.begin()->first;
  }

 private:
  mutable std::mutex mutex_;
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> work_;
};

}  // namespace rediscache::test
