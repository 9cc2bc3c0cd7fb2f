// What the reader of a shared connection does.
#include <array>
#include <exception>
#include <string>

#include "base/futex.hpp"
#include "net/shared_connection.hpp"

namespace rediscache::net {
namespace {

using Status = Transfer::Status;
using Progress = resp::ReplyReader::Progress;

/// Threads to be woken, after everything else has been seen to: each takes a system call.
class Sleepers {
 public:
  Sleepers() = default;
  Sleepers(const Sleepers&) = delete;
  Sleepers& operator=(const Sleepers&) = delete;
  ~Sleepers() { wake_all(); }

  void add(const std::atomic<std::uint32_t>& word) noexcept {
    if (count_ == words_.size()) {
      wake_all();
    }
    words_[count_++] = &word;
  }

 private:
  void wake_all() noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      base::futex_wake(*words_[i]);
    }
    count_ = 0;
  }

  std::array<const std::atomic<std::uint32_t>*, 64> words_;  // NOLINT: filled as far as count_
  std::size_t count_ = 0;
};

Failure senseless(std::string message, const Reply& reply) {
  if (reply.is_error()) {
    message += ": " + reply.as_text();
  }
  return {.code = ErrorCode::connection, .message = std::move(message), .server = {}, .command = {}};
}

}  // namespace

/// Receives until the caller's own call is done and somebody else reads, or its deadline passes: then it
/// still is the reader.
void SharedConnection::read(Caller& caller) noexcept {
  try {
    while (caller.reading && !caller.done()) {
      if (broken_.load()) {
        complete_all(caller);
      } else if (!receive(caller)) {
        return;
      }
    }
    if (caller.reading) {
      leave_reading(caller);
    }
  } catch (const std::exception& error) {
    caller.out_of_memory = true;
    Failure failure;
    try {
      failure.message = error.what();
    } catch (...) {  // NOLINT(bugprone-empty-catch): then without the reason
    }
    break_off(std::move(failure));
    if (caller.reading) {
      complete_all(caller);
    }
  }
}

/// Once. False: the caller's deadline has passed.
bool SharedConnection::receive(Caller& caller) {
  const base::Deadline patience{static_cast<Slot&>(roles_.front()).sent_at + patience_};
  const Transfer received = wire_->socket.receive(wire_->reader.space(), caller.deadline.earlier(patience));
  if (received.status == Status::done) {
    take_in(caller, received.bytes);
    if (!caller.reading || caller.done()) [[likely]] {
      return true;
    }
  } else if (received.status != Status::timed_out) {
    break_off(wire_->socket.failure_of(received, "waiting for the reply"));
  } else if (overdue()) {
    break_off({.code = ErrorCode::timeout,
               .message = "the server did not answer for " + std::to_string(patience_.count()) + " ms",
               .server = {},
               .command = {}});
  }
  return broken_.load() || !caller.deadline.passed();
}

void SharedConnection::take_in(Caller& caller, std::size_t bytes) {
  Sleepers sleepers;
  Wire& wire = *wire_;
  std::size_t completed = 0;
  int sends = 0;
  wire.reader.received(bytes);
  std::optional<Failure> nonsense;
  while (true) {
    const bool expected = roles_.in_flight() > completed;
    Slot* const slot = expected ? &static_cast<Slot&>(roles_.front()) : nullptr;
    Reply& place = expected ? slot->next_place() : wire.unwanted;
    const Progress progress = wire.reader.next(place);
    if (progress == Progress::incomplete) {
      break;
    }
    if (progress == Progress::broken || !expected) {
      nonsense = progress == Progress::broken ? senseless(wire.reader.error(), {})
                                              : senseless("the server sent what nobody had asked for", place);
      break;
    }
    if (++slot->answered < slot->commands) {
      continue;
    }
    if (slot->timed) {
      note_round_trip(*slot);
    }
    sends += slot->ends_send ? 1 : 0;
    bool sleeps = false;
    if (!roles_.complete_front(sleeps)) {
      delete slot;  // NOLINT(cppcoreguidelines-owning-memory): nobody waits for it any more
    } else if (sleeps) {
      sleepers.add(slot->state);
    }
    ++completed;
  }
  receiving_much_.store(wire.reader.receiving_much(), std::memory_order_relaxed);
  if (completed > 0) {
    wire.answered = true;
    last_used_ = base::coarse_now();
    gate_.answered();
  }
  if (nonsense) {
    break_off(std::move(*nonsense));
  }
  // From here on, if nothing is left in flight, the connection is the writer's.
  caller.reading = completed == 0 || roles_.completed(completed) > 0;
  if (caller.reading && nonsense) {
    complete_all(caller);
  } else if (caller.reading && caller.done()) {
    leave_reading(caller);
  }
  if (sends > 0) {
    roles_.answered(sends);
    if (roles_.resume()) {
      write(caller);
    }
  }
}

/// Makes somebody else the reader.
void SharedConnection::leave_reading(Caller& caller) noexcept {
  caller.reading = false;
  bool sleeps = false;
  if (SharedRoles::Slot* const next = roles_.elect(sleeps); next != nullptr) {
    if (sleeps) {
      base::futex_wake(next->state);
    }
  } else if (roles_.resume()) {
    // Nobody in flight is left who could go on for a writer that stalled.
    write(caller);
  }
}

/// Tells everybody in flight on a broken connection; the role is over then.
void SharedConnection::complete_all(Caller& caller) noexcept {
  Sleepers sleepers;
  int sends = 0;
  Failure failure;
  try {
    failure = why_broken();
  } catch (const std::exception&) {
    failure.connection_lost = true;
  }
  std::size_t left = roles_.in_flight();
  while (left > 0) {
    for (std::size_t i = 0; i < left; ++i) {
      Slot* const slot = &static_cast<Slot&>(roles_.front());
      sends += slot->ends_send ? 1 : 0;
      failure.maybe_executed = slot->maybe_executed;
      try {
        slot->failure = failure;
      } catch (const std::exception&) {
        slot->failure.emplace();
        slot->failure->maybe_executed = slot->maybe_executed;
      }
      bool sleeps = false;
      if (!roles_.complete_front(sleeps)) {
        delete slot;  // NOLINT(cppcoreguidelines-owning-memory)
      } else if (sleeps) {
        sleepers.add(slot->state);
      }
    }
    left = roles_.completed(left);
  }
  caller.reading = false;
  roles_.answered(sends);
  if (roles_.resume()) {
    write(caller);
  }
}

void SharedConnection::note_round_trip(const Slot& slot) noexcept {
  const auto now = std::chrono::nanoseconds{base::Clock::now() - slot.sent_at}.count();
  const std::int64_t before = round_trip_ns_.load(std::memory_order_relaxed);
  round_trip_ns_.store(before == 0 ? now : before + (now - before) / 8, std::memory_order_relaxed);
}

/// Whether the call at the front has waited longer than any may.
bool SharedConnection::overdue() const noexcept {
  return base::Clock::now() - static_cast<const Slot&>(roles_.front()).sent_at >= patience_;
}

int SharedConnection::depth() const noexcept {
  constexpr std::int64_t tiny = 100'000;
  constexpr int any = 1 << 20;
  return round_trip_ns_.load(std::memory_order_relaxed) < tiny ? 1 : any;
}

}  // namespace rediscache::net
