// Sets: what each call does on a real server.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class SetsTest : public CacheTest {
 protected:
  void fill(int count) {
    std::vector<int> numbers(static_cast<std::size_t>(count));
    int next = 0;
    std::generate(numbers.begin(), numbers.end(), [&] { return next++; });
    ASSERT_EQ(cache().sadd("s", each(numbers)), count);
  }
};
REDISCACHE_TEST_EVERY_SETUP(SetsTest);

TEST_P(SetsTest, AddedAreCountedOnceAndRemovedOnce) {
  EXPECT_EQ(cache().sadd("s", {1, 2, 2}), 2);
  EXPECT_EQ(cache().sadd("s", 2), 0);
  EXPECT_EQ(cache().scard("s"), 2);
  EXPECT_EQ(cache().srem("s", {2, 3}), 1);
  EXPECT_THAT(cache().smembers<int>("s"), ElementsAre(1));
  EXPECT_EQ(raw().integer({"SCARD", ":1:s"}), 1);
}

TEST_P(SetsTest, MembersAreWhatIsAskedFor) {
  cache().sadd("s", {"a", "b"});
  EXPECT_THAT(cache().smembers<std::string>("s"), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(cache().smembers<Value>("s"), UnorderedElementsAre(Value{"a"}, Value{"b"}));
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)cache().smembers<int>("s"); })->key(), "s");
  EXPECT_EQ(cache().scard("s"), 2) << "what does not read stays";
}

TEST_P(SetsTest, AContainerIsOneMemberAndEachOfItAreMany) {
  const std::vector<int> numbers{1, 2, 3};
  EXPECT_EQ(cache().sadd("one", numbers), 1);
  EXPECT_EQ(cache().sadd("many", each(numbers)), 3);
  EXPECT_THAT(cache().smembers<std::vector<int>>("one"), ElementsAre(numbers));
  EXPECT_TRUE(cache().sismember("one", numbers));
}

TEST_P(SetsTest, MembershipIsAskedOneByOneOrTogether) {
  cache().sadd("s", {1, 3});
  EXPECT_TRUE(cache().sismember("s", 1));
  EXPECT_FALSE(cache().sismember("s", 2));
  EXPECT_FALSE(cache().sismember("missing", 1));
  EXPECT_EQ(cache().smismember("s", {1, 2, 3}), (std::vector<bool>{true, false, true}));
}

TEST_P(SetsTest, VersionsAreSetsOfTheirOwn) {
  cache().sadd("s", 1);
  cache().sadd("s", {2, 3}, {.version = 2});
  EXPECT_THAT(cache().smembers<int>("s"), ElementsAre(1));
  EXPECT_THAT(cache().smembers<int>("s", {.version = 2}), UnorderedElementsAre(2, 3));
  EXPECT_EQ(raw().integer({"SCARD", ":2:s"}), 2);
}

TEST_P(SetsTest, AMemberMoves) {
  cache().sadd("a", {1, 2});
  EXPECT_TRUE(cache().smove("a", "b", 1));
  EXPECT_FALSE(cache().smove("a", "b", 1));
  EXPECT_TRUE(cache().smove("a", "b", 2, {.version_dest = 2}));
  EXPECT_THAT(cache().smembers<int>("b"), ElementsAre(1));
  EXPECT_THAT(cache().smembers<int>("b", {.version = 2}), ElementsAre(2));
  EXPECT_FALSE(raw().exists(":1:a"));
}

TEST_P(SetsTest, PoppedAreGone) {
  cache().sadd("s", {1, 2, 3});
  const std::optional<int> one = cache().spop<int>("s");
  ASSERT_TRUE(one);
  EXPECT_FALSE(cache().sismember("s", *one));
  EXPECT_THAT(cache().spop<int>("s", 5), SizeIs(2));
  EXPECT_EQ(cache().spop<int>("s"), std::nullopt);
  EXPECT_THAT(cache().spop<int>("s", 5), IsEmpty());
  EXPECT_THAT(cache().spop<int>("s", 0), IsEmpty());
}

