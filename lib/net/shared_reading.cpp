// What the reader of a shared connection does.
#include <chrono>
#include <exception>
#include <string>

#include <sched.h>

#include "base/futex.hpp"
#include "net/shared_connection.hpp"
#include "proto/error_reply.hpp"

namespace rediscache::net {
namespace {

using Status = Transfer::Status;
using Progress = resp::ReplyReader::Progress;

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
        end_all(caller);
      } else if (!receive(caller)) {
        return;
      }
    }
    if (caller.reading) {
      leave_reading(caller);
    }
  } catch (const std::exception& error) {
    caller.thrown = std::current_exception();
    break_off(failure_for(error.what()));
    if (caller.reading) {
      complete_all(caller);
    }
  }
}

/// Once. False: the caller's deadline has passed.
bool SharedConnection::receive(Caller& caller) {
  Transfer received = look(caller);
  if (received.status == Status::would_block) {
    const base::Deadline patience{static_cast<Slot&>(roles_.front()).sent_at + patience_};
    received = wire_->socket.receive(wire_->reader.space(), caller.deadline.earlier(patience));
  }
  if (received.status == Status::done) {
    take_in(caller, received.bytes);
    if (!caller.reading || caller.done()) [[likely]] {
      return true;
    }
  } else if (received.status != Status::timed_out) {
    break_off(wire_->socket.failure_of(received, "waiting for the reply"));
  } else if (overdue()) {
    // Of a refused reply the rest is nobody's failure, but those behind it have waited long enough.
    break_off({.code = wire_->reader.receiving_much() ? ErrorCode::connection : ErrorCode::timeout,
               .message = "the server did not answer for " + std::to_string(patience_.count()) + " ms",
               .server = {},
               .command = {}});
  }
  return broken_.load() || !caller.deadline.passed();
}

/// For a moment, where that is quicker than to sleep.
Transfer SharedConnection::look(const Caller& caller) {
  Transfer received{.status = Status::would_block};
  const int looks = pace_.looks();
  if (looks == 0) [[likely]] {
    return received;
  }
  const base::Deadline until = caller.deadline.earlier(base::Deadline::in(Pace::longest_look));
  for (int look = 0; look < looks && received.status == Status::would_block && !until.passed(); ++look) {
    if (look >= Pace::looks_in_a_row) {
      ::sched_yield();
    }
    received = wire_->socket.try_receive(wire_->reader.space());
  }
  return received;
}

void SharedConnection::take_in(Caller& caller, std::size_t bytes) {
  int sends = 0;
  bool nonsense = false;
  bool writes = false;
  {
    Answered answered;  // whose sleepers are woken before this thread goes on to anything that may take long
    std::optional<Failure> failure;
    wire_->reader.received(bytes);
    try {
      failure = complete_answered(answered);
    } catch (const std::exception& error) {  // those that were completed are to be counted all the same
      caller.thrown = std::current_exception();
      failure = failure_for(error.what());
    }
    receiving_much_.store(wire_->reader.receiving_much(), std::memory_order_relaxed);
    if (answered.calls > 0) {
      gathering_.answered(answered.calls);
      last_used_ = base::coarse_now();
      gate_.answered();
    }
    if (failure) {
      nonsense = true;
      break_off(std::move(*failure));
    }
    // From here on, if nothing is left in flight, the connection is the writer's.
    caller.reading = answered.calls == 0 || roles_.completed(answered.calls) > 0;
    if (caller.reading && !nonsense && caller.done()) {
      writes = pass_reading(caller);
    }
    sends = answered.sends;
  }
  if (caller.reading && nonsense) {
    complete_all(caller);
  }
  if (sends > 0) {
    roles_.answered(sends);
  }
  writes = writes || (sends > 0 && roles_.resume());
  // Somebody else who writes can gather, and this thread's next call goes out with the others'.
  if (writes && !(caller.done() && pace_.gathers() && roles_.pass_writing())) {
    write(caller);
  }
}

