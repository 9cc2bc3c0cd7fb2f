// The fixture of tests with four shards: real servers, which start with the suite and are emptied for every
// test.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "integration/cache_test.hpp"

namespace rediscache::test {

inline constexpr std::size_t shards = 4;
inline constexpr std::size_t dead = 1;  // the shard that tests end or stop

class ShardsTest : public ::testing::TestWithParam<Transport> {
 public:
  static void SetUpTestSuite() {
    for (std::size_t i = 0; i < shards; ++i) {
      servers_.push_back(std::make_unique<RedisServer>(RedisServer::Settings{.tcp = true, .config = {}}));
    }
  }
  static void TearDownTestSuite() { servers_.clear(); }

 protected:
  void SetUp() override {
    for (const auto& server : servers_) {
      if (!server->running()) {
        server->restart();
      }
      server->connect().run({"FLUSHALL"});
    }
  }

  [[nodiscard]] static RedisServer& server(std::size_t index) { return *servers_[index]; }
  [[nodiscard]] static std::string url(std::size_t index) {
    return GetParam() == Transport::local ? server(index).unix_url() : server(index).tcp_url();
  }
  [[nodiscard]] static Options options() {
    Options options;
    options.location.clear();
    for (std::size_t i = 0; i < shards; ++i) {
      options.location.push_back(url(i));
    }
    options.client_class = "ShardClient";
    options.breaker = {.first_pause = std::chrono::milliseconds{10},
                       .longest_pause = std::chrono::milliseconds{20}};
    return options;
  }
  [[nodiscard]] static Options ignoring() {
    Options own = options();
    own.ignore_exceptions = true;
    return own;
  }

  /// Where a made key is; `shards` when nowhere.
  [[nodiscard]] static std::size_t shard_of(std::string_view made_key) {
    for (std::size_t i = 0; i < shards; ++i) {
      if (server(i).running() && server(i).connect().exists(made_key)) {
        return i;
      }
    }
    return shards;
  }
  [[nodiscard]] static std::int64_t size_of(std::size_t index) {
    return server(index).connect().integer({"DBSIZE"});
  }

  /// "key:0" to "key:99" with their numbers, on all shards.
  [[nodiscard]] static std::map<std::string, int> hundred() {
    std::map<std::string, int> entries;
    for (int i = 0; i < 100; ++i) {
      entries["key:" + std::to_string(i)] = i;
    }
    return entries;
  }
  [[nodiscard]] static std::vector<std::string> keys_of(const std::map<std::string, int>& entries) {
    std::vector<std::string> keys;
    for (const auto& entry : entries) {
      keys.push_back(entry.first);
    }
    return keys;
  }
  /// A key whose version 2 lives elsewhere than its version 1.
  [[nodiscard]] static std::string moving_key(RedisCache& cache) {
    for (int i = 0;; ++i) {
      const std::string key = "moving:" + std::to_string(i);
      cache.set(key, 1, {.version = 1});
      cache.set(key, 1, {.version = 2});
      const bool moves = shard_of(":1:" + key) != shard_of(":2:" + key);
      cache.del(key, {.version = 1});
      cache.del(key, {.version = 2});
      if (moves) {
        return key;
      }
    }
  }

 private:
  static inline std::vector<std::unique_ptr<RedisServer>> servers_;
};

inline std::string transport_name(const ::testing::TestParamInfo<Transport>& info) {
  return info.param == Transport::local ? "unix" : "tcp";
}

}  // namespace rediscache::test
