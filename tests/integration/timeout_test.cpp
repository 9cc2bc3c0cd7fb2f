// How long entries live: every timeout that can be given, to every operation that takes one.
#include <chrono>
#include <limits>
#include <map>

#include "integration/cache_test.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t no_expiry = -1;
constexpr std::int64_t no_key = -2;

class TimeoutTest : public CacheTest {
 protected:
  /// That `made_key` has `whole` to live, less what the test took until here.
  void expect_left(std::chrono::milliseconds whole, std::string_view made_key = ":1:k") {
    const std::int64_t left = raw().pttl(made_key);
    EXPECT_LE(left, whole.count());
    EXPECT_GT(left, (whole - 60s).count());
  }
  bool is_gone(std::string_view made_key = ":1:k") { return raw().pttl(made_key) == no_key; }
};
REDISCACHE_TEST_EVERY_SETUP(TimeoutTest);

TEST_P(TimeoutTest, ByDefaultIsThreeHundredSeconds) {
  cache().set("k", "v");
  expect_left(300s);
  cache().add("added", "v");
  expect_left(300s, ":1:added");
  cache().set_many(std::map<std::string, int>{{"many", 1}});
  expect_left(300s, ":1:many");
  raw().run({"PERSIST", ":1:k"});
  cache().touch("k");
  expect_left(300s);
}

TEST_P(TimeoutTest, ByDefaultIsTheCachesOwn) {
  Options own = options();
  own.timeout = 1h;
  RedisCache hour{own};
  hour.set("k", "v");
  expect_left(1h);
  hour.set("x", "v", {.nx = true});
  expect_left(1h, ":1:x");
  hour.set("x", "v", {.xx = true});
  expect_left(1h, ":1:x");
}

TEST_P(TimeoutTest, OfTheCacheMayBeNever) {
  Options own = options();
  own.timeout = never;
  RedisCache forever{own};
  forever.set("k", "v");
  EXPECT_EQ(raw().pttl(":1:k"), no_expiry);
  forever.set("k", "v", 100s);
  expect_left(100s);
  forever.touch("k");
  EXPECT_EQ(raw().pttl(":1:k"), no_expiry);
}

TEST_P(TimeoutTest, OfTheCacheMayBeZeroWhichStoresNothing) {
  Options own = options();
  own.timeout = 0s;
  RedisCache nothing{own};
  EXPECT_FALSE(nothing.set("k", "v"));
  EXPECT_TRUE(is_gone());
  EXPECT_TRUE(nothing.set("k", "v", 100s));
  EXPECT_TRUE(nothing.set("k", "v")) << "deletes it";
  EXPECT_TRUE(is_gone());
}

TEST_P(TimeoutTest, NeverMeansNoExpiry) {
  cache().set("k", "v", never);
  EXPECT_EQ(raw().pttl(":1:k"), no_expiry);
  cache().add("added", "v", never);
  EXPECT_EQ(raw().pttl(":1:added"), no_expiry);
  cache().set("k", "v", {.timeout = never, .xx = true});
  EXPECT_EQ(raw().pttl(":1:k"), no_expiry);
}

TEST_P(TimeoutTest, IsKeptInMilliseconds) {
  cache().set("k", "v", 123'456'789ms);
  expect_left(123'456'789ms);
  cache().set("k", "v", std::chrono::duration<double>{100.5});
  expect_left(100'500ms);
  cache().set("nx", "v", {.timeout = 2h, .nx = true});
  expect_left(2h, ":1:nx");
  cache().set("nx", "v", {.timeout = 3h, .xx = true});
  expect_left(3h, ":1:nx");
}

TEST_P(TimeoutTest, OfALifetimeIsTaken) {
  EXPECT_TRUE(cache().set("k", "v", std::chrono::hours::max()));
  EXPECT_GT(raw().pttl(":1:k"), std::int64_t{1} << 50);
  EXPECT_TRUE(cache().touch("k", std::chrono::hours::max()));
  EXPECT_GT(raw().pttl(":1:k"), std::int64_t{1} << 50);
}

TEST_P(TimeoutTest, IsOverWhenItIsOver) {
  EXPECT_TRUE(cache().set("k", "v", 5ms));
  EXPECT_TRUE(eventually([&] { return !cache().get<std::string>("k"); }));
  EXPECT_FALSE(cache().has_key("k"));
}

TEST_P(TimeoutTest, BelowAMillisecondStoresForOne) {
  EXPECT_TRUE(cache().set("k", "v", 1us)) << "zero would delete, and say that nothing was there";
  EXPECT_TRUE(cache().set("k", "v", 999us));
  EXPECT_TRUE(eventually([&] { return is_gone(); }));
  EXPECT_TRUE(cache().add("k", "v", 1ns));
  EXPECT_TRUE(eventually([&] { return is_gone(); }));
}

TEST_P(TimeoutTest, OfZeroOnSetDeletes) {
  cache().set("k", "v");
  EXPECT_TRUE(cache().set("k", "other", 0s));
  EXPECT_TRUE(is_gone());
  EXPECT_FALSE(cache().set("k", "other", 0s));
  EXPECT_TRUE(is_gone());
}

TEST_P(TimeoutTest, BelowZeroOnSetDeletes) {
  cache().set("k", "v");
  EXPECT_TRUE(cache().set("k", "other", -1ms));
  EXPECT_TRUE(is_gone());
  EXPECT_FALSE(cache().set("k", "other", -1h));
  EXPECT_TRUE(is_gone());
}

TEST_P(TimeoutTest, OfZeroOnSetWithXxDeletes) {
  cache().set("k", "v");
  EXPECT_TRUE(cache().set("k", "other", {.timeout = 0s, .xx = true}));
  EXPECT_TRUE(is_gone());
  EXPECT_FALSE(cache().set("k", "other", {.timeout = 0s, .xx = true}));
}

TEST_P(TimeoutTest, OfZeroWithNxTouchesNothing) {
  cache().set("k", "v", never);
  for (const Timeout over : {Timeout{0s}, Timeout{-5s}}) {
    EXPECT_FALSE(cache().set("k", "other", {.timeout = over, .nx = true}));
    EXPECT_FALSE(cache().add("k", "other", over));
    EXPECT_EQ(cache().get<std::string>("k"), "v");
    EXPECT_EQ(raw().pttl(":1:k"), no_expiry);

    EXPECT_TRUE(cache().set("absent", "v", {.timeout = over, .nx = true}));
    EXPECT_TRUE(cache().add("absent", "v", over));
    EXPECT_TRUE(is_gone(":1:absent"));
  }
}

TEST_P(TimeoutTest, OfZeroKeepsToTheVersionAskedFor) {
  cache().set("k", "one");
  cache().set("k", "two", {.version = 2});
  EXPECT_TRUE(cache().set("k", "x", {.timeout = 0s, .version = 2}));
  EXPECT_FALSE(is_gone(":1:k"));
  EXPECT_TRUE(is_gone(":2:k"));
}

}  // namespace
}  // namespace rediscache::test
