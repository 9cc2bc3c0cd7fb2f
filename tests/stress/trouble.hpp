// What happens to the server and to the network during the stress.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string_view>

#include <rediscache/testing/fault_proxy.hpp>

#include "stress/tally.hpp"
#include "support/redis_server.hpp"

namespace rediscache::test {

/// Not thread-safe.
class StressTrouble {
 public:
  StressTrouble(RedisServer& server, testing::FaultProxy& proxy, StressTally& tally, std::uint64_t seed)
      : server_{server}, proxy_{proxy}, tally_{tally}, random_{seed} {}

  /// Makes some trouble and, mostly, lets calls go well again for a while.
  void step();
  [[nodiscard]] const std::map<std::string_view, std::uint64_t>& counts() const noexcept { return counts_; }

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  void let_calls_end(std::uint64_t count) const;
  void trouble_server();
  void trouble_network();

  RedisServer& server_;
  testing::FaultProxy& proxy_;
  StressTally& tally_;
  std::mt19937_64 random_;
  std::map<std::string_view, std::uint64_t> counts_;
};

}  // namespace rediscache::test
