// A lock that processes share through the server.
//
//   auto lock = cache.lock("rebuild", {.timeout = 10s});
//   if (std::unique_lock guard{lock, std::try_to_lock}) {
//     storage.rebuild(lock.fencing_token());   // held until released; if this process dies, 10 s at most
//   }
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <rediscache/detail/call_mode.hpp>
#include <rediscache/detail/owned.hpp>
#include <rediscache/error.hpp>
#include <rediscache/export.hpp>
#include <rediscache/lock_options.hpp>
#include <rediscache/milliseconds.hpp>

namespace rediscache {

namespace cache {
class Core;
class Holder;
}  // namespace cache

/// A lock under a key of the cache, as redis-py's Lock keeps it: the key holds a random token while the lock
/// is held, and only who knows the token can release it. Python and we exclude each other.
///
/// Guaranteed while the server keeps its data and is reached in time: one holder at a time, and whoever waits
/// gets it soon after it is released. With a timeout it is renewed while it is held, so the timeout is only
/// how long a process that died keeps others out; without one it is never freed by itself.
///
/// Not guaranteed, by no lock of this kind: that a holder stops when it lost the lock. A replica that takes
/// over may not have heard of it; FLUSHDB (`clear()`) deletes it; a process that is stopped for longer than
/// the timeout wakes up without it; so does everybody when the server's clock jumps ahead. Whoever must not
/// suffer from this passes fencing_token() to what the lock protects, which turns away tokens lower than one
/// it has seen. docs/locks.md has an example.
///
/// Meets Lockable and TimedLockable: std::unique_lock and std::scoped_lock work. Keeps the cache's
/// connections alive. One object is one holder. Thread safety: none; each thread makes its own object. After
/// a fork the child holds none of the parent's locks, and its copies of them release nothing.
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

  /// Acquires the lock as the options say; whether it is held now. Omitted: false. Takes no longer than that
  /// and one call to the server. When nobody knows whether the server did it, it is released again in the
  /// background. Throws what the timer throws, before the server is asked.
  [[nodiscard]] bool acquire();

  /// Waits for the lock, blocking_timeout at most; throws LockError when it was not to be had, and
  /// ConnectionInterrupted when the server could not be reached, even with `ignore_exceptions`.
  void lock();
  /// One try. Omitted: false.
  [[nodiscard]] bool try_lock();
  template <class Rep, class Period>
  [[nodiscard]] bool try_lock_for(std::chrono::duration<Rep, Period> time) {
    return try_for(detail::saturating_ceil<std::chrono::nanoseconds>(time));
  }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_lock_until(std::chrono::time_point<Clock, Duration> until) {
    return try_for(detail::saturating_between(until, Clock::now()));
  }
  /// release(), but never throws: what went wrong is counted and logged by the cache, and a lock that was
  /// lost is told to `on_lost`.
  void unlock() noexcept;

  /// Releases the lock. LockNotOwnedError when it is not held, or no longer, because its time ran out;
  /// ConnectionInterrupted, even with `ignore_exceptions`, when the server could not be told (it is then told
  /// in the background, for a while).
  void release();

  /// Adds time to the life of a held lock, or with `replace` sets what is left of it. True when done.
  /// LockNotOwnedError when it is not held any more; LockError when it has no timeout. Omitted: false.
  bool extend(Milliseconds time, bool replace = false);
  /// Sets what is left of a held lock's life back to its timeout. As extend() otherwise.
  bool reacquire();

  /// Whether this object holds the lock, as the server sees it. Omitted: false.
  [[nodiscard]] bool owned() const;
  /// Whether anybody holds it, as the server sees it. Omitted: false.
  [[nodiscard]] bool locked() const;

  /// Whether this object holds the lock as far as this process knows, which asks nobody and takes no time: it
  /// was acquired, nothing says that it is lost, and its time has not passed on our clock.
  [[nodiscard]] bool held() const noexcept;
  /// Until when it is held if nothing renews it; `time_point::max()` without a timeout, `min()` when it is
  /// not held. Counted from before the server was asked, so that the server frees it a little later.
  [[nodiscard]] std::chrono::steady_clock::time_point valid_until() const noexcept;
  /// A number that is higher for each next holder: of this lock's name on this server, whoever holds it
  /// through this library. The server's time in microseconds, or the last one plus 1: it does not start again
  /// after FLUSHDB, nor when the server's clock goes back. LockNotOwnedError when the lock is not held, as
  /// release() would say without asking.
  [[nodiscard]] std::uint64_t fencing_token() const;

  /// The key that the server sees.
  [[nodiscard]] const std::string& name() const noexcept;

 private:
  friend class RedisCache;
  Lock(std::shared_ptr<cache::Core> core, const detail::CallMode& mode, std::string_view key,
       const LockOptions& options);

  [[nodiscard]] bool try_for(std::chrono::nanoseconds time);

  detail::Owned<cache::Holder> holder_;
};

}  // namespace rediscache
