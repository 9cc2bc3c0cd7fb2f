// What the stress counts.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include <rediscache/error.hpp>

namespace rediscache::test {

/// Thread-safe.
struct StressTally {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> lost{0};      ///< failed in other ways
  std::atomic<std::uint64_t> not_sent{0};  ///< of those that failed, certainly not executed
  std::atomic<std::uint64_t> wrong{0};
  std::atomic<std::uint64_t> late{0};  ///< calls that ended after their deadline and a margin
  std::atomic<std::int64_t> latest_us{0};
  /// How often the server has lost its data, or may be about to.
  std::atomic<std::uint64_t> wipes{0};

  void count(const Failure& failure) {
    ++(failure.code == ErrorCode::timeout ? timed_out : lost);
    not_sent += failure.maybe_executed ? 0U : 1U;
  }
  void report(std::atomic<std::uint64_t>& kind, const std::string& what) {
    if (++kind <= 20) {
      const std::scoped_lock lock{mutex};
      std::fprintf(stderr, "%s\n", what.c_str());
    }
  }
  /// A call ended so long after its deadline.
  void ended(std::chrono::microseconds after) {
    std::int64_t seen = latest_us.load();
    while (seen < after.count() && !latest_us.compare_exchange_weak(seen, after.count())) {
    }
  }

  std::mutex mutex;
};

}  // namespace rediscache::test
