// persist, expire and its kin, incr_version and decr_version.
#include <chrono>
#include <limits>
#include <string>

#include "integration/cache_test.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class ExpiryTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(ExpiryTest);

TEST_P(ExpiryTest, PersistTakesTheTimeoutOfAKeyThatHasOne) {
  cache().set("k", "v", 1h);
  EXPECT_TRUE(cache().persist("k"));
  EXPECT_EQ(raw().pttl(":1:k"), -1);
  EXPECT_FALSE(cache().persist("k"));
  EXPECT_FALSE(cache().persist("missing"));
}

TEST_P(ExpiryTest, ExpireSetsTheTimeLeft) {
  cache().set("k", "v", never);
  EXPECT_TRUE(cache().expire("k", 1h));
  EXPECT_GT(raw().pttl(":1:k"), 3'000'000);
  EXPECT_TRUE(cache().pexpire("k", 90'500ms));
  EXPECT_LE(raw().pttl(":1:k"), 90'500);
  EXPECT_GT(raw().pttl(":1:k"), 30'000);
  EXPECT_FALSE(cache().expire("missing", 1h));
  EXPECT_FALSE(cache().pexpire("missing", 1h));
}

TEST_P(ExpiryTest, ExpireOfZeroOrLessDeletes) {
  cache().set("k", "v");
  EXPECT_TRUE(cache().expire("k", 0s));
  EXPECT_FALSE(raw().exists(":1:k"));
  cache().set("k", "v");
  EXPECT_TRUE(cache().pexpire("k", -5ms));
  EXPECT_FALSE(raw().exists(":1:k"));
}

TEST_P(ExpiryTest, ExpireAtSetsTheTimeOfDeath) {
  using namespace std::chrono;
  const auto now = time_point_cast<milliseconds>(system_clock::now());
  cache().set("k", "v", never);
  EXPECT_TRUE(cache().expire_at("k", ceil<seconds>(now) + 1h));
  EXPECT_GT(raw().pttl(":1:k"), 3'000'000);
  EXPECT_TRUE(cache().pexpire_at("k", now + 10min));
  EXPECT_LE(raw().pttl(":1:k"), 600'000);
  EXPECT_TRUE(cache().pexpire_at("k", now - 1h));
  EXPECT_FALSE(raw().exists(":1:k"));
  EXPECT_FALSE(cache().expire_at("k", ceil<seconds>(now) + 1h));
}

TEST_P(ExpiryTest, ExpireAtATimeBeyondAllCountingIsTheFurthest) {
  using namespace std::chrono;
  cache().set("k", "v", 1h);
  EXPECT_TRUE(cache().expire_at("k", sys_seconds::max()));
  EXPECT_GT(raw().pttl(":1:k"), 1'000'000'000'000);
  EXPECT_TRUE(cache().pexpire_at("k", sys_seconds::max()));
  EXPECT_GT(raw().pttl(":1:k"), 1'000'000'000'000);
  EXPECT_TRUE(cache().expire_at("k", sys_time<hours>::max()));
  EXPECT_TRUE(cache().expire_at("k", sys_seconds::min()));
  EXPECT_FALSE(raw().exists(":1:k"));
}

TEST_P(ExpiryTest, KeepToTheVersionAskedFor) {
  cache().set("k", "one", never);
  cache().set("k", "two", {.timeout = never, .version = 2});
  EXPECT_TRUE(cache().expire("k", 1h, {.version = 2}));
  EXPECT_EQ(raw().pttl(":1:k"), -1);
  EXPECT_GT(raw().pttl(":2:k"), 0);
  EXPECT_TRUE(cache().persist("k", {.version = 2}));
  EXPECT_EQ(raw().pttl(":2:k"), -1);
}

TEST_P(ExpiryTest, IncrVersionMovesValueAndTimeLeft) {
  cache().set("k", "v", 1h);
  EXPECT_EQ(cache().incr_version("k"), 2);
  EXPECT_FALSE(raw().exists(":1:k"));
  EXPECT_GT(raw().pttl(":2:k"), 3'000'000);
  EXPECT_EQ(cache().get<std::string>("k", {.version = 2}), "v");
  EXPECT_EQ(cache().incr_version("k", 5, {.version = 2}), 7);
  EXPECT_EQ(cache().decr_version("k", 4, {.version = 7}), 3);
  EXPECT_EQ(cache().decr_version("k", 2, {.version = 3}), 1);
  EXPECT_EQ(cache().get<std::string>("k"), "v");
}

TEST_P(ExpiryTest, IncrVersionReplacesWhatWasThere) {
  cache().set("k", "old");
  cache().set("k", "other", {.version = 2});
  EXPECT_EQ(cache().incr_version("k"), 2);
  EXPECT_EQ(cache().get<std::string>("k", {.version = 2}), "old");
}

TEST_P(ExpiryTest, IncrVersionOfAMissingKeyIsKeyNotFound) {
  EXPECT_EQ(thrown_by<KeyNotFound>([&] { cache().incr_version("k"); })->key(), "k");
  EXPECT_THROW(cache().decr_version("k"), KeyNotFound);
}

TEST_P(ExpiryTest, IncrVersionBeyondAnIntIsRefused) {
  cache().set("k", "v");
  EXPECT_THROW(cache().incr_version("k", std::numeric_limits<int>::max()), InvalidArgument);
  EXPECT_THROW(cache().decr_version("k", std::numeric_limits<int>::min()), InvalidArgument);
  EXPECT_TRUE(raw().exists(":1:k"));
}

TEST(ExpiryToNobodyTest, IsOmitted) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  EXPECT_FALSE(cache.persist("k"));
  EXPECT_FALSE(cache.expire("k", 1s));
  EXPECT_FALSE(cache.pexpire("k", 1ms));
  EXPECT_FALSE(cache.expire_at("k", {}));
  EXPECT_FALSE(cache.pexpire_at("k", {}));
  EXPECT_TRUE(cache.incr_version("k").omitted());
  EXPECT_TRUE(cache.decr_version("k").omitted());
  EXPECT_EQ(cache.statistics().omitted, 7U);
  EXPECT_THROW(cache.strict().persist("k"), ConnectionError);
}

}  // namespace
}  // namespace rediscache::test
