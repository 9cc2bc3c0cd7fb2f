// A lock that many may share, or one hold alone, across processes.
//
//   auto lock = cache.shared_lock("catalogue", {.timeout = 10s});
//   { std::shared_lock guard{lock}; read(); }    // beside others who read
//   { std::unique_lock guard{lock}; write(); }   // alone
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
class PermitHolder;
}  // namespace cache

/// A lock that is held either by any number who share it or by one who is alone. Like Lock otherwise: renewed
/// while it is held, freed by the server when its holder died, waited for without asking all the time, and
/// with the same guarantees and gaps.
///
/// While somebody waits to hold it alone nobody new may share it, so that those who share do not keep that
/// one out for ever; when many want it alone all the time, those who would share it wait for long.
/// `LockOptions::fair` changes nothing: those who wait are not in order.
///
/// The key holds a sorted set of the holders, so it cannot be that of a Lock or a Semaphore as well.
///
/// Meets SharedTimedLockable: std::shared_lock and std::unique_lock work. One object is one holder, of one
/// kind at a time: LockError when it is asked for more. Thread safety: none; each thread makes its own
/// object. After a fork the child holds none of the parent's. Errors: InvalidArgument from the constructor
/// for times that make no sense. What a cache with `ignore_exceptions` does when it cannot reach its server
/// stands with each function: none pretends success.
class REDISCACHE_API SharedLock {
 public:
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;
  SharedLock(SharedLock&& other) noexcept;
  SharedLock& operator=(SharedLock&& other) noexcept;
  /// Releases the lock if it is held; never throws.
  ~SharedLock();

  /// Acquires it alone, as the options say; whether it is held now. Omitted: false.
  [[nodiscard]] bool acquire();
  /// The same, shared.
  [[nodiscard]] bool acquire_shared();

  /// Waits to hold it alone, blocking_timeout at most; throws LockError when it was not to be had, and
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

  /// The same, shared.
  void lock_shared();
  [[nodiscard]] bool try_lock_shared();
  template <class Rep, class Period>
  [[nodiscard]] bool try_lock_shared_for(std::chrono::duration<Rep, Period> time) {
    return try_shared_for(detail::saturating_ceil<std::chrono::nanoseconds>(time));
  }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_lock_shared_until(std::chrono::time_point<Clock, Duration> until) {
    return try_shared_for(detail::saturating_between(until, Clock::now()));
  }
  void unlock_shared() noexcept;

  /// Releases it, however it is held. LockNotOwnedError when it is not held, or no longer;
  /// ConnectionInterrupted, even with `ignore_exceptions`, when the server could not be told.
  void release();

  /// Adds time to the life of a held lock, or with `replace` sets what is left of it. True when done.
  /// LockNotOwnedError when it is not held any more; LockError when it has no timeout. Omitted: false.
  bool extend(Milliseconds time, bool replace = false);
  /// Sets what is left of a held lock's life back to its timeout. As extend() otherwise.
  bool reacquire();

  /// Whether this object holds it in either way, as the server sees it. Omitted: false.
  [[nodiscard]] bool owned() const;
  /// How many hold it, as the server sees it. Omitted: nothing.
  [[nodiscard]] std::optional<std::size_t> holders() const;

  /// As Lock::held(): whether it is held in either way as far as this process knows, without asking.
  [[nodiscard]] bool held() const noexcept;
  /// As Lock::valid_until().
  [[nodiscard]] std::chrono::steady_clock::time_point valid_until() const noexcept;
  /// A number that is higher for each next holder, of both kinds. LockNotOwnedError when it is not held.
  [[nodiscard]] std::uint64_t fencing_token() const;

  /// The key that the server sees.
  [[nodiscard]] const std::string& name() const noexcept;

 private:
  friend class RedisCache;
  SharedLock(std::shared_ptr<cache::Core> core, const detail::CallMode& mode, std::string_view key,
             const LockOptions& options);

  [[nodiscard]] bool try_for(std::chrono::nanoseconds time);
  [[nodiscard]] bool try_shared_for(std::chrono::nanoseconds time);
  /// The one that holds, if one does.
  [[nodiscard]] cache::Holder& holding() const;
  /// LockError when it is held already.
  [[nodiscard]] cache::Holder& wanted(const detail::Owned<cache::PermitHolder>& way) const;

  std::string key_;  // as the caller names it, for errors
  detail::Owned<cache::PermitHolder> alone_;
  detail::Owned<cache::PermitHolder> sharing_;
};

}  // namespace rediscache
