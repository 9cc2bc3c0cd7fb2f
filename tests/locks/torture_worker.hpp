// One thread that takes the same again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include <rediscache/redis_cache.hpp>

#include "locks/torture_kind.hpp"
#include "locks/torture_state.hpp"

namespace rediscache::test {

class TortureWorker {
 public:
  struct Settings {
    std::size_t process = 0;
    std::size_t holder = 0;  ///< its place in the state
    TortureKind kind = TortureKind::plain;
    std::uint64_t seed = 0;
  };

  TortureWorker(RedisCache& cache, TortureState& state, Settings settings)
      : cache_{cache}, state_{state}, settings_{settings}, random_{settings.seed} {}

  /// Until it was had once after the draining began.
  void run();

 private:
  [[nodiscard]] bool turn();
  [[nodiscard]] bool acquire(Taken& taken);
  void hold(Taken& taken);
  /// Works inside for some time; false when the resource would not let it.
  [[nodiscard]] bool work(const Taken& taken);
  [[nodiscard]] bool stay(const Taken& taken);
  [[nodiscard]] bool use(const Taken& taken);
  void release(Taken& taken);
  void learn_validity(const Taken& taken);
  void remember_token();
  void expect_over(const char* what);
  void violation(const std::string& what);
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  RedisCache& cache_;
  TortureState& state_;
  Settings settings_;
  std::mt19937_64 random_;
  Pass pass_;  // valid as long as was said while it was held; it may have been renewed since
};

}  // namespace rediscache::test
