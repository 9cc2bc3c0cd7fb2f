// One thread of the soak: random calls, every answer judged.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/rediscache.hpp>

#include "chaos/soak_key.hpp"
#include "chaos/soak_tally.hpp"

namespace rediscache::test {

struct SoakCaches {
  RedisCache& strict;     ///< one try for each call, errors thrown: for keys of one's own
  RedisCache& forgiving;  ///< with ignore_exceptions and retries: for keys that all share
  std::chrono::milliseconds call_timeout{0};
};

class SoakWorker {
 public:
  SoakWorker(SoakCaches caches, SoakTally& tally, std::uint64_t seed, int number);

  /// One call and its verdict.
  void step();
  /// When the call under way began, in microseconds of the steady clock; 0 between calls.
  [[nodiscard]] std::int64_t began_us() const noexcept { return began_us_.load(); }

 private:
  using Told = SoakKey::Told;

  template <class Call>
  Told tell(std::string_view name, Call&& call);
  void begin(std::string_view name, int calls = 1);
  void end();

  // On keys of one's own.
  void set_own();
  void get_own();
  void delete_own();
  void add_own();
  void count_own();
  void many_own();
  void pipeline_own();
  // On keys that all share.
  void use_shared();
  void walk_shared();
  void lock_shared();

  [[nodiscard]] std::uint64_t below(std::uint64_t count) { return random_() % count; }
  SoakKey& some_own();
  void judge(const SoakKey& key, const std::optional<std::string>& value);
  void judge_shared(std::string_view key, const std::optional<std::string>& value);
  [[nodiscard]] std::string new_name();

  SoakCaches caches_;
  SoakTally& tally_;
  std::mt19937_64 random_;
  int number_;
  std::uint64_t names_ = 0;
  std::vector<SoakKey> own_;
  std::string_view doing_;
  int doing_calls_ = 1;
  std::chrono::steady_clock::time_point began_{};
  std::atomic<std::int64_t> began_us_{0};
};

}  // namespace rediscache::test
