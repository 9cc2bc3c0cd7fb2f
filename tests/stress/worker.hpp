// One thread of the stress.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

#include "net/server.hpp"
#include "stress/owned_key.hpp"
#include "stress/tally.hpp"

namespace rediscache::test {

/// Makes calls at random and judges what comes back. step() is for one thread; began_us() for all.
class StressWorker {
 public:
  using Servers = std::array<net::Server*, 2>;  // the same one, directly and over a bad network

  StressWorker(Servers servers, StressTally& tally, std::uint64_t seed, int number);

  void step();
  /// When the call that is under way was to end, 0: none is.
  [[nodiscard]] std::int64_t due_us() const noexcept { return due_us_.load(); }

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] std::chrono::microseconds some_time();
  [[nodiscard]] std::optional<Failure> call(const Commands& commands, std::span<Reply> replies,
                                            bool must_be_alive);
  [[nodiscard]] std::string next_word();
  void expect_text(const Reply& reply, const std::string& expected);
  [[nodiscard]] std::optional<std::string> text_of(const Reply& reply, const std::string& of);

  void echo();
  void set_own();
  void get_own();
  void use_shared();
  void many(std::size_t most);
  void count();

  Servers servers_;
  StressTally& tally_;
  std::mt19937_64 random_;
  std::string name_;
  std::uint64_t words_ = 0;
  std::vector<OwnedKey> own_;
  std::string counter_;
  std::int64_t counted_ = 0;
  std::int64_t maybe_counted_ = 0;
  std::uint64_t counter_wipes_ = 0;
  std::uint64_t counters_ = 0;
  std::atomic<std::int64_t> due_us_{0};
};

}  // namespace rediscache::test
