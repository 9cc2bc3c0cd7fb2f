// Many threads on one cache.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "integration/cache_test.hpp"
#include "integration/deadlines.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class PoolTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(PoolTest);

TEST_P(PoolTest, SixteenThreadsEachGetTheirOwnReplies) {
  RedisCache& shared = cache();
  std::vector<std::jthread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&shared, t] {
      for (int i = 0; i < 200; ++i) {
        const std::string key = "thread" + std::to_string(t) + ":" + std::to_string(i % 10);
        const std::string value = key + " turn " + std::to_string(i);
        ASSERT_TRUE(shared.set(key, value));
        ASSERT_EQ(shared.get<std::string>(key), value);
        const auto found = shared.get_many<std::string>({"missing", key});
        ASSERT_EQ(found.size(), 1);
        ASSERT_EQ(found.at(key), value);
        const std::string count = "count" + std::to_string(t);
        ASSERT_EQ(shared.incr(count, 1, {.ignore_key_check = true}), i + 1);
      }
    });
  }
  threads.clear();
  const ClientStatistics statistics = shared.statistics().client;
  EXPECT_LE(statistics.connections_opened, 16);
  EXPECT_EQ(statistics.connections_in_use, 0);
  EXPECT_EQ(statistics.connections_lost, 0);
  EXPECT_EQ(statistics.retries, 0);
}

TEST_P(PoolTest, FewConnectionsServeManyThreads) {
  Options few = options();
  few.combine = false;
  few.max_connections = 2;
  few.pool_timeout = 30s;
  RedisCache shared{few};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&shared, t] {
      for (int i = 0; i < 100; ++i) {
        const std::string key = std::to_string(t);
        ASSERT_TRUE(shared.set(key, i));
        ASSERT_EQ(shared.get<int>(key), i);
      }
    });
  }
  threads.clear();
  EXPECT_LE(shared.statistics().client.connections_opened, 2);
}

TEST_P(PoolTest, LargeAndSmallValuesOfManyThreadsAreNotMixedUp) {
  RedisCache& shared = cache();
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&shared, t] {
      const std::string key = std::to_string(t);
      const std::string value(t % 2 == 0 ? 300'000 : 10, static_cast<char>('a' + t));
      for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(shared.set(key, value));
        ASSERT_TRUE(shared.get<std::string>(key) == value);
      }
    });
  }
}

TEST(FullPoolTest, IsATimeoutErrorThatNamesTheLimit) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().pause().send("$5\r\nhello\r\n").repeat()}};
  Options options = patient_options(server.url());
  options.combine = false;
  options.max_connections = 2;
  options.pool_timeout = 50ms;
  RedisCache cache{options};
  {
    std::vector<std::jthread> busy;
    for (int t = 0; t < 2; ++t) {
      busy.emplace_back([&cache] { EXPECT_EQ(cache.get<std::string>("k"), "hello"); });
    }
    EXPECT_TRUE(eventually([&] { return server.command_count() == 2; }));
    EXPECT_EQ(cache.statistics().client.connections_in_use, 2);
    const auto error = thrown_by<TimeoutError>([&] { (void)cache.get<std::string>("k"); });
    EXPECT_TRUE(error && std::string{error->what()}.find("max_connections") != std::string::npos);
    EXPECT_TRUE(error && !error->maybe_executed());
    server.resume();
  }
  EXPECT_EQ(cache.get<std::string>("k"), "hello") << "there is room again";
  EXPECT_EQ(server.connection_count(), 2);
}

TEST(FullPoolTest, LetsTheNextOneInWhenAConnectionIsFree) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().pause().send("$5\r\nhello\r\n").repeat()}};
  Options options = patient_options(server.url());
  options.combine = false;
  options.max_connections = 1;
  RedisCache cache{options};
  std::vector<std::jthread> waiting;
  for (int t = 0; t < 8; ++t) {
    waiting.emplace_back([&cache] { EXPECT_EQ(cache.get<std::string>("k"), "hello"); });
  }
  EXPECT_TRUE(eventually([&] { return server.command_count() == 1; }));
  server.resume();
  waiting.clear();
  EXPECT_EQ(server.command_count(), 8);
  EXPECT_EQ(server.connection_count(), 1);
}

TEST(FullPoolTest, LetsTheNextOneInWhenAConnectionBreaks) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().pause().close()}};
  Options options = patient_options(server.url());
  options.combine = false;
  options.max_connections = 1;
  options.breaker.failures = 0;  // each breaks at its first call
  RedisCache cache{options};
  std::vector<std::jthread> waiting;
  for (int t = 0; t < 4; ++t) {
    waiting.emplace_back(
        [&cache] { EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<std::string>("k"); })); });
  }
  EXPECT_TRUE(eventually([&] { return server.command_count() == 1; }));
  server.resume();
  waiting.clear();
  EXPECT_EQ(server.command_count(), 4);
}

}  // namespace
}  // namespace rediscache::test
