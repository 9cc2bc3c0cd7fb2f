// Locks that are kept over slow lines, and while other servers hang.
#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>
#include <rediscache/testing/fault_proxy.hpp>

#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using testing::Break;
using testing::FaultProxy;

class LockNetworkTest : public ::testing::Test {
 protected:
  LockOptions kept(std::chrono::milliseconds timeout, std::atomic<int>& lost) {
    return {.timeout = timeout, .on_lost = [&lost](const LostLock&) { ++lost; }};
  }
  static void hang(FaultProxy& proxy) {
    proxy.set({.replies = {.break_at = 0, .breaks = Break::black_hole}});
  }

  RedisServer server_;
  RedisServer other_server_;
  FaultProxy proxy_{server_.unix_url()};
};

TEST_F(LockNetworkTest, ALockOf600MsOutlivesARoundTripOf100Ms) {
  RedisCache cache{{.location = {proxy_.url()}}};
  std::atomic<int> lost{0};
  ASSERT_TRUE(cache.set("k", "v"));  // connects
  proxy_.set(testing::round_trip(100ms));
  auto lock = cache.lock("job", kept(600ms, lost));
  ASSERT_TRUE(lock.acquire());
  const auto renewed = [&] { return cache.statistics().locks.renewed; };
  ASSERT_TRUE(eventually([&] { return lost > 0 || renewed() >= 3; }));
  server_.connect().run({"SCRIPT", "FLUSH"});
  const auto before = renewed();
  ASSERT_TRUE(eventually([&] { return lost > 0 || renewed() >= before + 3; }));
  EXPECT_EQ(lost, 0);
  EXPECT_TRUE(lock.held());
  EXPECT_TRUE(lock.owned());
}

TEST_F(LockNetworkTest, ALockOf900MsIsKeptWhileTheServerOfAnotherCacheHangs) {
  RedisCache hanging{{.location = {proxy_.url()}}};
  RedisCache healthy{{.location = {other_server_.unix_url()}}};
  std::atomic<int> lost{0};
  std::atomic<int> healthy_lost{0};
  std::vector<Lock> locks;
  for (int i = 0; i < 20; ++i) {
    locks.push_back(
        hanging.lock("job" + std::to_string(i), kept(std::chrono::milliseconds{3000 + 50 * i}, lost)));
    ASSERT_TRUE(locks.back().acquire());
  }
  auto lock = healthy.lock("job", kept(900ms, healthy_lost));
  ASSERT_TRUE(lock.acquire());
  hang(proxy_);
  ASSERT_TRUE(eventually([&] { return lost == 20; })) << "they cannot be renewed";
  EXPECT_EQ(healthy_lost, 0);
  EXPECT_TRUE(lock.held());
  EXPECT_TRUE(lock.owned());
  EXPECT_GE(healthy.statistics().locks.renewed, 5U);
}

TEST_F(LockNetworkTest, ALockOf900MsIsKeptWhileAnotherShardHangs) {
  RedisCache cache{{.location = {proxy_.url(), other_server_.unix_url()}, .client_class = "ShardClient"}};
  std::vector<std::string> on_hanging;
  std::string on_healthy;
  for (int i = 0; on_hanging.size() < 20 || on_healthy.empty(); ++i) {
    const std::string key = "job" + std::to_string(i);
    ASSERT_TRUE(cache.set(key, "v"));
    if (server_.connect().exists(":1:" + key)) {
      on_hanging.push_back(key);
    } else {
      on_healthy = key;
    }
    ASSERT_TRUE(cache.del(key));
  }
  std::atomic<int> lost{0};
  std::atomic<int> healthy_lost{0};
  std::vector<Lock> locks;
  for (std::size_t i = 0; i < 20; ++i) {
    locks.push_back(
        cache.lock(on_hanging[i], kept(std::chrono::milliseconds{3000 + 50 * static_cast<int>(i)}, lost)));
    ASSERT_TRUE(locks.back().acquire());
  }
  auto lock = cache.lock(on_healthy, kept(900ms, healthy_lost));
  ASSERT_TRUE(lock.acquire());
  hang(proxy_);
  ASSERT_TRUE(eventually([&] { return lost == 20; })) << "they cannot be renewed";
  EXPECT_EQ(healthy_lost, 0);
  EXPECT_TRUE(lock.held());
  EXPECT_TRUE(lock.owned());
}

}  // namespace
}  // namespace rediscache::test
