// A thread that works in the background.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include <sys/types.h>

namespace rediscache::base {

/// Gets no signals, which are the program's. In the child of a fork, where it does not exist, nobody waits
/// for it.
class Thread {
 public:
  Thread() noexcept = default;
  /// `work` must not throw. Throws std::system_error when the system has no more threads.
  explicit Thread(std::function<void()> work);
  Thread(Thread&& other) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  /// Waits for its end.
  ~Thread() { join(); }

  /// Waits for its end, unless this is called by itself: then it goes on alone.
  void join() noexcept;

 private:
  std::unique_ptr<std::thread> thread_;
  pid_t owner_ = 0;
};

}  // namespace rediscache::base
