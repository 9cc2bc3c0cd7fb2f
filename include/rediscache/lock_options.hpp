// How a lock is held, and what is told when it is lost. For Lock and for what is built like it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/export.hpp>
#include <rediscache/milliseconds.hpp>
#include <rediscache/timer.hpp>

namespace rediscache {

/// Why something that was held is held no longer, though nobody released it.
enum class LostReason : std::uint8_t {
  gone,         ///< the server has it no more: it ran out, was deleted, or the database was flushed
  taken,        ///< somebody else holds it by now
  unreachable,  ///< it could not be renewed before its own time had passed on our clock
};

/// "gone", "taken", "unreachable".
[[nodiscard]] REDISCACHE_API std::string_view to_string(LostReason reason) noexcept;

struct LostLock {
  std::string name{};  ///< the key that the server sees
  LostReason reason = LostReason::gone;
  std::uint64_t fencing_token = 0;
};

using LockLost = std::function<void(const LostLock& lost)>;

struct LockOptions {
  std::optional<int> version{};
  /// After so long without a renewal the server frees the lock by itself. Nothing: never, so a process that
  /// dies holding it leaves it locked for ever.
  std::optional<Milliseconds> timeout{};
  /// How long to wait between two tries, more or less, while nobody tells us of the release: because Python
  /// holds the lock, or because the server cannot be subscribed to.
  Milliseconds sleep{100};
  /// Whether acquire() waits at all.
  bool blocking = true;
  /// How long acquire() and lock() wait at most.
  Milliseconds blocking_timeout{60'000};
  /// Whether the life of what has a timeout is renewed in the background while it is held, each time that a
  /// third of it has passed. False: it runs out, as redis-py's, unless extend() is called in time.
  bool renew = true;
  /// Whether waiters get it in the order in which they came. Only among those who are fair: others, and
  /// Python, take it when they find it free.
  bool fair = false;
  /// Told once when what was held is found to be lost: in the background, or by unlock() and the destructor.
  /// (A function that throws LockNotOwnedError tells it by that.) Called on the timer's thread or on the one
  /// that unlocks, never under a lock of ours, and it may use the lock, but must neither wait for long nor
  /// destroy it. Once release() has returned, or the destructor, it is not running and will not be called.
  LockLost on_lost{};
  /// Who renews: the caller's own executor; nothing: one thread for the whole process, started when it is
  /// first needed, and more while servers do not answer.
  std::shared_ptr<Timer> timer{};
};

}  // namespace rediscache
