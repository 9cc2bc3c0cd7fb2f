#include "net/failover_monitor.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace rediscache::net {
namespace {

std::string whole_milliseconds(base::Clock::duration time) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(time).count()) + " ms";
}

}  // namespace

FailoverMonitor::FailoverMonitor(std::string server, base::Logger logger)
    : server_{std::move(server)}, logger_{std::move(logger)} {
  join_as_leaf();
}

FailoverMonitor::~FailoverMonitor() {
  leave();
}

ConnectionOrigin FailoverMonitor::origin_of(Generation generation, const SocketAddress& peer) noexcept {
  ConnectionOrigin origin{.generation = generation};
  if (peer.size > 0) {
    try {
      const Lock lock{mutex_};
      origin.address = ranking_.id_of(peer);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): then it is not tried last
    }
  }
  return origin;
}

void FailoverMonitor::sort(std::vector<SocketAddress>& addresses) const {
  const Lock lock{mutex_};
  ranking_.sort(addresses);
}

bool FailoverMonitor::wants_primary() const {
  const Lock lock{mutex_};
  return reason_.starts_with("READONLY");
}

base::Result<FailoverMonitor::Turn> FailoverMonitor::wait_for_turn(base::Deadline deadline) {
  Lock lock{mutex_};
  while (true) {
    report_if_due(lock);
    const auto now = base::Clock::now();
    const Turn turn = deadline.at() <= now ? Turn::wait : state_.ask(now);
    publish();
    if (turn != Turn::wait) {
      return turn;
    }
    const bool in_time = state_.attempt_under_way() || state_.next_attempt() < deadline.at();
    if (!in_time || deadline.at() <= now) {
      return in_vain(now);
    }
    const auto until =
        state_.attempt_under_way() ? deadline.at() : std::min(state_.next_attempt(), deadline.at());
    changed_->wait_until(lock, until);
  }
}

/// The lock is held.
Failure FailoverMonitor::in_vain(base::Clock::time_point now) const {
  const std::string next =
      state_.attempt_under_way()
          ? "another call is trying it"
          : "the next try is due in " + whole_milliseconds(std::max(state_.next_attempt() - now, {}));
  return {.code = ErrorCode::response,
          .message = reason_ + " [not sent: the server has been the wrong one for " +
                     whole_milliseconds(now - state_.suspect_since()) + ", and " + next + "]",
          .server = server_,
          .command = {}};
}

void FailoverMonitor::refused(const ConnectionOrigin& origin, std::string_view why) noexcept {
  const Lock lock{mutex_};
  if (state_.refused(origin.generation, base::Clock::now())) {
    ranking_.refused(origin.address);
    note_reason(why);
    publish();
  }
}

void FailoverMonitor::accepted(const ConnectionOrigin& origin) noexcept {
  bool was_reported = false;
  base::Clock::duration lasted{};
  {
    const Lock lock{mutex_};
    was_reported = state_.reported();
    lasted = base::Clock::now() - state_.suspect_since();
    state_.accepted();
    ranking_.accepted(origin.address);
    publish();
  }
  changed_->notify_all();
  if (was_reported) {
    try {
      base::log_info(logger_, server_ + " takes writes again, after " + whole_milliseconds(lasted));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): without memory there is no line
    }
  }
}

void FailoverMonitor::refused_again(const ConnectionOrigin& origin, std::string_view why) noexcept {
  {
    const Lock lock{mutex_};
    state_.refused_again(ranking_.refused(origin.address));
    note_reason(why);
  }
  changed_->notify_all();
}

void FailoverMonitor::undecided() noexcept {
  {
    const Lock lock{mutex_};
    state_.undecided();
  }
  changed_->notify_all();
}

/// The lock is held.
void FailoverMonitor::note_reason(std::string_view why) noexcept {
  try {
    reason_ = why;
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): an older one must do
  }
}

/// After every change; the lock is held.
void FailoverMonitor::publish() noexcept {
  generation_.store(state_.generation(), std::memory_order_relaxed);
  oldest_usable_.store(state_.oldest_usable(), std::memory_order_relaxed);
  suspect_.store(state_.suspect(), std::memory_order_relaxed);
}

void FailoverMonitor::report_if_due(Lock& lock) {
  const auto now = base::Clock::now();
  if (!state_.report_due(now)) {
    return;
  }
  const std::string text =
      server_ + " has answered for " + whole_milliseconds(now - state_.suspect_since()) +
      " that it is not the server to ask: \"" + reason_ +
      "\". Is this the address that was meant, the primary's? Writes wait for another answer within their "
      "deadlines; the name is resolved anew, and a connection is tried, at most every " +
      whole_milliseconds(proto::FailoverState::longest_pause);
  lock.unlock();
  base::log_error(logger_, text);
  lock.lock();
}

void FailoverMonitor::before_fork() noexcept {
  mutex_.lock();
}

void FailoverMonitor::after_fork_in_parent() noexcept {
  mutex_.unlock();
}

void FailoverMonitor::after_fork_in_child() noexcept {
  // No thread that made an attempt, or waited for one, exists in the child.
  state_.undecided();
  static_cast<void>(changed_.release());
  changed_ = std::make_unique<std::condition_variable>();
  mutex_.unlock();
}

}  // namespace rediscache::net
