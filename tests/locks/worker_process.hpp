// A process of the torture, with its threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>

namespace rediscache::test {

/// Started by fork and exec of this very program, so that nothing of its parent lives in it. It dies with its
/// parent, and with this object.
class WorkerProcess {
 public:
  WorkerProcess() = default;
  explicit WorkerProcess(const std::vector<std::string>& arguments);
  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&& other) noexcept;
  ~WorkerProcess() { kill(); }

  void kill() noexcept;
  void stop();
  void resume();
  [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }
  /// Since when it has been running without a break.
  [[nodiscard]] std::chrono::steady_clock::time_point running_since() const noexcept { return since_; }
  /// Whether it has ended by itself; then its wait status is known.
  [[nodiscard]] bool has_ended();
  [[nodiscard]] int wait_status() const noexcept { return status_; }

 private:
  pid_t id_ = -1;
  bool stopped_ = false;
  int status_ = 0;
  std::chrono::steady_clock::time_point since_{};
};

}  // namespace rediscache::test
