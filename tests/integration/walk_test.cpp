// keys, iter_keys, get_or_set, execute, and set_many as a transaction.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class WalkTest : public CacheTest {
 protected:
  void fill(int count) {
    std::map<std::string, int> entries;
    for (int i = 0; i < count; ++i) {
      entries.emplace("user:" + std::to_string(i), i);
    }
    entries.emplace("other", 1);
    ASSERT_TRUE(cache().set_many(entries).empty());
  }
};
REDISCACHE_TEST_EVERY_SETUP(WalkTest);

TEST_P(WalkTest, KeysAreTheCallersOwnThatMatch) {
  fill(3);
  cache().set("user:9", 9, {.version = 2});
  std::vector<std::string> keys = cache().keys("user:*");
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<std::string>{"user:0", "user:1", "user:2"}));
  EXPECT_EQ(cache().keys("user:*", {.version = 2}), std::vector<std::string>{"user:9"});
  EXPECT_TRUE(cache().keys("nobody*").empty());
}

TEST_P(WalkTest, IterKeysSeesEveryKeyPageByPage) {
  fill(500);
  std::set<std::string> seen;
  auto scan = cache().iter_keys("user:*", {.itersize = 10});
  EXPECT_FALSE(scan.complete());
  for (const std::string& key : scan) {
    seen.insert(key);
  }
  EXPECT_TRUE(scan.complete());
  EXPECT_EQ(seen.size(), 500U);
  EXPECT_TRUE(seen.contains("user:499"));
}

TEST_P(WalkTest, IterKeysAsksOnlyForWhatIsWalkedThrough) {
  fill(500);
  auto scan = cache().iter_keys("user:*", {.itersize = 10});
  static_cast<void>(scan.begin());
  EXPECT_FALSE(scan.complete());
  const auto statistics = raw().text({"INFO", "commandstats"}).value_or("");
  const auto calls = statistics.find("cmdstat_scan:calls=");
  ASSERT_NE(calls, std::string::npos);
  EXPECT_LT(std::stoi(statistics.substr(calls + 19)), 5);
}

TEST_P(WalkTest, IterKeysOutlivesItsCache) {
  fill(50);
  std::optional<RedisCache> short_lived{options()};
  auto scan = short_lived->iter_keys("user:*", {.itersize = 10});
  short_lived.reset();
  int seen = 0;
  for ([[maybe_unused]] const std::string& key : scan) {
    ++seen;
  }
  EXPECT_GE(seen, 50);
}

TEST_P(WalkTest, IterKeysThrowsWhenTheServerIsLostOnTheWay) {
  fill(500);
  auto scan = cache().iter_keys("user:*", {.itersize = 10});
  auto at = scan.begin();
  server().kill();
  EXPECT_THROW(
      {
        while (at != scan.end()) {
          ++at;
        }
      },
      ConnectionInterrupted);
}

TEST_P(WalkTest, IterKeysEndsIncompleteWhenThatIsIgnored) {
  fill(500);
  Options forgiving = options();
  forgiving.ignore_exceptions = true;
  RedisCache own{forgiving};
  auto scan = own.iter_keys("user:*", {.itersize = 10});
  auto at = scan.begin();
  server().kill();
  while (at != scan.end()) {
    ++at;
  }
  EXPECT_FALSE(scan.complete());
  EXPECT_EQ(own.statistics().omitted, 1U);
  EXPECT_TRUE(own.keys("*").empty());
}

TEST_P(WalkTest, GetOrSetStoresWhatTheCallableReturnsOnce) {
  int calls = 0;
  const auto load = [&calls] {
    ++calls;
    return std::string{"loaded"};
  };
  EXPECT_EQ(cache().get_or_set("k", load, 1h), "loaded");
  EXPECT_EQ(cache().get_or_set("k", load, 1h), "loaded");
  EXPECT_EQ(calls, 1);
  EXPECT_GT(raw().pttl(":1:k"), 3'000'000);
  EXPECT_EQ(cache().get_or_set("n", 5), 5);
  EXPECT_EQ(raw().get(":1:n"), "5");
  EXPECT_EQ(cache().get_or_set("t", "text", {.version = 2}), "text");
  EXPECT_TRUE(raw().exists(":2:t"));
}

