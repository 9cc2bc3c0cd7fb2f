// The way to one server: whether it may be taken, and new connections along it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <rediscache/error.hpp>

#include "base/deadline.hpp"
#include "base/fork.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "net/connection.hpp"
#include "net/endpoint.hpp"
#include "net/failover_monitor.hpp"
#include "proto/breaker.hpp"

namespace rediscache::net {

/// Opens the connections to a server and judges by them, and by what calls report, whether it is there. While
/// it is not, calls are turned away. As long as nobody knows, one connection is attempted at a time, and
/// whoever else wanted one shares what becomes of it: a server that is down is not asked by every thread.
///
/// Its lock is the last that is taken, but for those of sockets. Thread-safe.
class Gate final : public base::ForkAware {
 public:
  using Verdict = proto::Breaker::Verdict;

  struct Statistics {
    std::uint64_t opened = 0;   ///< connections
    std::uint64_t failed = 0;   ///< attempts to open one
    std::uint64_t refused = 0;  ///< calls turned away
    std::uint64_t breaker_opened = 0;
    BreakerState breaker = BreakerState::closed;
  };

  explicit Gate(ServerSettings settings);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  /// Whether a call that begins now may go to the server; a failure when not. After `probe` it must
  /// connect().
  [[nodiscard]] base::Result<Verdict> ask();

  /// A new connection, within `connect_timeout`, for a call that was told `verdict`. Every probe must get
  /// here or to give_up(). A call that may pass is turned away after all when others have opened the breaker
  /// since it asked: however late it is, the server is not tried again for it.
  [[nodiscard]] base::Result<std::unique_ptr<Connection>> connect(base::Deadline deadline, Verdict verdict);
  /// The probe will not connect after all.
  void give_up() noexcept;

  /// A call was answered.
  void answered() noexcept {
    if (!smooth_.load(std::memory_order_relaxed)) {
      note_answer();
    }
  }
  /// A call was not, and why.
  void failed(const Failure& failure) noexcept;
  /// A call gave up waiting, which it began at `since`. A caller's own short deadline says nothing about the
  /// server, so this is a failure only once nobody has been answered for `silence_that_counts`, over however
  /// many calls.
  void unanswered(const Failure& failure, base::Clock::time_point since) noexcept;
  /// Such a call has ended with this failure, in which its own times are by now: counted, and what later
  /// calls are told of the last time.
  void call_failed(const Failure& failure) noexcept;
  /// Whether there are lines for the log: a thread that holds no lock writes them.
  [[nodiscard]] bool has_log() const noexcept { return has_log_.load(std::memory_order_relaxed); }
  void write_log() noexcept;
  /// A connection broke that had worked: the server may be gone, or only that connection.
  void doubt() noexcept;
  /// Which of these it was for a call that went over this connection.
  void used(const Connection& connection) noexcept;

  /// Whether the server is the one to ask.
  [[nodiscard]] FailoverMonitor& failover() noexcept { return failover_; }
  [[nodiscard]] const FailoverMonitor& failover() const noexcept { return failover_; }
  [[nodiscard]] const ServerSettings& settings() const noexcept { return settings_; }
  /// Half of what a call may take where nobody shortens it: a try gets as much.
  [[nodiscard]] base::Clock::duration silence_that_counts() const noexcept;
  [[nodiscard]] Statistics statistics() const;
  /// "breaker closed", "breaker open after 3 failures", for messages.
  [[nodiscard]] std::string breaker_text() const;

  void before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override;

 private:
  using Lock = std::unique_lock<std::mutex>;

  /// From the first failure in a row until the next answer.
  struct Outage {
    base::Clock::time_point began;
    std::chrono::system_clock::time_point shown;  // when that was
    std::uint64_t failed_before = 0;
    bool is_logged = false;
  };
  struct Line {
    LogLevel level;
    std::string text;
  };

  [[nodiscard]] Failure refuse();
  void note_outage(bool opened, const Failure& failure);
  void note_end_of_outage() noexcept;
  [[nodiscard]] std::optional<Failure> wait_for_turn(Lock& lock, base::Deadline deadline);
  [[nodiscard]] base::Result<std::unique_ptr<Connection>> attempt(base::Deadline deadline);
  void note_answer() noexcept;
  void note_failure(const Failure& failure) noexcept;
  [[nodiscard]] bool is_long_silence(base::Clock::time_point since) noexcept;
  void settle() noexcept;

  const ServerSettings settings_;
  FailoverMonitor failover_{settings_.endpoint.name(), settings_.logger};
  mutable std::mutex mutex_;
  std::unique_ptr<std::condition_variable> connecting_changed_ = std::make_unique<std::condition_variable>();
  proto::Breaker breaker_;
  bool proven_ = false;  // the last that was heard of the server was good
  // Calls in a row that gave up: when the first began to wait, and when the last gave up. None: the beginning
  // of time.
  base::Clock::time_point silent_since_{};
  base::Clock::time_point silent_until_{};
  int connecting_ = 0;
  std::uint64_t failed_attempts_ = 0;
  Failure last_failure_;
  std::string last_told_;  // its message, with the times of the call that it was
  base::Clock::time_point last_failed_;
  std::optional<Outage> outage_;
  std::vector<Line> to_log_;
  std::uint64_t failed_calls_ = 0;
  std::uint64_t opened_ = 0;
  std::uint64_t breaker_opened_ = 0;
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> has_log_{false};
  std::atomic<bool> smooth_{false};  // proven, closed, without failures or silence: nothing to ask or to note
};

}  // namespace rediscache::net
