#include "net/gate.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "base/random.hpp"
#include "base/timestamp.hpp"
#include "net/socket_descriptor.hpp"

namespace rediscache::net {
namespace {

std::string in_milliseconds(base::Clock::duration time) {
  return std::to_string(
             std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(time).count(), 0)) +
         " ms";
}

}  // namespace

Gate::Gate(ServerSettings settings) : settings_{std::move(settings)}, breaker_{settings_.breaker} {
  SocketDescriptor::prepare();
  join();
}

Gate::~Gate() {
  leave();
}

base::Result<Gate::Verdict> Gate::ask() {
  if (smooth_.load(std::memory_order_acquire)) {
    return Verdict::pass;
  }
  const Lock lock{mutex_};
  const Verdict verdict = breaker_.ask(base::Clock::now());
  if (verdict == Verdict::refuse) {
    return refuse();
  }
  return verdict;
}

/// As the last failure, which keeps its kind: a wrong password stays one. The lock is held.
Failure Gate::refuse() {
  refused_.fetch_add(1, std::memory_order_relaxed);
  Failure failure = last_failure_;
  const std::string due =
      breaker_.state() == BreakerState::half_open
          ? std::string{"and one call is finding out whether it is back"}
          : "and the next try is due in " + in_milliseconds(breaker_.next_probe() - base::Clock::now());
  failure.message = "not sent: the server failed " + std::to_string(breaker_.failures()) +
                    " times in a row, " + due + " (breaker " + std::string{to_string(breaker_.state())} +
                    "). The last time, " + in_milliseconds(base::Clock::now() - last_failed_) +
                    " ago: " + last_told_;
  failure.refused = true;
  return failure;
}

base::Result<std::unique_ptr<Connection>> Gate::connect(base::Deadline deadline, Verdict verdict) {
  // Connecting and signing in have connect_timeout each.
  const auto until = deadline.earlier(base::Deadline::in(2 * settings_.connect_timeout));
  {
    Lock lock{mutex_};
    if (auto failure = wait_for_turn(lock, until)) {
      return std::move(*failure);
    }
    if (verdict == Verdict::pass && breaker_.state() != BreakerState::closed) {
      return refuse();
    }
    ++connecting_;
  }
  return attempt(until);
}

/// Returns when a connection may be attempted; or the failure of the attempt that was waited for.
std::optional<Failure> Gate::wait_for_turn(Lock& lock, base::Deadline deadline) {
  const std::uint64_t failed_before = failed_attempts_;
  while (!proven_ && connecting_ > 0) {
    if (connecting_changed_->wait_until(lock, deadline.at()) == std::cv_status::timeout && !proven_ &&
        connecting_ > 0) {
      return Failure{.code = ErrorCode::timeout,
                     .message = "cannot connect: another thread is trying, without an answer yet",
                     .server = settings_.endpoint.name(),
                     .command = {}};
    }
    if (failed_attempts_ != failed_before) {
      return last_failure_;
    }
  }
  return std::nullopt;
}

base::Result<std::unique_ptr<Connection>> Gate::attempt(base::Deadline deadline) {
  const std::uint64_t process = base::fork_generation();
  const auto ended = [&] {
    connecting_ -= process == base::fork_generation() ? 1 : 0;  // Options::credentials may fork
    settle();
    connecting_changed_->notify_all();
  };
  try {
    const auto began = base::Clock::now();
    auto connection = Connection::open(settings_, deadline, &failover_);
    const Lock lock{mutex_};
    if (connection) {
      ++opened_;
      proven_ = true;
      silent_since_ = {};
      breaker_.connected();
    } else if (connection.failure().code == ErrorCode::timeout && !is_long_silence(began)) {
      breaker_.undecided(base::Clock::now());
    } else {
      ++failed_attempts_;
      note_failure(connection.failure());
    }
    ended();
    return connection;
  } catch (...) {
    const Lock lock{mutex_};
    breaker_.undecided(base::Clock::now());
    ended();
    throw;
  }
}

void Gate::give_up() noexcept {
  const Lock lock{mutex_};
  breaker_.undecided(base::Clock::now());
}

void Gate::failed(const Failure& failure) noexcept {
  const Lock lock{mutex_};
  note_failure(failure);
  settle();
}

void Gate::unanswered(const Failure& failure, base::Clock::time_point since) noexcept {
  const Lock lock{mutex_};
  if (is_long_silence(since)) {
    note_failure(failure);
  }
  settle();
}

/// Whether a wait that began at `since` and is over now, with those before it, makes a failure. The lock is
/// held.
bool Gate::is_long_silence(base::Clock::time_point since) noexcept {
  const auto now = base::Clock::now();
  const auto enough = silence_that_counts();
  const bool continues = silent_since_ != base::Clock::time_point{} && since - silent_until_ < enough;
  silent_since_ = continues ? std::min(silent_since_, since) : since;
  silent_until_ = now;
  if (now - silent_since_ < enough) {
    return false;
  }
  silent_since_ = {};
  return true;
}