TEST_P(SetsTest, PoppedThatDoNotReadAreInTheError) {
  cache().sadd("s", "text");
  const auto error = thrown_by<PoppedError>([&] { (void)cache().spop<int>("s"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "s");
  EXPECT_THAT(error->stored(), ElementsAre(is_json() ? "\"text\"" : "text"));
  EXPECT_NE(std::string{error->what()}.find("PoppedError::stored()"), std::string::npos) << error->what();
  EXPECT_EQ(std::string{error->what()}.find("text\""), std::string::npos) << "values stay out of messages";
  cache().sadd("s", {1, 2});
  cache().sadd("s", "text");
  const auto many = thrown_by<PoppedError>([&] { (void)cache().spop<int>("s", 3); });
  ASSERT_TRUE(many);
  EXPECT_THAT(many->stored(), UnorderedElementsAre("1", "2", is_json() ? "\"text\"" : "text"));
}

TEST_P(SetsTest, RandomOnesStay) {
  cache().sadd("s", {1, 2, 3});
  EXPECT_TRUE(cache().sismember("s", cache().srandmember<int>("s").value()));
  EXPECT_THAT(cache().srandmember<int>("s", 10), UnorderedElementsAre(1, 2, 3));
  const std::vector<int> repeated = cache().srandmember<int>("s", -10);
  EXPECT_THAT(repeated, SizeIs(10));
  EXPECT_THAT((std::set<int>{repeated.begin(), repeated.end()}), IsSubsetOf({1, 2, 3}));
  EXPECT_EQ(cache().srandmember<int>("missing"), std::nullopt);
  EXPECT_THAT(cache().srandmember<int>("missing", 3), IsEmpty());
  EXPECT_EQ(cache().scard("s"), 3);
}

TEST_P(SetsTest, AreCombined) {
  cache().sadd("a", {1, 2, 3});
  cache().sadd("b", {2, 3, 4});
  EXPECT_THAT(cache().sdiff<int>({"a", "b"}), ElementsAre(1));
  EXPECT_THAT(cache().sinter<int>({"a", "b"}), UnorderedElementsAre(2, 3));
  EXPECT_THAT(cache().sunion<int>(std::vector<std::string>{"a", "b"}), UnorderedElementsAre(1, 2, 3, 4));
  EXPECT_THAT(cache().sunion<int>("a"), UnorderedElementsAre(1, 2, 3));
  EXPECT_THAT(cache().sinter<int>({"a", "missing"}), IsEmpty());
}

TEST_P(SetsTest, CombinationsAreStored) {
  cache().sadd("a", {1, 2, 3});
  cache().sadd("b", {2, 3, 4});
  cache().set("d", "replaced");
  EXPECT_EQ(cache().sdiffstore("d", {"a", "b"}), 1);
  EXPECT_THAT(cache().smembers<int>("d"), ElementsAre(1));
  EXPECT_EQ(cache().sinterstore("d", {"a", "b"}), 2);
  EXPECT_THAT(cache().smembers<int>("d"), UnorderedElementsAre(2, 3));
  EXPECT_EQ(cache().sunionstore("d", {"a", "b"}, {.version_dest = 2}), 4);
  EXPECT_EQ(raw().integer({"SCARD", ":2:d"}), 4);
  EXPECT_EQ(cache().sinterstore("d", {"a", "missing"}), 0);
  EXPECT_FALSE(raw().exists(":1:d")) << "an empty set is none";
}

TEST_P(SetsTest, AFirstPageIsSomeOfThem) {
  cache().sadd("s", {1, 2, 3});
  EXPECT_THAT(cache().sscan<int>("s"), UnorderedElementsAre(1, 2, 3));
  EXPECT_THAT(cache().sscan<int>("missing"), IsEmpty());
  cache().del("s");
  fill(5000);
  EXPECT_LT(cache().sscan<int>("s", {.count = 10}).size(), 5000U);
}

TEST_P(SetsTest, AWalkSeesAllMembersPageByPage) {
  fill(5000);
  std::set<int> seen;
  auto scan = cache().sscan_iter<int>("s", {.count = 100});
  EXPECT_FALSE(scan.complete());
  for (const int member : scan) {
    seen.insert(member);
  }
  EXPECT_TRUE(scan.complete());
  EXPECT_EQ(seen.size(), 5000U);
  EXPECT_GT(raw().calls("sscan"), 20);
}

TEST_P(SetsTest, AWalkAsksForTheCachesPageSizeWhenNoneIsGiven) {
  fill(5000);
  auto scan = cache().sscan_iter<int>("s");
  for ([[maybe_unused]] const int member : scan) {
  }
  EXPECT_LT(raw().calls("sscan"), 20);
}

TEST_P(SetsTest, AWalkMatchesText) {
  cache().sadd("s", {"user:1", "user:2", "other"});
  std::vector<std::string> seen;
  for (const std::string& member : cache().sscan_iter<std::string>("s", {.match = "user:*"})) {
    seen.push_back(member);
  }
  EXPECT_THAT(seen, UnorderedElementsAre("user:1", "user:2"));
  EXPECT_THAT(cache().sscan<std::string>("s", {.match = "oth*"}), ElementsAre("other"));
}

/// Makes nothing smaller, but other: builds may lack any of the real ones.
class Marking final : public Compressor {
 public:
  [[nodiscard]] std::size_t min_length() const noexcept override { return 0; }
  [[nodiscard]] bool is_compressed(std::string_view bytes) const noexcept override {
    return bytes.starts_with('!');
  }
  void compress(std::string_view bytes, std::string& out) const override { out.assign(1, '!').append(bytes); }
  [[nodiscard]] bool decompress(std::string_view bytes, std::string& out,
                                std::size_t /*max_bytes*/) const override {
    out.assign(bytes.substr(std::min<std::size_t>(1, bytes.size())));
    return is_compressed(bytes);
  }
};

TEST_P(SetsTest, NothingIsLookedForInCompressedMembers) {
  Options own = options();
  own.compressor_object = std::make_shared<const Marking>();
  RedisCache compressing{own};
  compressing.sadd("s", {"user:1", "other"});
  EXPECT_TRUE(
      thrown_by<InvalidArgument>([&] { (void)compressing.sscan<std::string>("s", {.match = "u*"}); }));
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] {
    auto scan = compressing.sscan_iter<std::string>("s", {.match = "u*"});
    (void)scan.begin();
  }));
  EXPECT_THAT(compressing.sscan<std::string>("s"), UnorderedElementsAre("user:1", "other"));
}

