// One connection that many threads use at once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "base/deadline.hpp"
#include "net/crowd.hpp"
#include "net/gate.hpp"
#include "net/gathering.hpp"
#include "net/pace.hpp"
#include "net/sleepers.hpp"
#include "net/slot.hpp"
#include "net/socket.hpp"
#include "net/try_time.hpp"
#include "resp/reply_reader.hpp"

namespace rediscache::net {

/// Threads put their requests into a queue. One of them, the writer, sends all that is queued in one system
/// call; one that waits for a reply, the reader, receives for everybody. No thread is needed besides the
/// callers', and a lone caller pays one send and one receive. Roles (roles.hpp) says who does what; here is
/// what they do.
///
/// A caller whose deadline passes leaves: what was not sent is withdrawn, the reply to what was is thrown
/// away when it comes. If that takes longer than any call may, the connection is closed and everybody on it
/// is told.
///
/// Opens its connection when it is first needed, and again whenever it broke. Thread-safe.
class SharedConnection {
 public:
  /// `crowd`: how many calls meet at this server.
  SharedConnection(Gate& gate, const Crowd& crowd);
  SharedConnection(const SharedConnection&) = delete;
  SharedConnection& operator=(const SharedConnection&) = delete;
  ~SharedConnection();

  /// Sends commands and waits for their replies. `must_be_alive`: not over a connection that may have died
  /// unnoticed.
  [[nodiscard]] std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                const TryTime& time, bool must_be_alive) {
    Outcome outcome;
    return exchange(commands, replies, time, must_be_alive, outcome);
  }
  /// What else is known of a call.
  struct Outcome {
    ConnectionOrigin origin{};  ///< of the connection that it was sent over
    bool declined = false;      ///< it was not sent: the connection became draining() meanwhile
    bool withdrawn = false;     ///< it was not sent before its deadline passed
  };
  [[nodiscard]] std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                const TryTime& time, bool must_be_alive, Outcome& outcome);

  /// It leads to the wrong server, and calls are still under way on it: it finishes these and takes no more.
  [[nodiscard]] bool draining() const noexcept {
    return !gate_.failover().usable(generation_.load(std::memory_order_relaxed)) && is_waited_for();
  }

  /// Closes the connection if no call is using it.
  void close_idle();

  [[nodiscard]] std::size_t in_flight() const noexcept { return roles_.in_flight(); }
  /// Exactly one call is using it, as far as can be seen.
  [[nodiscard]] bool has_lone_call() const noexcept { return roles_.has_lone_call(); }
  [[nodiscard]] bool quiet() const noexcept { return roles_.quiet(); }
  /// A call that comes now would wait for a large reply to somebody else. One that nobody waits for is closed
  /// with its connection by the next call.
  [[nodiscard]] bool receiving_much() const noexcept {
    return receiving_much_.load(std::memory_order_relaxed) && is_waited_for();
  }
  [[nodiscard]] bool open() const noexcept {
    return open_.load(std::memory_order_relaxed) && !broken_.load(std::memory_order_relaxed);
  }
  /// How often a connection broke.
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

  void after_fork_in_child() noexcept;

 private:
  /// A connection, and what belongs to it and not to the next one.
  struct Wire {
    Wire(Socket connected, const ConnectionOrigin& where, std::size_t max_reply_bytes)
        : socket{std::move(connected)}, origin{where}, reader{max_reply_bytes} {}
    Socket socket;
    ConnectionOrigin origin;
    resp::ReplyReader reader;
    Reply unwanted;
    std::atomic<bool> sending_failed{false};
    bool refused{false};  // the server closes it because of a request; the reader's
  };
  /// The thread of a call, and what it is doing.
  struct Caller {
    Slot& slot;
    base::Deadline deadline;
    const TryTime* starts_when_sent = nullptr;  // there was no connection: its try begins with one
    bool direct = false;                        // its request is not in the queue
    bool reading = false;                       // it has the reader's role
    std::exception_ptr thrown{};  // in a role; for this caller only, others learn that their calls failed

    [[nodiscard]] bool done() const noexcept { return (slot.state.load() & slot_bits::done) != 0; }
  };
  /// What a receive has brought.
  struct Answered {
    Sleepers sleepers{};
    std::size_t calls = 0;
    int sends = 0;
  };
  enum class Ready { yes, failed, somebody_else_goes_on };

  // Everybody's (shared_connection.cpp).
  [[nodiscard]] std::optional<Failure> wait(Caller& caller);
  [[nodiscard]] Failure timed_out(std::optional<base::Clock::time_point> sent_at) noexcept;
  void break_off(Failure failure, std::optional<base::Clock::time_point> waited_since = {}) noexcept;
  [[nodiscard]] Failure why_broken() const;
  [[nodiscard]] static Failure failure_for(const char* why) noexcept;
  static void finish(Slot& slot, const Failure* failure) noexcept;

  // The writer's (shared_writing.cpp).
  void write(Caller& caller) noexcept;
  void write_directly(Caller& caller, const Commands& commands) noexcept;
  void write_queue(Caller& caller);
  void gather() noexcept;
  [[nodiscard]] bool write_now(Caller& caller, const Commands& commands);
  [[nodiscard]] Ready make_ready(Caller& caller, bool must_be_alive);
  [[nodiscard]] bool usable(Caller& caller, bool must_be_alive);
  [[nodiscard]] bool leads_astray() const noexcept {
    return !gate_.failover().usable(wire_->origin.generation);
  }
  /// Somebody waits for a reply on it; not so if all who did have left.
  [[nodiscard]] bool is_waited_for() const noexcept {
    return roles_.in_flight() > 0 && !roles_.nobody_is_reading();
  }
  void decline_queued();
  void retire(Caller& caller);
  void send_batch(Caller& caller);
  void append(Caller& caller, Slot& slot) noexcept;
  void find_reader(Caller& caller) noexcept;
  [[nodiscard]] Transfer send_all(Caller& caller, std::span<std::string_view> pieces, bool& some);
  void sending_failed(const Transfer& how, base::Clock::time_point since) noexcept;
  [[nodiscard]] bool hand_over_writing(Caller& caller) noexcept;
  void close_on_request() noexcept;
  void drain(Caller& caller) noexcept;
  void fail_queued(const Failure& failure) noexcept;
  void give_up_writing(Caller& caller, const char* why) noexcept;
  void take_queue() noexcept { pending_ = static_cast<Slot*>(roles_.take()); }
  [[nodiscard]] Slot* take_more() noexcept;
  [[nodiscard]] bool any_must_be_alive() const noexcept;
  [[nodiscard]] Slot* pop_pending() noexcept {
    return std::exchange(pending_, static_cast<Slot*>(pending_->next));
  }

  // The reader's (shared_reading.cpp).
  void read(Caller& caller) noexcept;
  [[nodiscard]] bool receive(Caller& caller);
  void take_in(Caller& caller, std::size_t bytes);
  void take_in_what_is_there(Caller& caller);
  [[nodiscard]] std::optional<Failure> complete_answered(Answered& answered);
  [[nodiscard]] static Failure refused_reply(Wire& wire, const Slot& slot);
  void end_all(Caller& caller) noexcept;
  [[nodiscard]] bool pass_reading(Caller& caller) noexcept;
  void leave_reading(Caller& caller) noexcept;
  void complete_all(Caller& caller) noexcept;
  [[nodiscard]] Transfer look(const Caller& caller);
  [[nodiscard]] bool overdue() const noexcept;

  Gate& gate_;
  const std::chrono::milliseconds patience_;  // no call waits longer for a reply
  SharedRoles roles_;
  std::unique_ptr<Wire> wire_;  // the writer's while nothing is in flight
  Slot* pending_ = nullptr;     // taken from the queue and not yet sent; the writer's
  std::string out_;             // the writer's
  Pace pace_;
  Gathering gathering_;
  base::Clock::time_point last_used_{};  // the reader's, and the writer's while nothing is in flight
  std::atomic<proto::FailoverState::Generation> generation_{0};  // of the connection
  std::atomic<bool> broken_{false};
  std::atomic<bool> open_{false};
  std::atomic<bool> receiving_much_{false};
  std::atomic<std::uint64_t> lost_{0};
  mutable std::unique_ptr<std::mutex> failure_mutex_ = std::make_unique<std::mutex>();
  Failure failure_;
};

}  // namespace rediscache::net
