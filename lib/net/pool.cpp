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
  join();
}

Pool::~Pool() {
  leave();
}

base::Result<Pool::Lease> Pool::acquire(Gate::Verdict verdict, base::Deadline deadline, bool must_be_alive,
                                        bool must_be_new) {
  const Choice choice = verdict == Gate::Verdict::probe || must_be_new ? Choice::none : Choice::any;
  try {
    {
      auto lease = find_or_open(choice, verdict, deadline, must_be_alive);
      if (!lease || !lease.value().needs_check()) {
        return lease;
      }
      // Half of the time is left for a new connection.
      const auto at_most =
          std::min<base::Clock::duration>(settings().connect_timeout, deadline.remaining() / 2);
      if (lease.value()->answers_ping(base::Deadline::in(at_most))) {
        return lease;
      }
    }  // closed here
    return find_or_open(Choice::fresh, verdict, deadline, must_be_alive);
  } catch (...) {
    if (verdict == Gate::Verdict::probe) {
      gate_.give_up();
    }
    throw;
  }
}

base::Result<Pool::Lease> Pool::find_or_open(Choice choice, Gate::Verdict verdict, base::Deadline deadline,
                                             bool must_be_alive) {
  std::vector<Idle> dead;  // destroyed, and so closed, after the lock is let go
  {
    std::unique_lock lock{mutex_};
    std::optional<base::Deadline> until;
    while (true) {
      if (choice != Choice::none) {
        if (auto idle = take_idle(choice, must_be_alive, dead)) {
          return lend(std::move(*idle));
        }
      } else if (open_ >= settings().max_connections && !idle_.empty()) {
        drop(0, dead);
      }
      if (open_ < settings().max_connections) {
        count_one_more();
        break;
      }
      if (!until) {
        until = deadline.earlier(base::Deadline::in(settings().pool_timeout));
      } else if (until->passed()) {
        lock.unlock();
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
  auto idle = take_idle(Choice::any, must_be_alive, dead);
  if (!idle) {
    return std::nullopt;
  }
  if (is_stale(*idle)) {  // checking it would take a round trip
    idle_.push_back(std::move(*idle));
    return std::nullopt;
  }
  return lend(std::move(*idle));
}

/// Takes the connection that was given back last, if any is fit for use. The lock is held.
std::optional<Pool::Idle> Pool::take_idle(Choice choice, bool must_be_alive, std::vector<Idle>& dead) {
  while (!idle_.empty()) {
    Idle& last = idle_.back();
    const auto idle_for = base::coarse_now() - last.since;
    const bool in_use_just_now = idle_for < surely_alive && !must_be_alive;
    const bool is_wanted = (choice == Choice::any || !is_stale(last)) &&
                           gate_.failover().usable(last.connection->origin().generation);
    if (is_wanted && (in_use_just_now || (idle_for < settings().max_idle_time && last.connection->alive()))) {
      Idle taken = std::move(last);
      idle_.pop_back();
      return taken;
    }
    drop(idle_.size() - 1, dead);
  }
  return std::nullopt;
}

/// The lock is held. Needs no memory: there is room for all that are open.
Pool::Lease Pool::lend(Idle idle) noexcept {
  lent_.push_back(idle.connection.get());
  const bool needs_check = is_stale(idle);
  return Lease{*this, *idle.connection.release(), needs_check};
}

/// Whether it was unused for so long that a firewall on the way may have forgotten it without a word to
/// either end.
bool Pool::is_stale(const Idle& idle) const noexcept {
  const auto interval = settings().health_check_interval;
  return interval.count() > 0 && base::coarse_now() - idle.since >= interval;
}

/// Gives up an idle connection, and so its place. The lock is held.
void Pool::drop(std::size_t which, std::vector<Idle>& dead) {
  dead.push_back(std::move(idle_[which]));
  idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(which));
  --open_;
  place_free_->notify_all();  // several may be dropped before the lock is let go
}

/// Counts a connection that is about to be opened. Later it is lent and given back without memory. The lock
/// is held.
void Pool::count_one_more() {
  const auto make_room = [&](auto& list) {
    if (list.capacity() <= open_) {
      list.reserve(2 * open_ + 4);
    }
  };
  make_room(idle_);
  make_room(lent_);
  ++open_;
}

/// Opens a connection in the place that was counted for it.
base::Result<Pool::Lease> Pool::open(Gate::Verdict verdict, base::Deadline deadline) {
  try {
    const std::uint64_t process = base::fork_generation();
    auto connection = gate_.connect(deadline, verdict);
    if (!connection) {
      one_less();
      return std::move(connection.failure());
    }
    const std::scoped_lock lock{mutex_};
    if (process != base::fork_generation()) {  // Options::credentials has forked: nothing is counted here
      count_one_more();
    }
    lent_.push_back(connection.value().get());
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
  std::unique_ptr<Connection> too_long_idle;  // closed after the lock is let go
  const bool in_order = owned->reusable();
  const bool reusable = in_order && gate_.failover().usable(owned->origin().generation);
  // Before the place is free: whoever waits for it must know.
  gate_.used(*owned);
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
        place_free_->notify_one();  // beside the one for the connection that is idle now
      }
    } else {
      --open_;
      lost_.fetch_add(in_order || owned->retired() ? 0 : 1, std::memory_order_relaxed);
    }
  }
  place_free_->notify_one();
}

void Pool::one_less() noexcept {
  {
    const std::scoped_lock lock{mutex_};
    open_ -= open_ > 0 ? 1 : 0;  // none is counted in the child of a fork
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
    place_free_->notify_one();
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
  // may be half changed and is left alone. The descriptors are closed already (socket_descriptor.hpp).
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