base::Clock::duration Gate::silence_that_counts() const noexcept {
  return std::min<base::Clock::duration>(settings_.connect_timeout, settings_.call_patience) / 2;
}

void Gate::used(const Connection& connection) noexcept {
  if (connection.reusable() || connection.retired() || connection.call_was_refused()) {
    answered();
  } else if (const auto& failure = connection.server_failed(); !failure) {
    doubt();
  } else if (failure->code == ErrorCode::timeout) {
    unanswered(*failure, connection.waiting_since());
  } else {
    failed(*failure);
  }
}

void Gate::doubt() noexcept {
  const Lock lock{mutex_};
  proven_ = false;
  settle();
}

void Gate::note_answer() noexcept {
  const Lock lock{mutex_};
  proven_ = true;
  silent_since_ = {};
  if (connecting_ > 0) {
    connecting_changed_->notify_all();  // nobody has to wait for the attempt of another any more
  }
  breaker_.answered();
  note_end_of_outage();
  settle();
}

void Gate::call_failed(const Failure& failure) noexcept {
  const Lock lock{mutex_};
  ++failed_calls_;
  try {
    if (!failure.refused && !last_failure_.message.empty() &&
        failure.message.starts_with(last_failure_.message)) {
      last_told_ = failure.message;
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): then without the times
  }
}

/// The lock is held.
void Gate::note_outage(bool opened, const Failure& failure) {
  if (!outage_) {
    outage_ = Outage{.began = base::Clock::now(),
                     .shown = std::chrono::system_clock::now(),
                     .failed_before = failed_calls_};
  }
  if (!opened || outage_->is_logged) {
    return;
  }
  outage_->is_logged = true;
  to_log_.push_back({LogLevel::error,
                     "server " + settings_.endpoint.name() + " failed " +
                         std::to_string(breaker_.failures()) + " times in a row, since " +
                         base::utc_text(outage_->shown) +
                         ": calls to it are refused until it answers again (breaker open). The last time: " +
                         failure.message});
  has_log_.store(true, std::memory_order_relaxed);
}

/// The lock is held.
void Gate::note_end_of_outage() noexcept {
  try {
    if (outage_ && outage_->is_logged) {
      to_log_.push_back({LogLevel::warning, "server " + settings_.endpoint.name() + " answers again after " +
                                                in_milliseconds(base::Clock::now() - outage_->began) + "; " +
                                                std::to_string(failed_calls_ - outage_->failed_before) +
                                                " calls failed or were omitted (breaker closed)"});
      has_log_.store(true, std::memory_order_relaxed);
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): no memory for a line
  }
  outage_.reset();
}

void Gate::write_log() noexcept {
  std::vector<Line> lines;
  {
    const Lock lock{mutex_};
    lines.swap(to_log_);
    has_log_.store(false, std::memory_order_relaxed);
  }
  for (const Line& line : lines) {
    base::log(settings_.logger, line.level, line.text);
  }
}

/// The lock is held.
void Gate::note_failure(const Failure& failure) noexcept {
  proven_ = false;
  const auto now = base::Clock::now();
  const bool opened = breaker_.failed(now, base::random_share());
  breaker_opened_ += opened ? 1 : 0;
  last_failed_ = now;
  try {
    note_outage(opened, failure);
    last_failure_ = failure;
    last_told_ = failure.message;
    last_failure_.command.clear();
    last_failure_.connection_lost = last_failure_.maybe_executed = false;
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory an older one must do
  }
}

/// After every change; the lock is held.
void Gate::settle() noexcept {
  smooth_.store(proven_ && breaker_.state() == BreakerState::closed && breaker_.failures() == 0 &&
                    silent_since_ == base::Clock::time_point{} && !outage_,
                std::memory_order_release);
}

Gate::Statistics Gate::statistics() const {
  const Lock lock{mutex_};
  return {.opened = opened_,
          .failed = failed_attempts_,
          .refused = refused_.load(std::memory_order_relaxed),
          .breaker_opened = breaker_opened_,
          .breaker = breaker_.state()};
}

std::string Gate::breaker_text() const {
  const Lock lock{mutex_};
  std::string text = "breaker " + std::string{to_string(breaker_.state())};
  if (breaker_.failures() > 0) {
    text += ", failures in a row: " + std::to_string(breaker_.failures());
  }
  return text;
}

void Gate::before_fork() noexcept {
  mutex_.lock();
}

void Gate::after_fork_in_parent() noexcept {
  mutex_.unlock();
}

void Gate::after_fork_in_child() noexcept {
  // Whoever was connecting or waiting for that does not exist here.
  connecting_ = 0;
  breaker_.undecided(base::Clock::now());
  static_cast<void>(connecting_changed_.release());
  connecting_changed_ = std::make_unique<std::condition_variable>();
  to_log_.clear();  // the parent's
  mutex_.unlock();
}

}  // namespace rediscache::net
