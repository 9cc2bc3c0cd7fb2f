// Looking at files from time to time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace rediscache::config {

/// A thread that calls a function again and again, until it is destroyed. The function must not throw.
class Watcher {
 public:
  Watcher(std::chrono::milliseconds interval, std::function<void()> look);
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  /// Waits for a call that is on its way.
  ~Watcher();

 private:
  void run();

  std::chrono::milliseconds interval_;
  std::function<void()> look_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace rediscache::config
