// What the writer of a shared connection does.
#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <string_view>

#include <sched.h>

#include "base/futex.hpp"
#include "net/shared_connection.hpp"

namespace rediscache::net {
namespace {

using Status = Transfer::Status;

constexpr std::size_t most_bytes_at_once = 64 * 1024;
constexpr std::size_t most_calls_at_once = 256;

Failure connection_failure(std::string message) {
  return {.code = ErrorCode::connection, .message = std::move(message), .server = {}, .command = {}};
}

}  // namespace

void SharedConnection::write(Caller& caller) noexcept {
  try {
    write_queue(caller);
  } catch (const std::exception& error) {
    caller.thrown = std::current_exception();
    give_up_writing(caller, error.what());
  }
}

void SharedConnection::write_directly(Caller& caller, const Commands& commands) noexcept {
  try {
    if (write_now(caller, commands)) {
      write_queue(caller);
    }
  } catch (const std::exception& error) {
    caller.thrown = std::current_exception();
    give_up_writing(caller, error.what());
  }
}

/// Without memory nobody's call can be trusted to have been sent: all end here.
void SharedConnection::give_up_writing(Caller& caller, const char* why) noexcept {
  const Failure failure = failure_for(why);
  if (wire_) {
    break_off(failure);
    drain(caller);
  }
  do {
    fail_queued(failure);
  } while (!roles_.leave());
  if ((caller.slot.state.load() & (slot_bits::done | slot_bits::sent)) == 0 && caller.direct) {
    finish(caller.slot, &failure);  // it was never queued
  }
}

/// Sends all that is queued, and leaves when there is no more.
void SharedConnection::write_queue(Caller& caller) {
  for (bool first = true;; first = false) {
    if (pending_ == nullptr) {
      if (const int most = pace_.depth(); roles_.too_many_outstanding(most) && roles_.stall(most)) {
        return;
      }
      if (first && !caller.direct && !caller.done()) {
        gather();
      }
      take_queue();
      if (pending_ == nullptr) {
        if (roles_.leave()) {
          return;
        }
        continue;
      }
    }
    // One batch is everybody's duty, for whom there is time.
    const bool may_leave =
        first ? caller.done() && caller.deadline.passed() : caller.done() || caller.deadline.passed();
    if (may_leave && hand_over_writing(caller)) {
      return;
    }
    if (pending_->closes) {
      close_on_request();
      continue;
    }
    switch (make_ready(caller, any_must_be_alive())) {
      case Ready::yes:
        send_batch(caller);
        find_reader(
            caller);  // also when all had been withdrawn: the role must not stay with who does not wait
        break;
      case Ready::failed:
        break;
      case Ready::somebody_else_goes_on:
        return;
    }
  }
}

/// Lets those who were answered together with this thread add their next calls to the queue, where its own
/// is.
void SharedConnection::gather() noexcept {
  if (!pace_.gathers() || !gathering_.promising()) {
    return;
  }
  const std::int64_t expected = gathering_.expected();
  const auto start = base::Clock::now();
  ::sched_yield();
  gathering_.learn(expected - gathering_.expected(), base::Clock::now() - start);
}

/// Sends the caller's own request, which is not in the queue, from where it is. False: it is not the writer
/// any more.
bool SharedConnection::write_now(Caller& caller, const Commands& commands) {
  Slot& own = caller.slot;
  switch (make_ready(caller, own.must_be_alive)) {
    case Ready::yes:
      break;
    case Ready::failed: {
      const Failure failure = why_broken();
      own.declined = wire_ && leads_astray();
      finish(own, &failure);
      return true;
    }
    case Ready::somebody_else_goes_on: {
      const Failure failure = timed_out(std::nullopt);
      finish(own, &failure);
      return false;
    }
  }
  own.sent_at = base::coarse_now();
  own.state.store(slot_bits::sent);
  own.ends_send = true;
  own.maybe_executed = true;
  own.timed = pace_.times(roles_.in_flight() == 0) ? own.commands : 0;
  append(caller, own);
  bool some = false;
  Transfer sent{};
  std::array<std::string_view, 16> pieces;
  for (std::size_t at = 0; at < commands.bytes() && sent.status == Status::done;) {
    const std::span used{pieces.data(), commands.segments(at, pieces)};
    for (const std::string_view piece : used) {
      at += piece.size();
    }
    sent = send_all(caller, used, some);
  }
  if (sent.status != Status::done) {
    if (!some && caller.reading) {  // nobody else looks at it
      own.maybe_executed = false;
    }
    sending_failed(sent, own.sent_at);
  }
  return true;
}

/// Sees to it that there is a connection to send on. When none can be made, whoever is queued is told.
SharedConnection::Ready SharedConnection::make_ready(Caller& caller, bool must_be_alive) {
  const bool retired = wire_ && leads_astray();
  if (retired && is_waited_for()) [[unlikely]] {
    decline_queued();
    return Ready::failed;
  }
  if (retired) [[unlikely]] {
    retire(caller);
  }
  if (retired || (wire_ && !usable(caller, must_be_alive))) {
    open_ = receiving_much_ = false;
    wire_.reset();
  }
  if (wire_) {
    return Ready::yes;
  }
  if (caller.done() && hand_over_writing(caller)) {
    return Ready::somebody_else_goes_on;  // connecting may take long
  }
  auto connection = gate_.connect(caller.deadline, Gate::Verdict::pass);
  if (connection) {
    wire_ = std::make_unique<Wire>(connection.value()->take_socket(), connection.value()->origin(),
                                   gate_.settings().max_reply_bytes);
    generation_.store(wire_->origin.generation, std::memory_order_relaxed);
    wire_->socket.share();
    last_used_ = base::coarse_now();
    pace_.begin(usable_cpus(), gate_.settings().tls != nullptr);
    broken_ = false;
    open_ = true;
    return Ready::yes;
  }
  // That one caller had no time left is no reason for the others to fail.
  if (caller.deadline.passed() && hand_over_writing(caller)) {
    return Ready::somebody_else_goes_on;
  }
  {
    const std::scoped_lock lock{*failure_mutex_};
    failure_ = connection.failure();
  }
  fail_queued(connection.failure());
  return Ready::failed;
}

/// Whether the connection that there is can be written to. If not, nothing is in flight on it any more.
bool SharedConnection::usable(Caller& caller, bool must_be_alive) {
  if (!broken_.load() && roles_.nobody_is_reading() && roles_.take_over()) {
    caller.reading = true;  // until somebody is found who waits for a reply
    take_in_what_is_there(caller);
    caller.reading = caller.reading && roles_.in_flight() > 0;
    if (caller.reading && !broken_.load() && overdue()) {
      break_off({.code = ErrorCode::timeout,
                 .message = "the server did not answer earlier calls in time",
                 .server = {},
                 .command = {}});
    }
  }
  if (broken_.load()) {
    drain(caller);
    return false;
  }
  if (roles_.in_flight() > 0) {
    return true;
  }
  if (wire_->reader.receiving_much()) {
    return false;  // the rest of a reply that was refused: a new connection is quicker
  }
  const auto idle_for = base::coarse_now() - last_used_;
  if (idle_for < surely_alive && !must_be_alive) {
    return true;
  }
  const auto check_after = gate_.settings().health_check_interval;
  const bool too_long =
      idle_for >= gate_.settings().max_idle_time || (check_after.count() > 0 && idle_for >= check_after);
  return !too_long && wire_->socket.quiet_and_open();
}

/// Among those that are pending.
bool SharedConnection::any_must_be_alive() const noexcept {
  for (const Slot* slot = pending_; slot != nullptr; slot = static_cast<const Slot*>(slot->next)) {
    if (slot->must_be_alive) {
      return true;
    }
  }
  return false;
}

void SharedConnection::send_batch(Caller& caller) {
  std::array<Slot*, most_calls_at_once>
      batch;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  const std::size_t room = SharedRoles::capacity - roles_.in_flight();
  if (room == 0) {
    const Failure full = connection_failure("not sent: too many calls are in flight on one connection");
    finish(*pop_pending(), &full);
    return;
  }
  std::size_t chosen = 0;
  std::size_t bytes = 0;
  for (const Slot* slot = pending_;
       slot != nullptr && !slot->closes && chosen < std::min(room, batch.size()) &&
       (chosen == 0 || bytes + slot->request.size() <= most_bytes_at_once);
       slot = static_cast<const Slot*>(slot->next)) {
    ++chosen;
    bytes += slot->request.size();
  }
  out_.clear();
  out_.reserve(bytes);  // before any call is claimed, for this may throw
  std::size_t count = 0;
  std::size_t commands = 0;
  const auto now = base::coarse_now();
  for (; chosen > 0; --chosen) {
    Slot* const slot = pop_pending();
    slot->sent_at = now;
    if (SharedRoles::claim(*slot)) {
      out_ += slot->request;
      commands += slot->commands;
      batch[count++] = slot;
    } else {
      delete slot;  // NOLINT(cppcoreguidelines-owning-memory): withdrawn
    }
  }
  if (count == 0) {
    return;
  }
  batch[count - 1]->ends_send = true;
  batch[count - 1]->timed = pace_.times(roles_.in_flight() == 0) ? commands : 0;
  for (std::size_t i = 0; i < count; ++i) {
    batch[i]->maybe_executed = true;
    append(caller, *batch[i]);
  }
  bool some = false;
  std::array<std::string_view, 1> piece{out_};
  const Transfer sent = send_all(caller, piece, some);
  if (sent.status != Status::done) {
    if (!some && caller.reading) {  // nobody else looks at them
      for (std::size_t i = 0; i < count; ++i) {
        batch[i]->maybe_executed = false;
      }
    }
    sending_failed(sent, now);
  }
}

/// From here on the call is in flight, and may be over any moment.
void SharedConnection::append(Caller& caller, Slot& slot) noexcept {
  if (slot.ends_send) {
    roles_.sent();
  }
  slot.origin = wire_->origin;
  if (slot.timed != 0) {
    slot.timed_from = base::Clock::now();
  }
  if (roles_.append(slot)) {
    caller.reading = true;
  }
}

/// The reader's role is in the writer's hand: it keeps it if it waits for a reply itself.
void SharedConnection::find_reader(Caller& caller) noexcept {
  if (!caller.reading) {
    return;
  }
  constexpr std::uint32_t fate = slot_bits::sent | slot_bits::done | slot_bits::abandoned;
  if ((caller.slot.state.load() & fate) != slot_bits::sent) {
    leave_reading(caller);
  }
}

/// Sends the pieces whole, waiting for room until the caller's deadline.
Transfer SharedConnection::send_all(Caller& caller, std::span<std::string_view> pieces, bool& some) {
  while (!pieces.empty()) {
    Transfer sent = wire_->socket.try_send(pieces);
    if (sent.status == Status::would_block) {
      sent = wire_->socket.wait_for_output(caller.deadline);
      if (sent.status == Status::done) {
        continue;
      }
    }
    if (sent.status != Status::done) {
      return sent;
    }
    some = true;
    std::size_t bytes = sent.bytes;
    while (!pieces.empty() && bytes >= pieces.front().size()) {
      bytes -= pieces.front().size();
      pieces = pieces.subspan(1);
    }
    if (bytes > 0) {
      pieces.front().remove_prefix(bytes);
    }
  }
  return {};
}

/// A request may be half written: nothing more can be said on this connection.
void SharedConnection::sending_failed(const Transfer& how, base::Clock::time_point since) noexcept {
  wire_->sending_failed.store(true);
  try {
    break_off(wire_->socket.failure_of(how, "sending"), since);
  } catch (const std::exception&) {
    break_off({});
  }
}

void SharedConnection::close_on_request() noexcept {
  Slot* const slot = pop_pending();
  if (roles_.in_flight() == 0) {
    open_ = receiving_much_ = false;
    wire_.reset();
  }
  finish(*slot, nullptr);
}

/// Waits until nothing is in flight on a broken connection; whoever reads is seeing to it. It cannot take
/// long: the socket is shut down, so whoever reads, or was just made to, waits for nothing but a processor.
void SharedConnection::drain(Caller& caller) noexcept {
  while (roles_.in_flight() > 0) {
    // Who read may have left and made this thread the reader, which it would else learn when it waits for its
    // reply.
    const bool appointed = (caller.slot.state.load() & slot_bits::lead) != 0;
    if (caller.reading || appointed || roles_.take_over()) {
      caller.slot.state.fetch_and(~slot_bits::lead);
      caller.reading = true;
      end_all(caller);
    } else {
      ::sched_yield();
    }
  }
  caller.reading = false;
}

void SharedConnection::fail_queued(const Failure& failure) noexcept {
  do {
    while (pending_ != nullptr) {
      finish(*pop_pending(), &failure);
    }
    take_queue();
  } while (pending_ != nullptr);
}

}  // namespace rediscache::net
