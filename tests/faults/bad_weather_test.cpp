// Every call is right although the system transfers a byte at a time, is interrupted and asked to come again.
#include "faults/bad_weather.hpp"

#include <chrono>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/redis_server.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

struct Climate {
  std::string name{};
  BadWeather::Forecast forecast{};
  std::size_t largest_value = 0;
  int calls = 0;
};

class BadWeatherTest : public ::testing::TestWithParam<Climate> {
 protected:
  BadWeatherTest() : server_{{.tcp = true, .config = {}}} {}

  void play(const std::string& url, std::uint64_t seed) {
    Options options;
    options.location = {url};
    // A machine that is busy with other things must not look like a server that does not answer.
    options.connect_timeout = options.socket_timeout = options.call_timeout = 60s;
    options.max_retries = 0;
    RedisCache cache{options};
    random_.seed(seed);
    const BadWeather weather{seed, GetParam().forecast};
    for (call_ = 0; call_ < GetParam().calls && !HasFailure(); ++call_) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", call " + std::to_string(call_));
      call(cache);
    }
    const auto& toll = weather.toll();
    EXPECT_GT(toll.interrupted, 100U);
    EXPECT_GT(toll.cut_short, 100U);
    EXPECT_EQ(cache.statistics().client.connections_lost, 0U);
    EXPECT_LE(cache.statistics().client.connections_opened, 2U);
    std::cout << call_ << " calls, " << toll.calls << " system calls, " << toll.interrupted
              << " interrupted, " << toll.would_block << " would block, " << toll.cut_short << " cut short\n";
  }

  [[nodiscard]] const RedisServer& server() const noexcept { return server_; }

 private:
  void call(RedisCache& cache) {
    const std::string key = random_key();
    switch (below(7)) {
      case 0:
      case 1:
        stored_[key] = random_value();
        EXPECT_TRUE(cache.set(key, stored_[key]));
        return;
      case 2:
        EXPECT_TRUE(cache.get<std::string>(key) == expected(key));
        return;
      case 3:
        EXPECT_EQ(cache.incr("counter", 1, {.ignore_key_check = true}).value(), ++counter_);
        return;
      case 4:
        EXPECT_EQ(cache.del(key), stored_.erase(key) == 1);
        return;
      case 5:
        many(cache);
        return;
      default:
        pipeline(cache);
        return;
    }
  }

  void many(RedisCache& cache) {
    std::map<std::string, std::string> entries;
    for (std::size_t i = below(5); i > 0; --i) {
      entries[random_key()] = random_value();
    }
    EXPECT_TRUE(cache.set_many(entries, {.atomic = below(2) == 0}).empty());
    for (const auto& [key, value] : entries) {
      stored_[key] = value;
    }
    std::vector<std::string> keys;
    for (int i = 0; i < 10; ++i) {
      keys.push_back("key" + std::to_string(i));
    }
    const auto found = cache.get_many<std::string>(keys);
    EXPECT_EQ(found.size(), stored_.size());
    for (const auto& [key, value] : found) {
      EXPECT_TRUE(value == expected(key)) << key;
    }
  }

  void pipeline(RedisCache& cache) {
    auto pipeline = cache.pipeline();
    std::vector<std::pair<Pending<std::optional<std::string>>, std::optional<std::string>>> gets;
    std::vector<std::pair<Pending<Counter>, std::int64_t>> counts;
    for (std::size_t i = 1 + below(30); i > 0; --i) {
      const std::string key = random_key();
      switch (below(3)) {
        case 0:
          stored_[key] = random_value();
          static_cast<void>(pipeline.set(key, stored_[key]));
          break;
        case 1:
          gets.emplace_back(pipeline.get<std::string>(key), expected(key));
          break;
        default:
          counts.emplace_back(pipeline.incr("counter", 1, {.ignore_key_check = true}), ++counter_);
          break;
      }
    }
    EXPECT_TRUE(pipeline.execute());
    for (const auto& [pending, value] : gets) {
      EXPECT_TRUE(pending.value() == value);
    }
    for (const auto& [pending, value] : counts) {
      EXPECT_EQ(pending.value().value(), value);
    }
  }

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  std::string random_key() {
    std::string key = "key";  // gcc 12 sees overlapping copies in "key" + std::to_string()
    key += std::to_string(below(10));
    return key;
  }
  /// Every byte is different from its neighbours, so that none may be lost or come twice unseen.
  std::string random_value() {
    constexpr std::size_t small = 2000;
    const std::size_t largest = below(4) == 0 ? GetParam().largest_value : small;
    std::string value(below(3) == 0 ? below(20) : below(largest + 1), '\0');
    auto byte = static_cast<unsigned char>(below(256));
    for (char& c : value) {
      c = static_cast<char>(byte);
      byte = static_cast<unsigned char>(byte * 5U + 13U);
    }
    return value;
  }
  [[nodiscard]] std::optional<std::string> expected(const std::string& key) const {
    const auto found = stored_.find(key);
    return found == stored_.end() ? std::nullopt : std::optional{found->second};
  }

  RedisServer server_;
  std::mt19937_64 random_;
  std::map<std::string, std::string> stored_;
  std::int64_t counter_ = 0;
  int call_ = 0;
};

TEST_P(BadWeatherTest, EveryReplyIsRightOverAUnixSocket) {
  play(server().unix_url(), 1);
}

TEST_P(BadWeatherTest, EveryReplyIsRightOverTcp) {
  play(server().tcp_url(), 2);
}

INSTANTIATE_TEST_SUITE_P(Each, BadWeatherTest,
                         ::testing::Values(Climate{"Changeable", {}, 300 * 1024, 2000},
                                           Climate{"MostlySingleBytes", {10, 10, 95, 5}, 2000, 200},
                                           Climate{"MostlyInterrupted", {70, 20, 10, 10}, 300 * 1024, 1000}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace rediscache::test
