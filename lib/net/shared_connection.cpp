#include "net/shared_connection.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include <sched.h>

#include "base/futex.hpp"

namespace rediscache::net {
namespace {

constexpr std::size_t usual_batch_bytes = 16 * 1024;

}  // namespace

SharedConnection::SharedConnection(Gate& gate, const Crowd& crowd)
    : gate_{gate},
      // Sending is timed by the coarse clock, and a caller is to learn of its own deadline first.
      patience_{gate.settings().call_patience + 2 * base::coarse_lag},
      pace_{gate.settings().shared_depth, crowd} {
  out_.reserve(usual_batch_bytes);
}

SharedConnection::~SharedConnection() {
  // Nobody calls any more; what callers left behind is still here.
  while (roles_.in_flight() > 0) {
    bool wake = false;
    Slot* const slot = &static_cast<Slot&>(roles_.front());
    static_cast<void>(roles_.complete_front(wake));
    static_cast<void>(roles_.completed(1));
    delete slot;  // NOLINT(cppcoreguidelines-owning-memory)
  }
}

std::optional<Failure> SharedConnection::exchange(const Commands& commands, std::span<Reply> replies,
                                                  const TryTime& time, bool must_be_alive, Outcome& outcome) {
  auto slot = Slot::take();
  slot->reset(commands.size(), must_be_alive);
  const bool is_open = open();
  Caller caller{.slot = *slot,
                .deadline = is_open ? time.of_try() : time.of_call(),
                .starts_when_sent = is_open ? nullptr : &time};
  gathering_.called();
  const bool others_come = pace_.gathers() && gathering_.expected() > 0;
  // With nobody about, the request can go out from where it is.
  if (!others_come && roles_.in_flight() == 0 && roles_.try_write()) {
    caller.direct = true;
    write_directly(caller, commands);
  } else {
    slot->copy_request(commands);
    if (roles_.enqueue(*slot)) {
      write(caller);
    }
  }
  if (auto left = wait(caller)) {
    static_cast<void>(slot.release());  // it is the connection's now
    outcome.withdrawn = !left->maybe_executed;
    return left;
  }
  outcome.origin = slot->origin;
  outcome.declined = slot->declined;
  std::optional<Failure> failure = std::move(slot->failure);
  if (!failure) {
    slot->move_replies_to(replies);
  }
  Slot::keep(std::move(slot));
  // Connecting took all of its time.
  outcome.withdrawn =
      failure && failure->code == ErrorCode::timeout && !failure->maybe_executed && caller.deadline.passed();
  if (failure && caller.thrown) {
    std::rethrow_exception(caller.thrown);
  }
  return failure;
}

/// Plays the roles that fall to this thread until its call is done: then nothing is returned. Or until the
/// deadline passes: then the call was left behind.
std::optional<Failure> SharedConnection::wait(Caller& caller) {
  std::atomic<std::uint32_t>& word = caller.slot.state;
  const std::int64_t usual_yields = gate_.settings().shared_yields;
  base::Deadline until = caller.deadline;  // of giving way more often than that
  for (std::int64_t yields = 0;;) {
    if (caller.starts_when_sent != nullptr && (word.load() & slot_bits::sent) != 0) [[unlikely]] {
      caller.deadline = std::exchange(caller.starts_when_sent, nullptr)->of_try();
    }
    if (caller.reading) {
      read(caller);
      if (caller.reading) {  // its deadline passed
        const auto sent_at = caller.slot.sent_at;
        word.fetch_or(slot_bits::abandoned);
        // From here on whoever reads next may destroy the slot.
        Slot nobody;
        nobody.state = slot_bits::done;
        Caller leaving{.slot = nobody, .deadline = caller.deadline, .reading = true};
        leave_reading(leaving);
        return timed_out(sent_at);
      }
    }
    std::uint32_t state = word.load();
    if ((state & slot_bits::done) != 0) {
      return std::nullopt;
    }
    if ((state & slot_bits::lead) != 0) {
      word.fetch_and(~(slot_bits::lead | slot_bits::sleeping));
      caller.reading = true;
      continue;
    }
    if ((state & slot_bits::write) != 0) {
      word.fetch_and(~(slot_bits::write | slot_bits::sleeping));
      write(caller);
      continue;
    }
    // Giving way costs less than sleeping and being woken, and lets others add to the batch.
    if (yields < pace_.yields(usual_yields) && (yields < usual_yields || !until.passed())) {
      if (++yields == usual_yields) {
        until = caller.deadline.earlier(base::Deadline::in(Pace::longest_look));
      }
      ::sched_yield();
      continue;
    }
    if (caller.deadline.passed()) {
      // To be read while the slot is still this thread's. One that is being sent just now has waited for
      // nothing.
      const auto sent_at = (state & slot_bits::sent) != 0 ? caller.slot.sent_at : base::coarse_now();
      if (SharedRoles::abandon(caller.slot, state)) {
        return timed_out((state & slot_bits::sent) != 0 ? std::optional{sent_at} : std::nullopt);
      }
      continue;
    }
    if (word.compare_exchange_strong(state, state | slot_bits::sleeping)) {
      base::futex_wait(word, state | slot_bits::sleeping, caller.deadline);
      word.fetch_and(~slot_bits::sleeping);
    }
  }
}

/// By then the call is the connection's: a caller who learned of missing memory instead would free it.
Failure SharedConnection::timed_out(std::optional<base::Clock::time_point> sent_at) noexcept {
  const bool sent = sent_at.has_value();
  Failure failure;
  failure.code = ErrorCode::timeout;
  failure.maybe_executed = sent;
  try {
    failure.message = sent ? "the deadline passed while waiting for the reply"
                           : "the deadline passed while waiting to be sent";
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): then without the text
  }
  if (sent && !receiving_much_.load(std::memory_order_relaxed)) {  // the server answers, only at length
    gate_.unanswered(failure, *sent_at);
  }
  return failure;
}

