// Which of two caches answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include <rediscache/cache.hpp>
#include <rediscache/error.hpp>
#include <rediscache/failover_cache.hpp>

namespace rediscache::local {

/// Two caches, and whether the first of them is down. Thread-safe, and without a lock: what threads do at the
/// moment of a change may at worst be missing from the local cache.
class Outage {
 public:
  Outage(std::shared_ptr<Cache> first, std::shared_ptr<Cache> local, FailoverOptions options);

  /// What `call(cache)` gives with the first cache or, when that is down, with the local one.
  template <class Call>
  auto run(const Call& call) {
    try {
      auto result = call(*first_);
      answered();
      return result;
    } catch (const ConnectionInterrupted& error) {
      if (!is_outage(error.failure())) {
        throw;
      }
      began(error.failure());
    } catch (const KeyError& error) {
      if (error.code() != ErrorCode::encode) {  // that was found on the way there
        answered();
      }
      throw;
    }
    local_calls_.fetch_add(1, std::memory_order_relaxed);
    return call(*local_);
  }

  [[nodiscard]] Cache& first() const noexcept { return *first_; }
  [[nodiscard]] FailoverStatistics statistics() const noexcept;
  void close() noexcept;

 private:
  [[nodiscard]] bool is_outage(const Failure& failure) const;
  void answered() {
    if (is_down(changes_.load(std::memory_order_acquire))) {
      ended();
    }
  }
  void began(const Failure& failure);
  void ended();
  void tell(const Failure* failure) const noexcept;

  /// The first cache goes down and comes back in turn.
  [[nodiscard]] static bool is_down(std::uint64_t changes) noexcept { return changes % 2 == 1; }

  const std::shared_ptr<Cache> first_;
  const std::shared_ptr<Cache> local_;
  const FailoverOptions options_;
  std::atomic<std::uint64_t> changes_{0};
  std::atomic<std::uint64_t> local_calls_{0};
};

}  // namespace rediscache::local
