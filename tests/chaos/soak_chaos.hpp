// What happens to the server and the way to it during the soak.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include <rediscache/testing/fault_proxy.hpp>

#include "chaos/soak_tally.hpp"
#include "support/redis_server.hpp"

namespace rediscache::test {

/// One after the other, in an order that the seed decides.
class SoakChaos {
 public:
  SoakChaos(RedisServer& server, testing::FaultProxy& proxy, SoakTally& tally, std::uint64_t seed);

  /// One fault, for a while, and then usually none for a while.
  void step();
  void heal();
  [[nodiscard]] const std::map<std::string_view, std::uint64_t>& faults() const noexcept { return faults_; }

 private:
  void bad_line();
  void broken_line();
  void bad_server();
  void restart_server();
  void pass_time(std::uint64_t most_ms);
  [[nodiscard]] std::uint64_t below(std::uint64_t count) { return random_() % count; }

  RedisServer& server_;
  testing::FaultProxy& proxy_;
  SoakTally& tally_;
  std::mt19937_64 random_;
  std::map<std::string_view, std::uint64_t> faults_;
};

}  // namespace rediscache::test
