// Finds out when calls go to the wrong server, and has one of them look for the right one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/error.hpp>

#include "base/deadline.hpp"
#include "base/fork.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "net/address_ranking.hpp"
#include "proto/failover_state.hpp"

namespace rediscache::net {

/// Where a connection leads, as far as failing over is concerned.
struct ConnectionOrigin {
  proto::FailoverState::Generation generation = 0;
  AddressRanking::Id address = AddressRanking::unknown;
};

/// FailoverState for many threads, with the clock, the addresses, and the log line for the operator.
/// Thread-safe.
class FailoverMonitor final : public base::ForkAware {
 public:
  using Turn = proto::FailoverState::Turn;
  using Generation = proto::FailoverState::Generation;

  /// `server` is how messages name it.
  FailoverMonitor(std::string server, base::Logger logger);
  FailoverMonitor(const FailoverMonitor&) = delete;
  FailoverMonitor& operator=(const FailoverMonitor&) = delete;
  ~FailoverMonitor();

  /// Calls that change something have to wait_for_turn().
  [[nodiscard]] bool suspect() const noexcept { return suspect_.load(std::memory_order_relaxed); }
  /// Whether a connection of that generation takes calls.
  [[nodiscard]] bool usable(Generation generation) const noexcept {
    return generation >= oldest_usable_.load(std::memory_order_relaxed);
  }
  /// The last refusal was that of a replica to write: only a primary is the right server.
  [[nodiscard]] bool wants_primary() const;
  /// Of a connection that is opened from now on.
  [[nodiscard]] Generation generation() const noexcept { return generation_.load(std::memory_order_relaxed); }
  [[nodiscard]] ConnectionOrigin origin_of(Generation generation, const SocketAddress& peer) noexcept;
  /// Puts the addresses last whose servers were the wrong ones.
  void sort(std::vector<SocketAddress>& addresses) const;

  /// Waits until a call that needs the right server may go on: `usual` or `attempt`. A failure, which is that
  /// of the last refusal, when that cannot be before the deadline.
  [[nodiscard]] base::Result<Turn> wait_for_turn(base::Deadline deadline);

  /// A reply that came over a connection of that origin said that this is the wrong server.
  void refused(const ConnectionOrigin& origin, std::string_view why) noexcept;
  // How an attempt ended.
  void accepted(const ConnectionOrigin& origin) noexcept;
  void refused_again(const ConnectionOrigin& origin, std::string_view why) noexcept;
  void undecided() noexcept;

  void before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override;

 private:
  using Lock = std::unique_lock<std::mutex>;

  void publish() noexcept;
  void note_reason(std::string_view why) noexcept;
  [[nodiscard]] Failure in_vain(base::Clock::time_point now) const;
  void report_if_due(Lock& lock);

  const std::string server_;
  const base::Logger logger_;
  mutable std::mutex mutex_;
  std::unique_ptr<std::condition_variable> changed_ = std::make_unique<std::condition_variable>();
  proto::FailoverState state_;
  AddressRanking ranking_;
  std::string reason_;  // the last refusal
  // Copies of what is in state_, for those who only look.
  std::atomic<bool> suspect_{false};
  std::atomic<Generation> generation_{0};
  std::atomic<Generation> oldest_usable_{0};
};

}  // namespace rediscache::net
