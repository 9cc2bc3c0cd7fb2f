#include "net/pool.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace rediscache::net {

Pool::Lease::Lease(Lease&& other) noexcept
    : pool_{other.pool_},
      connection_{std::exchange(other.connection_, nullptr)},
      needs_check_{other.needs_check_} {}

Pool::Lease::~Lease() {
  if (connection_ != nullptr) {
    pool_->give_back(connection_);
  }
}

Pool::Pool(Gate& gate) : gate_{gate} {
  // Giving back must not need memory.
  idle_.reserve(settings().max_connections);
  lent_.reserve(settings().max_connections);
  join();
}

Pool::~Pool() {
  leave();
}

base::Result<Pool::Lease> Pool::acquire(Gate::Verdict verdict, base::Deadline deadline, bool must_be_alive) {
  try {
    while (true) {
      auto lease = acquire_unchecked(verdict, deadline, must_be_alive);
      if (!lease || !lease.value().needs_check() || healthy(*lease.value().operator->(), deadline)) {
        return lease;
      }
    }
  } catch (...) {
    if (verdict == Gate::Verdict::probe) {
      gate_.give_up();
    }
    throw;
  }
}

base::Result<Pool::Lease> Pool::acquire_unchecked(Gate::Verdict verdict, base::Deadline deadline,
                                                  bool must_be_alive) {
  std::vector<Idle> dead;  // destroyed, and so closed, after the lock is let go
  {
    std::unique_lock lock{mutex_};
    std::optional<base::Deadline> until;
    while (true) {
      if (verdict == Gate::Verdict::pass) {
        if (auto idle = take_idle(must_be_alive, dead)) {
          lent_.push_back(idle->connection.get());
          const bool rested = idle->since + settings().health_check_interval <= base::coarse_now();
          return Lease{*this, *idle->connection.release(),
                       rested && settings().health_check_interval.count() > 0};
        }
      }
      if (open_ < settings().max_connections) {
        ++open_;
        break;
      }
      if (!until) {
        until = deadline.earlier(base::Deadline::in(settings().pool_timeout));
      } else if (until->passed()) {
        if (verdict == Gate::Verdict::probe) {
          gate_.give_up();
        }
        return all_in_use();
      }
      place_free_->wait_until(lock, until->at());
    }
  }
  return open(verdict, deadline);
}

std::optional<Pool::Lease> Pool::acquire_idle(bool must_be_alive) {
  std::vector<Idle> dead;  // destroyed, and so closed, after the lock is let go
  const std::scoped_lock lock{mutex_};
  const auto interval = settings().health_check_interval;
  if (idle_.empty() || (interval.count() > 0 && idle_.back().since + interval <= base::coarse_now())) {
    return std::nullopt;  // trying it out would take a round trip
  }
  auto idle = take_idle(must_be_alive, dead);
  if (!idle) {
    return std::nullopt;
  }
  lent_.push_back(idle->connection.get());
  return Lease{*this, *idle->connection.release(), false};
}

/// Takes the connection that was given back last, if any is fit for use. The lock is held.
std::optional<Pool::Idle> Pool::take_idle(bool must_be_alive, std::vector<Idle>& dead) {
  while (!idle_.empty()) {
    Idle last = std::move(idle_.back());
    idle_.pop_back();
    const auto idle_for = base::coarse_now() - last.since;
    const bool in_use_just_now = idle_for < surely_alive && !must_be_alive;
    if (in_use_just_now || (idle_for < settings().max_idle_time && last.connection->alive())) {
      return last;
    }
    --open_;
    dead.push_back(std::move(last));
  }
  return std::nullopt;
}

/// Whether the server still answers over a connection that was unused for long: a firewall on the way forgets
/// connections without a word to either end.
bool Pool::healthy(Connection& connection, base::Deadline deadline) {
  Commands ping;
  ping.begin("PING", CommandKind::read, 0);
  Reply reply;
  const auto until = deadline.earlier(base::Deadline::in(settings().connect_timeout));
  return !connection.exchange(ping, {&reply, 1}, until);
}

/// Opens a connection in the place that was counted for it.
base::Result<Pool::Lease> Pool::open(Gate::Verdict verdict, base::Deadline deadline) {
  try {
    auto connection = gate_.connect(deadline, verdict);
    if (!connection) {
      one_less();
      return std::move(connection.failure());
    }
    const std::scoped_lock lock{mutex_};
    lent_.push_back(connection.value().get());
    connection.value()->settle();
    return Lease{*this, *connection.value().release(), false};
  } catch (...) {
    one_less();
    throw;
  }
}

Failure Pool::all_in_use() const {
  return {.code = ErrorCode::timeout,
          .message = "no free connection: all " + std::to_string(settings().max_connections) +
                     " are in use, and none was given back within pool_timeout (" +
                     std::to_string(settings().pool_timeout.count()) +
                     " ms). Raise Options::max_connections, or see what keeps the server busy.",
          .server = settings().endpoint.name(),
          .command = {}};
}

void Pool::give_back(Connection* connection) noexcept {
  std::unique_ptr<Connection> owned{connection};
  std::unique_ptr<Connection> too_long_idle;
  const bool reusable = owned->reusable();
  // Before the place is free: whoever waits for it must know.
  if (reusable) {
    gate_.answered();
  } else if (owned->server_failed()) {
    gate_.failed(*owned->server_failed());
  } else {
    gate_.doubt();
  }
  {
    const std::scoped_lock lock{mutex_};
    const auto found = std::find(lent_.rbegin(), lent_.rend(), connection);
    if (found == lent_.rend()) {
      // Lent before a fork, given back after it in the child: it is the parent's, only our copy goes.
      return;
    }
    *found = lent_.back();
    lent_.pop_back();
    if (reusable) {
      const auto now = base::coarse_now();
      idle_.push_back({std::move(owned), now});
      if (now - idle_.front().since >=
          settings().max_idle_time) {  // one at a time: this is on the way of a call
        too_long_idle = std::move(idle_.front().connection);
        idle_.erase(idle_.begin());
        --open_;
      }
    } else {
      --open_;
      lost_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  place_free_->notify_one();
}

void Pool::one_less() noexcept {
  {
    const std::scoped_lock lock{mutex_};
    --open_;
  }
  place_free_->notify_one();
}

void Pool::close_idle() noexcept {
  while (true) {
    std::unique_ptr<Connection> closing;  // after the lock is let go
    const std::scoped_lock lock{mutex_};
    if (idle_.empty()) {
      return;
    }
    closing = std::move(idle_.back().connection);
    idle_.pop_back();
    --open_;
  }
}

PoolStatistics Pool::statistics() const {
  const std::scoped_lock lock{mutex_};
  return {.lost = lost_.load(std::memory_order_relaxed), .idle = idle_.size(), .lent = lent_.size()};
}

void Pool::before_fork() noexcept {
  mutex_.lock();
}

void Pool::after_fork_in_parent() noexcept {
  mutex_.unlock();
}

void Pool::after_fork_in_child() noexcept {
  // The threads that had these on loan do not exist here, nor those that waited for a place: what they held
  // may be half changed and is left alone, but for the descriptors.
  for (Connection* const connection : lent_) {
    connection->disown();
  }
  lent_.clear();
  idle_.clear();
  open_ = 0;
  static_cast<void>(place_free_.release());
  place_free_ = std::make_unique<std::condition_variable>();
  mutex_.unlock();
}

}  // namespace rediscache::net
