// Which calls of a FaultyCache fail, and how.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include <rediscache/testing/call_fault.hpp>
#include <rediscache/testing/faulty_cache.hpp>

#include "testing/dice.hpp"

namespace rediscache::testing {

/// Thread-safe.
class CallFaults {
 public:
  explicit CallFaults(std::uint64_t seed) noexcept : dice_{seed} {}

  void add(CallRule rule, bool first);
  void clear();
  [[nodiscard]] FaultyCacheStatistics statistics() const;

  /// The result of `call()`, unless this call is to fail: then what `omitted()` or, for a miss, `missed()`
  /// gives, or an exception.
  template <class Call, class Omitted, class Missed>
  auto run(CacheCall kind, Call&& call, Omitted&& omitted, Missed&& missed) {
    const std::optional<CallFault> fault = next(kind);
    if (!fault || fault->kind == CallFault::Kind::slow) {
      return call();
    }
    if (fault->kind == CallFault::Kind::miss) {
      return missed();
    }
    if (fault->executed) {
      static_cast<void>(call());
    }
    if (fault->kind != CallFault::Kind::omit) {
      raise(*fault, kind);
    }
    return omitted();
  }

 private:
  /// Decides about one call, and waits when it is to be slow.
  [[nodiscard]] std::optional<CallFault> next(CacheCall kind);
  [[nodiscard]] std::optional<CallFault> decide(CacheCall kind);
  [[noreturn]] static void raise(const CallFault& fault, CacheCall kind);

  mutable std::mutex mutex_;
  Dice dice_;
  std::deque<CallRule> rules_;
  FaultyCacheStatistics statistics_;
};

}  // namespace rediscache::testing
