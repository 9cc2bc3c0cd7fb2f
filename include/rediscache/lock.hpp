// A lock that processes share through the server.
//
//   auto lock = cache.lock("rebuild", {.timeout = 10s});
//   if (std::unique_lock guard{lock, std::try_to_lock}) {
//     rebuild();   // at most 10 s: then the lock is free again, whether or not this is done
//   }
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>
#include <rediscache/export.hpp>

namespace rediscache {

namespace cache {
class Core;
}  // namespace cache

struct LockOptions {
  std::optional<int> version{};
  /// After so long the server frees the lock by itself. Nothing: never, so a process that dies holding it
  /// leaves it locked for ever.
  std::optional<std::chrono::milliseconds> timeout{};
  /// How long to wait between two tries.
  std::chrono::milliseconds sleep{100};
  /// Whether acquire() waits at all.
  bool blocking = true;
  /// How long acquire() and lock() wait at most.
  std::chrono::milliseconds blocking_timeout{60'000};
};

/// A lock under a key of the cache, as redis-py's Lock keeps it: the key holds a random token while the lock
/// is held, and only who knows the token can release it.
///
/// It excludes as long as the server keeps its data and the timeout has not passed. It does not after a
/// failover to a replica that had not heard of it, nor after FLUSHDB (`clear()`).
///
/// Meets Lockable and TimedLockable: std::unique_lock and std::scoped_lock work. Keeps the cache's
/// connections alive. One object is one holder. Thread safety: none; each thread makes its own object.
/// Errors: InvalidArgument from the constructor for times that make no sense. What a cache with
/// `ignore_exceptions` does when it cannot reach its server stands with each function: none pretends success.
class REDISCACHE_API Lock {
 public:
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&& other) noexcept;
  /// Releases the lock if it is held; never throws.
  ~Lock();

  /// Acquires the lock as the options say; whether it is held now. Omitted: false.
  [[nodiscard]] bool acquire();

  /// Waits for the lock, blocking_timeout at most; throws LockError when it was not to be had, and
  /// ConnectionInterrupted when the server could not be reached, even with `ignore_exceptions`.
  void lock();
  /// One try. Omitted: false.
  [[nodiscard]] bool try_lock();
  template <class Rep, class Period>
  [[nodiscard]] bool try_lock_for(std::chrono::duration<Rep, Period> time) {
    return try_until(std::chrono::steady_clock::now() +
                     std::chrono::ceil<std::chrono::steady_clock::duration>(time));
  }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_lock_until(std::chrono::time_point<Clock, Duration> until) {
    return try_lock_for(until - Clock::now());
  }
  /// release(), but never throws: what went wrong is counted and logged by the cache.
  void unlock() noexcept;

  /// Releases the lock. LockNotOwnedError when it is not held, or no longer, because its time ran out;
  /// ConnectionInterrupted, even with `ignore_exceptions`, when the server could not be told.
  void release();

  /// Adds time to the life of a held lock, or with `replace` sets what is left of it. True when done.
  /// LockNotOwnedError when it is not held any more; LockError when it has no timeout. Omitted: false.
  bool extend(std::chrono::milliseconds time, bool replace = false);
  /// Sets what is left of a held lock's life back to its timeout. As extend() otherwise.
  bool reacquire();

  /// Whether this object holds the lock, as the server sees it. Omitted: false.
  [[nodiscard]] bool owned() const;
  /// Whether anybody holds it, as the server sees it. Omitted: false.
  [[nodiscard]] bool locked() const;

  /// The key that the server sees.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  friend class RedisCache;
  Lock(std::shared_ptr<cache::Core> core, bool strict, std::string_view key, const LockOptions& options);

  [[nodiscard]] bool try_once(bool strict);
  [[nodiscard]] bool try_until(std::chrono::steady_clock::time_point until, bool strict);
  [[nodiscard]] bool try_until(std::chrono::steady_clock::time_point until) {
    return try_until(until, strict_);
  }
  bool renew(std::chrono::milliseconds time, bool replace);
  [[noreturn]] void throw_not_owned() const;

  std::shared_ptr<cache::Core> core_;
  bool strict_;
  std::string key_;   // as the caller names it, for errors
  std::string name_;  // as the server does
  LockOptions options_;
  std::string token_;  // empty while not held
};

}  // namespace rediscache
