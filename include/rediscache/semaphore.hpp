// Permits that processes share through the server: so many may do something at once, and no more.
//
//   auto permit = cache.semaphore("render", {.permits = 4, .timeout = 10s});
//   if (std::unique_lock guard{permit, std::try_to_lock}) {
//     render();   // at most 4 do so at a time, in all processes together
//   }
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
class PermitHolder;
}  // namespace cache

/// How many permits there are; the rest is as in LockOptions.
struct SemaphoreOptions {
  /// How many may be held at once. Everybody says the same: who says more takes more.
  std::size_t permits = 1;
  std::optional<int> version{};
  /// After so long without a renewal the server frees the permit by itself. Nothing: never, so a process that
  /// dies holding one leaves one less for ever.
  std::optional<Milliseconds> timeout{};
  Milliseconds sleep{100};
  bool blocking = true;
  Milliseconds blocking_timeout{60'000};
  bool renew = true;
  LockLost on_lost{};
  std::shared_ptr<Timer> timer{};
};

/// One permit of a counting semaphore under a key of the cache. As Lock, with as many holders at once as
/// there are permits: renewed while it is held, freed by the server when its holder died, waited for without
/// asking all the time, and with the same guarantees and gaps. Who waits gets one in no particular order.
///
/// The key holds a sorted set of the holders, so it cannot be that of a Lock or a SharedLock as well.
///
/// Meets Lockable and TimedLockable: std::unique_lock works. One object is one holder. Thread safety: none;
/// each thread makes its own object. After a fork the child holds none of the parent's permits. Errors:
/// InvalidArgument from the constructor for no permits, or times that make no sense. What a cache with
/// `ignore_exceptions` does when it cannot reach its server stands with each function: none pretends success.
class REDISCACHE_API Semaphore {
 public:
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  Semaphore(Semaphore&& other) noexcept;
  Semaphore& operator=(Semaphore&& other) noexcept;
  /// Releases the permit if one is held; never throws.
  ~Semaphore();

  /// Acquires a permit as the options say; whether one is held now. Omitted: false.
  [[nodiscard]] bool acquire();
  /// Waits for a permit, blocking_timeout at most; throws LockError when none was to be had, and
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
  /// release(), but never throws: what went wrong is counted and logged by the cache, and a permit that was
  /// lost is told to `on_lost`.
  void unlock() noexcept;
  /// Gives the permit back. LockNotOwnedError when none is held, or no longer; ConnectionInterrupted, even
  /// with `ignore_exceptions`, when the server could not be told.
  void release();

  /// Adds time to the life of a held permit, or with `replace` sets what is left of it. True when done.
  /// LockNotOwnedError when it is not held any more; LockError when it has no timeout. Omitted: false.
  bool extend(Milliseconds time, bool replace = false);
  /// Sets what is left of a held permit's life back to its timeout. As extend() otherwise.
  bool reacquire();

  /// Whether this object holds a permit, as the server sees it. Omitted: false.
  [[nodiscard]] bool owned() const;
  /// How many are held, as the server sees it. Omitted: nothing.
  [[nodiscard]] std::optional<std::size_t> holders() const;

  /// As Lock::held(): whether a permit is held as far as this process knows, without asking.
  [[nodiscard]] bool held() const noexcept;
  /// As Lock::valid_until().
  [[nodiscard]] std::chrono::steady_clock::time_point valid_until() const noexcept;
  /// A number that is higher for each permit given out. LockNotOwnedError when none is held.
  [[nodiscard]] std::uint64_t fencing_token() const;

  /// The key that the server sees.
  [[nodiscard]] const std::string& name() const noexcept;

 private:
  friend class RedisCache;
  Semaphore(std::shared_ptr<cache::Core> core, const detail::CallMode& mode, std::string_view key,
            const SemaphoreOptions& options);

  [[nodiscard]] bool try_for(std::chrono::nanoseconds time);

  detail::Owned<cache::PermitHolder> holder_;
};

}  // namespace rediscache
