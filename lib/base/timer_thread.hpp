// The process's own timer.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include <rediscache/timer.hpp>

#include "base/deadline.hpp"
#include "base/fork.hpp"

namespace rediscache::base {

/// One thread, started with the first work, that does it all in turn. In the child of a fork nothing is left
/// to do, and work given there has a thread of its own.
class TimerThread final : public Timer, public ForkAware {
 public:
  TimerThread();
  /// Waits for work under way; what was still to come is not done.
  ~TimerThread() override;
  /// The same; from now on work is dropped.
  void stop() noexcept;

  void call_at(Clock::time_point when, std::function<void()> work) override;

  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_in_parent() noexcept override { mutex_.unlock(); }
  void after_fork_in_child() noexcept override;

 private:
  void run();

  std::mutex mutex_;
  std::unique_ptr<std::condition_variable> changed_ = std::make_unique<std::condition_variable>();
  std::multimap<Clock::time_point, std::function<void()>> work_;
  std::unique_ptr<std::thread> thread_;
  bool is_over_ = false;
};

/// The timer of this process; over when the process exits. Work it is given after that is dropped.
[[nodiscard]] std::shared_ptr<Timer> process_timer();

}  // namespace rediscache::base
