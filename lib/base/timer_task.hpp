// Work that a TimerThread is given again and again.
#pragma once

#include <map>
#include <memory>

#include "base/deadline.hpp"

namespace rediscache::base {

/// All memory that scheduling takes is allocated with the task: work that must not be lost is prepared first.
class TimerTask {
 public:
  TimerTask();
  TimerTask(const TimerTask&) = delete;
  TimerTask& operator=(const TimerTask&) = delete;
  virtual ~TimerTask() = default;

  /// Called on a thread of the timer, on two at once when it is scheduled again while it runs.
  virtual void run() noexcept = 0;

 private:
  friend class TimerThread;
  using Queue = std::multimap<Clock::time_point, std::shared_ptr<TimerTask>>;

  [[nodiscard]] bool is_queued() const noexcept { return node_.empty(); }

  Queue::node_type node_;    // empty while the task is queued
  Queue::iterator place_{};  // valid while it is
};

}  // namespace rediscache::base