TEST_P(SetsTest, AWalkThatLosesTheServerThrowsOrEndsIncomplete) {
  fill(5000);
  Options forgiving = options();
  forgiving.ignore_exceptions = true;
  RedisCache ignoring{forgiving};
  auto scan = cache().sscan_iter<int>("s", {.count = 10});
  auto ignored = ignoring.sscan_iter<int>("s", {.count = 10});
  auto at = scan.begin();
  auto ignored_at = ignored.begin();
  server().kill();
  EXPECT_THROW(
      {
        while (at != scan.end()) {
          ++at;
        }
      },
      ConnectionInterrupted);
  while (ignored_at != ignored.end()) {
    ++ignored_at;
  }
  EXPECT_FALSE(ignored.complete());
  EXPECT_EQ(ignoring.statistics().omitted, 1U);
}

TEST_P(SetsTest, AWalkOutlivesItsCache) {
  fill(5000);
  std::optional<RedisCache> short_lived{options()};
  auto scan = short_lived->sscan_iter<int>("s", {.count = 10});
  short_lived.reset();
  std::size_t seen = 0;
  for ([[maybe_unused]] const int member : scan) {
    ++seen;
  }
  EXPECT_GE(seen, 5000U);
}

}  // namespace
}  // namespace rediscache::test
