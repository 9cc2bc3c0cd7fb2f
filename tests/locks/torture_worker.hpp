// One thread that takes the lock again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include <rediscache/redis_cache.hpp>

#include "locks/torture_state.hpp"

namespace rediscache::test {

class TortureWorker {
 public:
  struct Settings {
    std::size_t process = 0;
    std::size_t holder = 0;  ///< its place in the state
    bool fair = false;
    std::uint64_t seed = 0;
  };

  TortureWorker(RedisCache& cache, TortureState& state, Settings settings)
      : cache_{cache}, state_{state}, settings_{settings}, random_{settings.seed} {}

  /// Until the lock was had once after the draining began.
  void run();

 private:
  [[nodiscard]] bool turn();
  [[nodiscard]] bool acquire(Lock& lock);
  void hold(Lock& lock);
  /// Works inside for some time; false when the resource would not let it.
  [[nodiscard]] bool work(const Lock& lock);
  [[nodiscard]] bool stay(const Lock& lock);
  [[nodiscard]] bool use(const Lock& lock);
  void release(Lock& lock);
  void learn_validity(const Lock& lock);
  void expect_over(const char* what);
  void violation(const std::string& what);
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  RedisCache& cache_;
  TortureState& state_;
  Settings settings_;
  std::mt19937_64 random_;
  std::uint64_t token_ = 0;
  std::int64_t valid_until_ = 0;  // the lock said so while it was held; it may have been renewed since
};

}  // namespace rediscache::test
