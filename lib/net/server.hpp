// All connections to one server.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/subscriber.hpp>

#include "base/deadline.hpp"
#include "base/fork.hpp"
#include "net/crowd.hpp"
#include "net/gate.hpp"
#include "net/pool.hpp"
#include "net/shared_connection.hpp"
#include "net/subscriber.hpp"
#include "net/try_time.hpp"

namespace rediscache::net {

/// Sends small calls over few connections that all threads share, and large ones each over a connection of
/// its own, where nobody waits behind them.
///
/// Thread-safe.
class Server final : public base::ForkAware {
 public:
  struct Statistics {
    Gate::Statistics gate{};
    std::uint64_t lost = 0;  ///< connections that broke in use
    std::size_t idle = 0;
    std::size_t in_use = 0;
  };

  explicit Server(ServerSettings settings);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Sends commands and waits for their replies. `must_be_alive`: not over a connection that may have died
  /// unnoticed.
  [[nodiscard]] std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                const TryTime& time, bool must_be_alive) {
    ConnectionOrigin origin;
    return exchange(commands, replies, time, must_be_alive, origin);
  }
  /// `origin` becomes that of the connection.
  [[nodiscard]] std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                const TryTime& time, bool must_be_alive,
                                                ConnectionOrigin& origin);
  /// The same over a new connection, for a call whose turn it is to find out whether that leads to the right
  /// server (failover_monitor.hpp). All calls follow if it does.
  [[nodiscard]] std::optional<Failure> attempt(const Commands& commands, std::span<Reply> replies,
                                               const TryTime& time);
  [[nodiscard]] FailoverMonitor& failover() noexcept { return gate_.failover(); }
  /// The same over a new connection that nobody else uses: for a call under which another one has ended.
  [[nodiscard]] std::optional<Failure> exchange_alone(const Commands& commands, std::span<Reply> replies,
                                                      const TryTime& time, ConnectionOrigin& origin);

  // What exchange() consists of, for who talks to several servers at once (flight.hpp).

  /// Whether a call may go to the server; a failure when not. After `probe` it must lend() or give_up().
  [[nodiscard]] base::Result<Gate::Verdict> ask();
  void give_up() noexcept { gate_.give_up(); }
  /// A connection of one's own, if one is at hand.
  [[nodiscard]] std::optional<Pool::Lease> lend_idle(bool must_be_alive) {
    return pool_.acquire_idle(must_be_alive);
  }
  [[nodiscard]] base::Result<Pool::Lease> lend(Gate::Verdict verdict, base::Deadline deadline,
                                               bool must_be_alive, bool must_be_new = false) {
    return pool_.acquire(verdict, deadline, must_be_alive, must_be_new);
  }

  /// Receives the server's messages; made on first use, but for the one that is for the caller alone.
  [[nodiscard]] std::shared_ptr<Subscriber> subscriber(SubscriberUse use);
  /// What those have done that are made once.
  [[nodiscard]] std::vector<SubscriberStatistics> subscriber_statistics() const;

  /// Closes all idle connections.
  void close_idle();

  [[nodiscard]] const Gate& gate() const noexcept { return gate_; }
  [[nodiscard]] Gate& gate() noexcept { return gate_; }
  [[nodiscard]] Statistics statistics() const;

  void before_fork() noexcept override {}
  void after_fork_in_parent() noexcept override {}
  void after_fork_in_child() noexcept override;

 private:
  [[nodiscard]] bool may_share(const Commands& commands) const noexcept;
  [[nodiscard]] SharedConnection& choose() noexcept;
  [[nodiscard]] std::optional<Failure> refuse_replica(Connection& fresh, const TryTime& time);

  Gate gate_;
  Pool pool_;
  Crowd crowd_;  // on the shared connections
  std::vector<std::unique_ptr<SharedConnection>> shared_;
  std::array<std::atomic<const std::shared_ptr<Subscriber>*>, 2> subscribers_{};  // owned; null until needed
};

}  // namespace rediscache::net
