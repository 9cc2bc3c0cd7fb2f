// The process's own timer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include <rediscache/timer.hpp>

#include "base/deadline.hpp"
#include "base/fork.hpp"
#include "base/timer_task.hpp"

namespace rediscache::base {

/// Threads that run work at its time. One thread waits for the next work; while others run theirs, one more
/// is started to wait, so that work that takes long delays no other. Threads that are idle for `linger` end,
/// but for one.
///
/// Thread-safe. In the child of a fork nothing is queued, and work given there has threads of its own.
class TimerThread final : public Timer, public ForkAware {
 public:
  static constexpr std::size_t most_threads = 64;

  explicit TimerThread(std::chrono::milliseconds linger = std::chrono::seconds{5});
  /// Waits for work under way; what was still to come is not done.
  ~TimerThread() override;
  /// The same; from now on work is dropped.
  void stop() noexcept;

  void call_at(Clock::time_point when, std::function<void()> work) override;
  /// Queues the task for that time, unless it is queued for an earlier one. False when there is no thread and
  /// none can be started: then the task runs when a later call starts one.
  bool schedule(const std::shared_ptr<TimerTask>& task, Clock::time_point when) noexcept;
  /// Starts a thread for work that is queued when an earlier call could not.
  void catch_up() noexcept;
  /// How many threads there are.
  [[nodiscard]] std::size_t threads() const;

  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_in_parent() noexcept override { mutex_.unlock(); }
  void after_fork_in_child() noexcept override;

 private:
  using Queue = TimerTask::Queue;
  using Threads = std::list<std::unique_ptr<std::thread>>;

  void run(Threads::iterator self) noexcept;
  // The caller holds the lock.
  void queue(const std::shared_ptr<TimerTask>& task, Clock::time_point when) noexcept;
  /// Takes it out of the queue; it can be queued again at once.
  std::shared_ptr<TimerTask> take(Queue::iterator place) noexcept;
  void start_thread();
  /// Has a thread wait for the next work, if the system has one.
  void watch() noexcept;

  const std::chrono::milliseconds linger_;
  mutable std::mutex mutex_;
  std::unique_ptr<std::condition_variable> changed_ = std::make_unique<std::condition_variable>();
  Queue queue_;
  Threads threads_;
  std::unique_ptr<std::thread> ended_;  // the last that ended, to be joined
  std::size_t waiting_ = 0;             // threads that run no work
  bool is_over_ = false;
};

/// The timer of this process, which is never destroyed; over when the process exits. Work it is given after
/// that is dropped.
[[nodiscard]] std::shared_ptr<TimerThread> process_timer();

}  // namespace rediscache::base
