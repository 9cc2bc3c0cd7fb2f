// One call on a shared connection, with all that it needs to go on without its caller.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "base/deadline.hpp"
#include "net/failover_monitor.hpp"
#include "net/roles.hpp"

namespace rediscache::net {

struct StandardSync {
  template <class T>
  using Atomic = std::atomic<T>;
};

/// More calls are never in flight on one connection.
using SharedRoles = Roles<StandardSync, 8192>;

/// A caller that cannot wait any longer leaves its slot behind: nothing in it points to the caller.
struct Slot final : SharedRoles::Slot {
  std::string request;
  std::size_t commands = 0;
  bool must_be_alive = false;  ///< what cannot be sent twice goes over no connection that may be dead
  bool closes = false;         ///< no call, but the wish that an idle connection be closed

  /// By the coarse clock. The writer's until the call is marked as sent, then everybody's to read.
  base::Clock::time_point sent_at{};

  // The writer's, until it is appended; then the reader's.
  bool ends_send = false;
  bool maybe_executed = false;
  bool declined = false;  ///< not sent, for the connection leads to the wrong server and is still in use
  ConnectionOrigin origin{};
  std::size_t timed = 0;  ///< commands of the send that it ends, when the round trip of that is wanted
  base::Clock::time_point timed_from{};

  // The reader's, until it is done; then the caller's.
  std::size_t answered = 0;
  Reply single;
  std::vector<Reply> several;
  std::optional<Failure> failure;

  /// For a new call. Storage that earlier calls needed is kept, within reason.
  void reset(std::size_t command_count, bool alive);
  void copy_request(const Commands& from);
  [[nodiscard]] Reply& next_place() noexcept { return commands == 1 ? single : several[answered]; }
  void move_replies_to(std::span<Reply> replies);

  /// A slot for a call of this thread. Threads keep theirs for the next call.
  [[nodiscard]] static std::unique_ptr<Slot> take();
  static void keep(std::unique_ptr<Slot> slot) noexcept;
};

}  // namespace rediscache::net