/// The connection is of no use any more. Whoever reads is told by the socket, whoever writes sees the mark.
/// `waited_since`: a caller's own deadline has passed, which it had waited for since then.
void SharedConnection::break_off(Failure failure,
                                 std::optional<base::Clock::time_point> waited_since) noexcept {
  const std::scoped_lock lock{*failure_mutex_};
  if (broken_.load()) {
    return;
  }
  failure.connection_lost = true;
  lost_.fetch_add(1, std::memory_order_relaxed);
  if (failure.code == ErrorCode::timeout && waited_since) {
    gate_.unanswered(failure, *waited_since);
  } else if (failure.code == ErrorCode::timeout) {
    gate_.failed(failure);
  } else {
    gate_.doubt();
  }
  failure_ = std::move(failure);
  broken_.store(true);
  wire_->socket.shut_down();
}

Failure SharedConnection::why_broken() const {
  const std::scoped_lock lock{*failure_mutex_};
  return failure_;
}

/// Mostly that memory ran out; then maybe without the reason.
Failure SharedConnection::failure_for(const char* why) noexcept {
  Failure failure;
  try {
    failure.message = why;
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
  }
  return failure;
}

/// Lets somebody else write whose request is waiting. False: there is nobody.
bool SharedConnection::hand_over_writing(Caller& caller) noexcept {
  for (Slot* slot = pending_ != nullptr ? pending_ : take_more(); slot != nullptr;) {
    std::uint32_t state = slot->state.load();
    while (slot != &caller.slot && (state & slot_bits::abandoned) == 0) {
      if (slot->state.compare_exchange_weak(state, state | slot_bits::write)) {
        if ((state & slot_bits::sleeping) != 0) {
          base::futex_wake(slot->state);
        }
        return true;
      }
    }
    slot = slot->next != nullptr ? static_cast<Slot*>(slot->next) : take_more();
  }
  return false;
}

/// Puts those who came meanwhile behind those that are pending, and returns the first of them.
Slot* SharedConnection::take_more() noexcept {
  auto* const more = static_cast<Slot*>(roles_.take());
  if (pending_ == nullptr) {
    pending_ = more;
    return more;
  }
  SharedRoles::Slot* last = pending_;
  while (last->next != nullptr) {
    last = last->next;
  }
  last->next = more;
  return more;
}

/// Ends a call that is not in flight: well, without a failure.
void SharedConnection::finish(Slot& slot, const Failure* failure) noexcept {
  if (failure != nullptr) {
    try {
      slot.failure = *failure;
    } catch (...) {  // the text did not fit into memory; that the call failed does
      slot.failure.emplace();
    }
  }
  const std::uint32_t old = slot.state.fetch_or(slot_bits::done);
  if ((old & slot_bits::abandoned) != 0) {
    delete &slot;  // NOLINT(cppcoreguidelines-owning-memory)
  } else if ((old & slot_bits::sleeping) != 0) {
    base::futex_wake(slot.state);
  }
}

void SharedConnection::close_idle() {
  if (!open_.load(std::memory_order_relaxed)) {
    return;
  }
  auto slot = Slot::take();
  slot->reset(0, false);
  slot->closes = true;
  Caller caller{.slot = *slot, .deadline = base::Deadline::in(gate_.settings().connect_timeout)};
  if (roles_.enqueue(*slot)) {
    write(caller);
  }
  if (wait(caller)) {
    static_cast<void>(slot.release());
  }
}

void SharedConnection::after_fork_in_child() noexcept {
  // Other threads may have been anywhere in here: what they held is left alone, but for the descriptor.
  if (wire_) {
    wire_->socket.close();
    static_cast<void>(wire_.release());
  }
  static_cast<void>(failure_mutex_.release());
  failure_mutex_ = std::make_unique<std::mutex>();
  std::string empty;
  empty.reserve(usual_batch_bytes);
  new (&out_) std::string{std::move(empty)};  // NOLINT(cppcoreguidelines-owning-memory)
  new (&failure_) Failure{};                  // NOLINT(cppcoreguidelines-owning-memory)
  pending_ = nullptr;
  roles_.forget_all();
  gathering_.forget_all();
  broken_ = open_ = receiving_much_ = false;
}

}  // namespace rediscache::net