TEST_P(WalkTest, GetOrSetGivesTheValueOfWhoWasFaster) {
  const auto load = [this] {
    cache().set("k", "theirs");
    return std::string{"mine"};
  };
  EXPECT_EQ(cache().get_or_set("k", load), "theirs");
}

TEST(WalkToNobodyTest, GetOrSetGivesTheCallablesValue) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  EXPECT_EQ(cache.get_or_set("k", [] { return 7; }), 7);
  EXPECT_EQ(cache.execute("PING"), std::nullopt);
  auto scan = cache.iter_keys("*");
  EXPECT_FALSE(scan.begin() != scan.end());
  EXPECT_FALSE(scan.complete());
}

TEST_P(WalkTest, ExecuteSendsAnyCommandAndOwnsTheReply) {
  cache().set("k", "12345");
  EXPECT_EQ(cache().execute("EXISTS", cache().make_key("k"), "nothing")->as_integer(), 1);
  EXPECT_EQ(cache().execute("PING")->as_text(), "PONG");
  EXPECT_EQ(cache().execute("RPUSH", "list", 1, "two")->as_integer(), 2);
  const auto list = cache().execute("LRANGE", "list", 0, -1);
  ASSERT_EQ(list->as_array().size(), 2U);
  EXPECT_EQ(list->as_array()[1].as_text(), "two");
  EXPECT_TRUE(cache().execute("GET", "missing")->is_nil());
  EXPECT_EQ(thrown_by<ResponseError>([&] { cache().execute("GET", "list"); })->prefix(), "WRONGTYPE");
  EXPECT_EQ(thrown_by<ResponseError>([&] { cache().execute("NOSUCHCOMMAND"); })->command(), "NOSUCHCOMMAND");
}

TEST_P(WalkTest, ExecuteRefusesWhatChangesASharedConnection) {
  for (const char* const command : {"SELECT", "multi", "EXEC", "WATCH", "AUTH", "HELLO", "MONITOR",
                                    "SUBSCRIBE", "PSUBSCRIBE", "QUIT", "RESET"}) {
    const auto error = thrown_by<InvalidArgument>([&] { cache().execute(command, "1"); });
    ASSERT_TRUE(error) << command;
    EXPECT_NE(std::string{error->what()}.find("would change a connection"), std::string::npos)
        << error->what();
  }
  EXPECT_THROW(cache().execute("client", "reply", "OFF"), InvalidArgument);
  EXPECT_GT(cache().execute("CLIENT", "ID")->as_integer(), 0);
}

TEST_P(WalkTest, SetManyAtomicStoresAllInOneTransaction) {
  const std::map<std::string, int> entries{{"a", 1}, {"b", 2}};
  EXPECT_TRUE(cache().set_many(entries, {.timeout = 1h, .version = 3, .atomic = true}).empty());
  EXPECT_EQ(raw().get(":3:a"), "1");
  EXPECT_EQ(raw().get(":3:b"), "2");
  EXPECT_GT(raw().pttl(":3:b"), 3'000'000);
  const auto statistics = raw().text({"INFO", "commandstats"}).value_or("");
  EXPECT_NE(statistics.find("cmdstat_exec:calls=1"), std::string::npos);
  EXPECT_TRUE(cache().set_many(entries, {.timeout = 0s, .version = 3, .atomic = true}).empty());
  EXPECT_FALSE(raw().exists(":3:a"));
}

TEST_P(WalkTest, SetManyAtomicStoresNothingWhenTheServerRefuses) {
  raw().run({"CONFIG", "SET", "maxmemory", "1"});
  const std::map<std::string, int> entries{{"a", 1}, {"b", 2}};
  EXPECT_THROW(cache().set_many(entries, {.atomic = true}), ResponseError);
  raw().run({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_FALSE(raw().exists(":1:a"));
  EXPECT_FALSE(raw().exists(":1:b"));
}

TEST_P(WalkTest, ManyCallsUseOneConnection) {
  for (int i = 0; i < 50; ++i) {
    cache().set("k", i);
    EXPECT_EQ(cache().get<int>("k"), i);
  }
  EXPECT_EQ(cache().statistics().client.connections_opened, 1U);
}

}  // namespace
}  // namespace rediscache::test
