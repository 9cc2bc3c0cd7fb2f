// Calls to several servers at once, by one thread.
#pragma once

#include <optional>
#include <span>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "base/deadline.hpp"
#include "net/pool.hpp"
#include "proto/multiplexer.hpp"

namespace rediscache::net {

/// One call under way over a connection of its own. Stays where it was made; what it points to lives as long
/// as it does. Not thread-safe.
class Flight {
 public:
  /// Sends what can be sent without waiting.
  Flight(Pool::Lease lease, const Commands& commands, std::span<Reply> replies);
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  ~Flight() = default;

  [[nodiscard]] bool finished() const noexcept { return call_.finished(); }
  /// Why there are no replies, once finished.
  [[nodiscard]] std::optional<Failure>& failure() noexcept { return call_.failure; }

  /// Of the connection.
  [[nodiscard]] const ConnectionOrigin& origin() const noexcept { return lease_->origin(); }

  /// Waits until one of them is finished, if none is yet. At the deadline those that are not fail.
  ///
  /// It looks `looks` times before it sleeps, for nearby an answer comes sooner than a thread wakes up; when
  /// that was in vain, `looks` is 0.
  static void wait(std::span<Flight* const> flights, base::Deadline deadline, int& looks);
  static constexpr int most_looks = 40;

 private:
  proto::Call call_;
  Pool::Lease lease_;  // goes first: the connection knows the call
};

}  // namespace rediscache::net
