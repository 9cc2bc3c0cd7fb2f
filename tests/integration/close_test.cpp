// close, and the connections that a cache holds.
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "integration/cache_test.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

class CloseTest : public CacheTest {
 protected:
  /// Connections that carry this test's name.
  std::size_t connections() {
    const std::string all = raw().text({"CLIENT", "LIST"}).value_or("");
    const std::string mine = " name=" + name_ + " ";
    std::size_t count = 0;
    for (std::size_t at = all.find(mine); at != std::string::npos; at = all.find(mine, at + 1)) {
      ++count;
    }
    return count;
  }
  Options named() {
    Options own = options();
    own.client_name = name_;
    return own;
  }

 private:
  // The server may still be closing the connections of the test before.
  static inline int tests_ = 0;
  const std::string name_ = "close-test-" + std::to_string(++tests_);
};
REDISCACHE_TEST_EVERY_SETUP(CloseTest);

TEST_P(CloseTest, MakingACacheConnectsToNothing) {
  const RedisCache cache{named()};
  EXPECT_EQ(connections(), 0);
  EXPECT_EQ(cache.statistics().client.connections_opened, 0);
}

TEST_P(CloseTest, CallsOfOneThreadShareAConnection) {
  RedisCache cache{named()};
  for (int i = 0; i < 20; ++i) {
    cache.set("k", i);
  }
  EXPECT_EQ(connections(), 1);
  EXPECT_EQ(cache.statistics().client.connections_opened, 1);
  EXPECT_EQ(cache.statistics().client.connections_idle, 1);
  EXPECT_EQ(cache.statistics().client.connections_in_use, 0);
}

TEST_P(CloseTest, KeepsConnectionsUnlessItIsToldToCloseThem) {
  RedisCache cache{named()};
  cache.set("k", 1);
  cache.close();
  EXPECT_EQ(connections(), 1);
  EXPECT_EQ(cache.get<int>("k"), 1);
  EXPECT_EQ(cache.statistics().client.connections_opened, 1);
}

TEST_P(CloseTest, ClosesConnectionsWhenItIsToldTo) {
  Options own = named();
  own.close_connection = true;
  RedisCache cache{own};
  cache.set("k", 1);
  cache.close();
  EXPECT_TRUE(eventually([&] { return connections() == 0; }));
  cache.close();
  EXPECT_EQ(cache.get<int>("k"), 1) << "the cache stays usable";
  EXPECT_EQ(cache.statistics().client.connections_opened, 2);
}

TEST_P(CloseTest, FollowsTheDefaultsWhenItsOptionsLeaveItOpen) {
  const Defaults before = defaults();
  Defaults closing = before;
  closing.close_connection = true;
  set_defaults(closing);
  RedisCache cache{named()};
  Options own = named();
  own.close_connection = false;
  RedisCache keeping{own};
  set_defaults(before);

  cache.set("k", 1);
  cache.close();
  EXPECT_TRUE(eventually([&] { return connections() == 0; }));
  keeping.set("k", 1);
  keeping.close();
  EXPECT_EQ(connections(), 1);
}

TEST_P(CloseTest, TheEndOfACacheEndsItsConnections) {
  {
    RedisCache cache{named()};
    cache.set("k", 1);
    EXPECT_EQ(connections(), 1);
  }
  EXPECT_TRUE(eventually([&] { return connections() == 0; }));
}

TEST_P(CloseTest, AStrictViewOutlivesTheCacheItIsOf) {
  auto cache = std::make_unique<RedisCache>(named());
  cache->set("k", 1);
  RedisCache strict = cache->strict();
  cache.reset();
  EXPECT_EQ(strict.get<int>("k"), 1);
  EXPECT_EQ(strict.statistics().client.connections_opened, 1);
}

TEST_P(CloseTest, ACacheCanBeMoved) {
  RedisCache cache{named()};
  cache.set("k", 1);
  RedisCache moved{std::move(cache)};
  EXPECT_EQ(moved.get<int>("k"), 1);
  RedisCache other{named()};
  other = std::move(moved);
  EXPECT_EQ(other.get<int>("k"), 1);
  EXPECT_EQ(other.statistics().client.connections_opened, 1);
}

TEST_P(CloseTest, ConnectionsIdleForTooLongAreReplaced) {
  Options own = named();
  own.max_idle_time = std::chrono::milliseconds{1};
  RedisCache cache{own};
  EXPECT_TRUE(eventually([&] {
    cache.incr("k", 1, {.ignore_key_check = true});
    return cache.statistics().client.connections_opened > 1;
  }));
  EXPECT_EQ(cache.statistics().client.connections_lost, 0);
}

TEST_P(CloseTest, ConnectionsHaveTheNameOfTheOptions) {
  Options own = named();
  own.client_name = "";
  RedisCache unnamed{own};
  unnamed.set("k", 1);
  EXPECT_EQ(connections(), 0);
  EXPECT_EQ(unnamed.statistics().client.connections_opened, 1);

  const std::string name = named().client_name;
  own.location.front() += (own.location.front().find('?') == std::string::npos ? "?" : "&");
  own.location.front() += "client_name=" + name;
  RedisCache by_url{own};
  by_url.set("k", 1);
  EXPECT_EQ(connections(), 1);
}

}  // namespace
}  // namespace rediscache::test
