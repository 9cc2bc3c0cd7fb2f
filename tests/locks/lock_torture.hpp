// The director of the torture: starts processes and the server, and does to them what the seed says.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "locks/shared_file.hpp"
#include "locks/torture_kind.hpp"
#include "locks/torture_state.hpp"
#include "locks/worker_process.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {

struct TortureSettings {
  std::size_t processes = 4;
  std::size_t threads = 16;  ///< in each
  std::chrono::seconds time{30};
  std::uint64_t seed = 1;
  TortureKind kind = TortureKind::plain;
};

class LockTorture {
 public:
  explicit LockTorture(const TortureSettings& settings);

  /// Whether all was as it must be. What was not is printed.
  [[nodiscard]] bool run();

 private:
  /// How many generations of a process pass until one takes the places of another.
  static constexpr std::size_t generations = 8;

  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] std::size_t first_holder(std::size_t process) const;
  void start(std::size_t process);
  void replace(std::size_t process);

  void step(std::uint64_t kind);
  void kill_holder();
  void stop_holder();
  void outlive_timeout();
  void restart_under_holder();
  void kill_any();
  void stop_any();
  void restart_server();
  void stop_server();
  void cut_connections();

  /// The token of a holder that stays inside; 0 when nobody came.
  [[nodiscard]] std::uint64_t ask_to_stay();
  void let_go();
  void expect_follower(std::uint64_t token, const char* of_whom);
  void let_some_in(std::uint64_t most);
  void drain();
  void check_tokens();
  void check_permits();
  void check_leftovers();
  void print() const;

  void watch();
  void watch_waiters(std::size_t process);
  void violation(const std::string& what);
  template <class Condition>
  [[nodiscard]] bool watched(Condition condition,
                             std::chrono::milliseconds limit = std::chrono::seconds{40}) {
    return eventually(
        [&] {
          watch();
          return condition();
        },
        limit);
  }

  TortureSettings settings_;
  std::mt19937_64 random_;
  TemporaryDirectory directory_;
  SharedFile<TortureState> state_;
  RedisServer server_;
  std::vector<WorkerProcess> processes_;
  std::vector<std::size_t> generation_;
  std::map<std::string_view, std::uint64_t> done_;
  std::uint64_t entries_seen_ = 0;
  std::chrono::steady_clock::time_point progress_{};
  std::uint64_t outlived_ = 0;
  bool stuck_ = false;
};

}  // namespace rediscache::test