/// Completes all calls whose replies are there whole, and does not yet count them. A failure when something
/// else is there.
std::optional<Failure> SharedConnection::complete_answered(Answered& answered) {
  Wire& wire = *wire_;
  while (true) {
    const bool expected = roles_.in_flight() > answered.calls;
    Slot* const slot = expected ? &static_cast<Slot&>(roles_.front()) : nullptr;
    Reply& place = expected ? slot->next_place() : wire.unwanted;
    const Progress progress = wire.reader.next(place);
    if (progress == Progress::incomplete) {
      return std::nullopt;
    }
    if (progress == Progress::broken || (progress == Progress::refused && !expected)) {
      return senseless(wire.reader.error(), {});
    }
    if (!expected) {
      return senseless("the server sent what nobody had asked for", place);
    }
    wire.refused =
        progress == Progress::complete && place.is_error() && proto::says_protocol_error(place.as_text());
    if (progress == Progress::refused || wire.refused) [[unlikely]] {
      slot->failure = refused_reply(wire, *slot);
    } else if (++slot->answered < slot->commands) {
      continue;
    }
    if (slot->timed != 0) {
      pace_.note(base::Clock::now() - slot->timed_from, slot->timed);
    }
    answered.sends += slot->ends_send ? 1 : 0;
    bool sleeps = false;
    if (!roles_.complete_front(sleeps)) {
      delete slot;  // NOLINT(cppcoreguidelines-owning-memory): nobody waits for it any more
    } else if (sleeps) {
      answered.sleepers.add(slot->state);
    }
    ++answered.calls;
    if (wire.refused) {
      return Failure{.code = ErrorCode::connection,
                     .message = "the server closes the connection because of another call's request",
                     .server = {},
                     .command = {}};
    }
  }
}

/// The failure of the call at the front, and of no other: its reply is beyond a limit, or its request breaks
/// one of the server's.
Failure SharedConnection::refused_reply(Wire& wire, const Slot& slot) {
  const Reply& reply = slot.commands == 1 ? slot.single : slot.several[slot.answered];
  Failure failure =
      wire.refused
          ? proto::failure_of_reply(reply.as_text())
          : Failure{
                .code = ErrorCode::connection, .message = wire.reader.error(), .server = {}, .command = {}};
  failure.caused_by_call = true;
  failure.maybe_executed = !wire.refused || slot.commands > 1;
  if (!wire.refused) {
    wire.reader.skip(slot.commands - slot.answered - 1);
  }
  return failure;
}

/// Of a broken connection. After sending has failed, what the server had to say before it closed lies behind
/// that failure.
void SharedConnection::end_all(Caller& caller) noexcept {
  try {
    if (wire_->sending_failed.load()) {
      take_in_what_is_there(caller);
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the calls fail for the first reason
  }
  if (caller.reading) {
    complete_all(caller);
  }
}

/// Without waiting: the replies to callers who left, which nobody has received so far.
void SharedConnection::take_in_what_is_there(Caller& caller) {
  Slot nobody;  // who is never done, and so keeps the role
  Caller reader{.slot = nobody, .deadline = caller.deadline, .reading = true};
  while (reader.reading) {
    const Transfer received = wire_->socket.try_receive(wire_->reader.space());
    if (received.status == Status::would_block) {
      break;
    }
    if (received.status != Status::done) {
      break_off(wire_->socket.failure_of(received, "waiting for the reply"));
      break;
    }
    take_in(reader, received.bytes);
  }
  caller.reading = reader.reading;
}

/// Makes somebody else the reader. True: nobody in flight is left who could go on for a writer that had
/// stalled; the caller is the writer now.
bool SharedConnection::pass_reading(Caller& caller) noexcept {
  caller.reading = false;
  bool sleeps = false;
  SharedRoles::Slot* const next = roles_.elect(sleeps);
  if (next == nullptr) {
    return roles_.resume();
  }
  if (sleeps) {
    base::futex_wake(next->state);
  }
  return false;
}

void SharedConnection::leave_reading(Caller& caller) noexcept {
  if (pass_reading(caller)) {
    write(caller);
  }
}

/// Tells everybody in flight on a broken connection; the role is over then.
void SharedConnection::complete_all(Caller& caller) noexcept {
  int sends = 0;
  {
    Sleepers sleepers;  // woken before this thread goes on to write, for which it may have to connect
    Failure failure;
    try {
      failure = why_broken();
    } catch (const std::exception&) {
      failure.connection_lost = true;
    }
    std::size_t left = roles_.in_flight();
    const bool certainly_not = left > 0 && wire_->refused;  // nothing behind that request is executed
    while (left > 0) {
      for (std::size_t i = 0; i < left; ++i) {
        Slot* const slot = &static_cast<Slot&>(roles_.front());
        sends += slot->ends_send ? 1 : 0;
        failure.maybe_executed = slot->maybe_executed && !certainly_not;
        try {
          slot->failure = failure;
        } catch (const std::exception&) {
          slot->failure.emplace();
          slot->failure->connection_lost = true;
          slot->failure->maybe_executed = failure.maybe_executed;
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
  }
  roles_.answered(sends);
  if (roles_.resume()) {
    write(caller);
  }
}

/// Whether the call at the front has waited longer than any may.
bool SharedConnection::overdue() const noexcept {
  return base::Clock::now() - static_cast<const Slot&>(roles_.front()).sent_at >= patience_;
}

}  // namespace rediscache::net
