// Those of one process who wait for the same thing.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "base/deadline.hpp"
#include "base/fork.hpp"
#include "base/fork_mutex.hpp"
#include "client/subscribers.hpp"

namespace rediscache::cache {

/// One who waits: a thread that tries, sleeps, and tries again.
class Waiter {
 public:
  explicit Waiter(std::string id) : id_{std::move(id)} {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() = default;

  [[nodiscard]] const std::string& id() const noexcept { return id_; }

 private:
  friend class WaitingRoom;
  /// A wake is for one try. A nudge only says that this one is the first now.
  enum Signal : std::uint32_t { none = 0, nudge = 1, wake = 2 };

  const std::string id_;
  std::atomic<std::uint32_t> signals_{none};
  bool sleeps_ = false;  // guarded by the room
};

/// One message wakes one of them, the first that sleeps. Who leaves without having used a wake passes it on,
/// so that none is lost. The first also looks from time to time whether a message went missing; when it
/// leaves, the next is told that this is its duty now.
///
/// Thread-safe. In the child of a fork the room is empty.
class WaitingRoom final : public net::Listener {
 public:
  enum class Woken { by_message, as_first, by_time };

  /// False when it is closed: the waiter needs another room.
  [[nodiscard]] bool enter(Waiter& waiter);
  /// Whether the room is empty now. Then it is closed, so that whoever tells the server does not do so for
  /// others who came in between.
  bool leave(Waiter& waiter) noexcept;
  [[nodiscard]] bool is_closed() const noexcept { return is_closed_.load(); }
  [[nodiscard]] bool is_first(const Waiter& waiter) const noexcept;
  /// Sleeps until it is woken, or until then.
  [[nodiscard]] Woken sleep(Waiter& waiter, base::Deadline until) noexcept;

  /// Wakes whom the message is for: `*` is for all, an id for that waiter only, anything else for one.
  void message(const net::Topic& topic, std::string_view channel, std::string& payload) noexcept override;
  /// Wakes one: there may have been a message.
  void gap() noexcept override;

 private:
  /// Not those of a process that this was forked from. The lock is held.
  void forget_ancestors() noexcept;
  void wake_one() noexcept;
  static void signal(Waiter& waiter, Waiter::Signal what) noexcept;

  mutable base::ForkMutex mutex_;
  std::deque<Waiter*> waiters_;
  std::uint64_t generation_ = base::fork_generation();
  std::atomic<bool> is_closed_{false};
};

}  // namespace rediscache::cache
