// Connections to one server, for many threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/deadline.hpp"
#include "base/fork.hpp"
#include "base/result.hpp"
#include "net/connection.hpp"
#include "net/endpoint.hpp"
#include "net/gate.hpp"

namespace rediscache::net {

/// What a pool has done so far.
struct PoolStatistics {
  std::uint64_t lost = 0;  ///< broken while on loan
  std::size_t idle = 0;
  std::size_t lent = 0;
};

/// Lends connections, at most `max_connections` of them at a time. The one given back last is lent first, so
/// that a pool which grew under load shrinks again: what was idle too long is closed on the way.
///
/// Calls nothing of the gate while it holds its lock: a fork takes the gate's lock first.
///
/// Thread-safe. After fork() the child finds the pool empty; the parent's connections stay the parent's.
class Pool final : public base::ForkAware {
 public:
  /// A connection on loan. Gives it back when destroyed, or closes it when it is not reusable.
  class Lease {
   public:
    Lease(Pool& pool, Connection& connection, bool needs_check) noexcept
        : pool_{&pool}, connection_{&connection}, needs_check_{needs_check} {}
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    Connection* operator->() const noexcept { return connection_; }
    /// It was unused for so long that the way to the server may be gone.
    [[nodiscard]] bool needs_check() const noexcept { return needs_check_; }

   private:
    Pool* pool_;
    Connection* connection_;
    bool needs_check_;
  };

  explicit Pool(Gate& gate);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// A connection: idle, new, or the next one given back, for which it waits `pool_timeout` at most. One that
  /// died while idle is replaced silently; `must_be_alive` has this checked even if it was in use a moment
  /// ago. Of several that were idle for `health_check_interval` one is checked; when that does not answer,
  /// all of them are closed. `verdict` is what the gate said: a probe gets a new connection, if need be in
  /// the place of an idle one.
  [[nodiscard]] base::Result<Lease> acquire(Gate::Verdict verdict, base::Deadline deadline,
                                            bool must_be_alive, bool must_be_new = false);

  /// The same, but only when there is an idle one that can be used at once.
  [[nodiscard]] std::optional<Lease> acquire_idle(bool must_be_alive);

  /// Closes all idle connections.
  void close_idle() noexcept;

  [[nodiscard]] PoolStatistics statistics() const;

  void before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override;

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    base::Clock::time_point since;
  };

  /// Which idle connections a call takes.
  enum class Choice : std::uint8_t {
    any,    ///< also one to be checked before it is used
    fresh,  ///< only one used within `health_check_interval`; the others are closed
    none,   ///< a new one is needed
  };

  [[nodiscard]] base::Result<Lease> find_or_open(Choice choice, Gate::Verdict verdict,
                                                 base::Deadline deadline, bool must_be_alive);
  [[nodiscard]] std::optional<Idle> take_idle(Choice choice, bool must_be_alive, std::vector<Idle>& dead);
  [[nodiscard]] Lease lend(Idle idle) noexcept;
  [[nodiscard]] bool is_stale(const Idle& idle) const noexcept;
  void drop(std::size_t which, std::vector<Idle>& dead);
  void count_one_more();
  [[nodiscard]] Failure all_in_use() const;
  [[nodiscard]] base::Result<Lease> open(Gate::Verdict verdict, base::Deadline deadline);
  void give_back(Connection* connection) noexcept;
  void one_less() noexcept;

  const ServerSettings& settings() const noexcept { return gate_.settings(); }

  Gate& gate_;
  mutable std::mutex mutex_;
  std::unique_ptr<std::condition_variable> place_free_ = std::make_unique<std::condition_variable>();
  std::vector<Idle> idle_;         // the longest idle first; has room for all that are open
  std::vector<Connection*> lent_;  // has room for all that are open
  std::size_t open_ = 0;           // idle, lent and being opened
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace rediscache::net
