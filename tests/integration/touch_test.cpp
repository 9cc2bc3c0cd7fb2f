// touch, ttl and pttl.
#include <chrono>

#include "integration/cache_test.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class TouchTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(TouchTest);

TEST_P(TouchTest, GivesANewTimeout) {
  cache().set("k", "v", 10s);
  EXPECT_TRUE(cache().touch("k", 1h));
  EXPECT_GT(raw().pttl(":1:k"), 3'000'000);
  EXPECT_LE(raw().pttl(":1:k"), 3'600'000);
  EXPECT_EQ(cache().get<std::string>("k"), "v");
}

TEST_P(TouchTest, GivesATimeoutToWhatHadNone) {
  cache().set("k", "v", never);
  EXPECT_TRUE(cache().touch("k", 1h));
  EXPECT_GT(raw().pttl(":1:k"), 3'000'000);
}

TEST_P(TouchTest, WithNeverTakesTheTimeoutAway) {
  cache().set("k", "v", 1h);
  EXPECT_TRUE(cache().touch("k", never));
  EXPECT_EQ(raw().pttl(":1:k"), -1);
}

TEST_P(TouchTest, WithNeverIsTrueForWhatHadNoTimeout) {
  cache().set("k", "v", never);
  EXPECT_TRUE(cache().touch("k", never));
  EXPECT_EQ(raw().pttl(":1:k"), -1);
}

TEST_P(TouchTest, OfAMissingKeyIsFalseAndMakesNone) {
  EXPECT_FALSE(cache().touch("k"));
  EXPECT_FALSE(cache().touch("k", 1h));
  EXPECT_FALSE(cache().touch("k", never));
  EXPECT_FALSE(cache().touch("k", 0s));
  EXPECT_FALSE(raw().exists(":1:k"));
}

TEST_P(TouchTest, WithZeroOrLessDeletes) {
  for (const auto over : {0ms, -1ms, -100'000ms}) {
    cache().set("k", "v");
    EXPECT_TRUE(cache().touch("k", over));
    EXPECT_FALSE(raw().exists(":1:k"));
  }
}

TEST_P(TouchTest, BelowAMillisecondIsOne) {
  cache().set("k", "v", never);
  EXPECT_TRUE(cache().touch("k", 1us));
  EXPECT_TRUE(eventually([&] { return !raw().exists(":1:k"); }));
}

TEST_P(TouchTest, KeepsToTheVersionAskedFor) {
  cache().set("k", "one", never);
  cache().set("k", "two", {.timeout = never, .version = 2});
  EXPECT_TRUE(cache().touch("k", 1h, {.version = 2}));
  EXPECT_EQ(raw().pttl(":1:k"), -1);
  EXPECT_GT(raw().pttl(":2:k"), 0);
  EXPECT_FALSE(cache().touch("k", 1h, {.version = 3}));
  EXPECT_FALSE(cache().touch("k", never, {.version = 3}));
}

TEST_P(TouchTest, TtlOfAMissingKeyIsMissing) {
  EXPECT_TRUE(cache().ttl("k").is_missing());
  EXPECT_TRUE(cache().pttl("k").is_missing());
  EXPECT_FALSE(cache().ttl("k").is_persistent());
  EXPECT_EQ(cache().ttl("k").remaining(), std::nullopt);
  EXPECT_EQ(cache().ttl("k").django(), 0);
  EXPECT_FALSE(cache().ttl("k").omitted());
}

TEST_P(TouchTest, TtlOfWhatNeverExpiresIsPersistent) {
  cache().set("k", "v", never);
  EXPECT_TRUE(cache().ttl("k").is_persistent());
  EXPECT_TRUE(cache().pttl("k").is_persistent());
  EXPECT_FALSE(cache().pttl("k").is_missing());
  EXPECT_EQ(cache().pttl("k").remaining(), std::nullopt);
  EXPECT_EQ(cache().pttl("k").django(), std::nullopt);
}

TEST_P(TouchTest, TtlIsWhatIsLeftInItsUnit) {
  cache().set("k", "v", 1h);
  const Ttl seconds = cache().ttl("k");
  ASSERT_TRUE(seconds.remaining());
  EXPECT_LE(*seconds.remaining(), 1h);
  EXPECT_GT(*seconds.remaining(), 50min);
  EXPECT_EQ(seconds.django(), seconds.remaining()->count());

  const Pttl milliseconds = cache().pttl("k");
  ASSERT_TRUE(milliseconds.remaining());
  EXPECT_LE(*milliseconds.remaining(), 1h);
  EXPECT_GT(*milliseconds.remaining(), 50min);
  EXPECT_FALSE(milliseconds.is_missing());
  EXPECT_FALSE(milliseconds.is_persistent());
}

TEST_P(TouchTest, TtlOfALivingKeyIsNeverZero) {
  bool seen = false;
  for (int i = 0; i < 100 && !seen; ++i) {
    cache().set("k", "v", 300ms);
    const Ttl left = cache().ttl("k");
    if (!left.is_missing()) {  // on a machine that slow it may have expired
      seen = true;
      EXPECT_EQ(left.remaining(), 1s);
    }
  }
  EXPECT_TRUE(seen);
}

TEST_P(TouchTest, TtlKeepsToTheVersionAskedFor) {
  cache().set("k", "v", {.timeout = never, .version = 2});
  EXPECT_TRUE(cache().ttl("k").is_missing());
  EXPECT_TRUE(cache().ttl("k", {.version = 2}).is_persistent());
  EXPECT_TRUE(cache().pttl("k", {.version = 2}).is_persistent());
}

}  // namespace
}  // namespace rediscache::test
