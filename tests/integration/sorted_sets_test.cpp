// Sorted sets: what each call does on a real server.
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Entry = Scored<std::string>;

constexpr double infinite = std::numeric_limits<double>::infinity();

class SortedSetsTest : public CacheTest {
 protected:
  /// a, b, c, d with scores 1, 2, 3, 4.
  void fill() { ASSERT_EQ(cache().zadd("z", {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}}), 4); }
};
REDISCACHE_TEST_EVERY_SETUP(SortedSetsTest);

TEST_P(SortedSetsTest, AddedAreCountedAndChangedOnRequest) {
  fill();
  EXPECT_EQ(cache().zadd("z", {{"a", 9}, {"e", 5}}), 1);
  EXPECT_EQ(cache().zadd("z", {{"a", 1}, {"f", 6}}, {.ch = true}), 2);
  EXPECT_EQ(cache().zcard("z"), 6);
  const std::map<std::string, double> board{{"x", 0.5}, {"y", 1.5}};
  EXPECT_EQ(cache().zadd("m", board, {.version = 2}), 2);
  EXPECT_EQ(cache().zadd("copy", cache().zrange<Entry>("m", 0, -1, {.version = 2})), 2);
  EXPECT_THAT(cache().zrange<Entry>("copy", 0, -1), ElementsAre(Entry{"x", 0.5}, Entry{"y", 1.5}));
}

TEST_P(SortedSetsTest, ConditionsDecideWhatIsChanged) {
  fill();
  EXPECT_EQ(cache().zadd("z", {{"a", 7}, {"new", 7}}, {.nx = true}), 1);
  EXPECT_EQ(cache().zscore("z", "a"), 1);
  EXPECT_EQ(cache().zadd("z", {{"a", 8}, {"newer", 8}}, {.xx = true, .ch = true}), 1);
  EXPECT_EQ(cache().zscore("z", "newer"), std::nullopt);
  EXPECT_EQ(cache().zadd("z", {{"a", 5}, {"b", 5}}, {.ch = true, .gt = true}), 1);
  EXPECT_EQ(cache().zscore("z", "a"), 8);
  EXPECT_EQ(cache().zadd("z", {{"a", 0}, {"b", 9}}, {.ch = true, .lt = true}), 1);
  EXPECT_EQ(cache().zscore("z", "a"), 0);
  EXPECT_THROW(cache().zadd("z", {{"a", 1}}, {.nx = true, .xx = true}), ResponseError);
}

TEST_P(SortedSetsTest, ZaddWithIncrGivesTheScore) {
  EXPECT_EQ(cache().zadd("z", {{"a", 1.5}}, {.incr = true}).score(), 1.5);
  EXPECT_EQ(cache().zadd("z", {{"a", 2}}, {.incr = true}).score(), 3.5);
  EXPECT_EQ(cache().zadd("z", {{"a", 2}}, {.nx = true, .incr = true}).score(), std::nullopt);
  EXPECT_EQ(cache().zadd("z", {{"b", 2}}).score(), std::nullopt);
  EXPECT_THROW(cache().zadd("z", {{"a", 1}, {"b", 1}}, {.incr = true}), ResponseError);
}

TEST_P(SortedSetsTest, ScoresAreExactAndMayBeInfinite) {
  const std::vector<double> scores{0.1, 1.0 / 3, -2.5e-300, 1e300, 9007199254740993.0, infinite, -infinite};
  for (const double score : scores) {
    cache().zadd("z", {{"m", score}});
    EXPECT_EQ(cache().zscore("z", "m"), score);
  }
  EXPECT_EQ(cache().zincrby("z", 1, "m").value(), -infinite);
  EXPECT_THROW(cache().zincrby("z", infinite, "m"), ResponseError) << "that would be NaN";
}

TEST_P(SortedSetsTest, ScoresAreCountedUp) {
  EXPECT_EQ(cache().zincrby("z", 2, "a").value(), 2);
  EXPECT_EQ(cache().zincrby("z", -0.5, "a").value(), 1.5);
  EXPECT_EQ(cache().zincrby("z", 1, "a", {.version = 2}).value(), 1);
}

TEST_P(SortedSetsTest, ScoresAndPositionsOfMembersThatAreNotThereAreNothing) {
  fill();
  EXPECT_EQ(cache().zscore("z", "b"), 2);
  EXPECT_EQ(cache().zscore("z", "missing"), std::nullopt);
  EXPECT_THAT(cache().zmscore("z", {"b", "missing", "a"}), ElementsAre(2, std::nullopt, 1));
  EXPECT_EQ(cache().zrank("z", "b"), 1);
  EXPECT_EQ(cache().zrevrank("z", "b"), 2);
  EXPECT_EQ(cache().zrank("z", "missing"), std::nullopt);
  EXPECT_EQ(cache().zrevrank("missing", "b"), std::nullopt);
}

TEST_P(SortedSetsTest, RangesAreByPosition) {
  fill();
  EXPECT_THAT(cache().zrange<std::string>("z", 0, 1), ElementsAre("a", "b"));
  EXPECT_THAT(cache().zrange<std::string>("z", -2, -1), ElementsAre("c", "d"));
  EXPECT_THAT(cache().zrange<std::string>("z", 0, 1, {.desc = true}), ElementsAre("d", "c"));
  EXPECT_THAT(cache().zrevrange<std::string>("z", 0, 1), ElementsAre("d", "c"));
  EXPECT_THAT(cache().zrevrange<Entry>("z", 0, 0), ElementsAre(Entry{"d", 4}));
  EXPECT_THAT(cache().zrange<std::string>("z", 9, 10), IsEmpty());
  EXPECT_THAT(cache().zrange<std::string>("z", 0, -1, {.version = 2}), IsEmpty());
}

TEST_P(SortedSetsTest, RangesAreByScore) {
  fill();
  EXPECT_THAT(cache().zrangebyscore<std::string>("z", 2, 3), ElementsAre("b", "c"));
  EXPECT_THAT(cache().zrangebyscore<std::string>("z", ScoreBound::exclusive(2), 3), ElementsAre("c"));
  EXPECT_THAT(cache().zrangebyscore<std::string>("z", "(1", "(4"), ElementsAre("b", "c"));
  EXPECT_THAT(cache().zrangebyscore<std::string>("z", "-inf", "+inf", {.start = 1, .num = 2}),
              ElementsAre("b", "c"));
  EXPECT_THAT(cache().zrangebyscore<std::string>("z", -infinite, infinite, {.start = 3}), ElementsAre("d"));
  EXPECT_THAT(cache().zrangebyscore<std::string>("z", -infinite, infinite, {.num = 1}), ElementsAre("a"));
  EXPECT_THAT(cache().zrevrangebyscore<std::string>("z", 3, 2), ElementsAre("c", "b"));
  EXPECT_THAT(cache().zrevrangebyscore<Entry>("z", 9, 0, {.start = 1, .num = 1}), ElementsAre(Entry{"c", 3}));
  EXPECT_EQ(cache().zcount("z", 2, "+inf"), 3);
  EXPECT_EQ(cache().zcount("z", "(2", infinite), 2);
}

TEST_P(SortedSetsTest, MembersAreRemoved) {
  fill();
  EXPECT_EQ(cache().zrem("z", {"a", "missing"}), 1);
  EXPECT_EQ(cache().zremrangebyscore("z", "-inf", ScoreBound::exclusive(4)), 2);
  EXPECT_THAT(cache().zrange<std::string>("z", 0, -1), ElementsAre("d"));
}

TEST_P(SortedSetsTest, PoppedAreTheHighestOrTheLowest) {
  fill();
  EXPECT_EQ(cache().zpopmax<std::string>("z"), (Entry{"d", 4}));
  EXPECT_EQ(cache().zpopmin<std::string>("z"), (Entry{"a", 1}));
  EXPECT_THAT(cache().zpopmax<std::string>("z", 5), ElementsAre(Entry{"c", 3}, Entry{"b", 2}));
  EXPECT_EQ(cache().zpopmin<std::string>("z"), std::nullopt);
  EXPECT_THAT(cache().zpopmin<std::string>("z", 5), IsEmpty());
}

TEST_P(SortedSetsTest, PoppedThatDoNotReadAreInTheError) {
  fill();
  const auto error = thrown_by<PoppedError>([&] { (void)cache().zpopmin<int>("z", 2); });
  ASSERT_TRUE(error);
  const std::string quote = is_json() ? "\"" : "";
  EXPECT_THAT(error->stored(), ElementsAre(quote + "a" + quote, "1", quote + "b" + quote, "2"));
}

TEST_P(SortedSetsTest, MembersAreTyped) {
  cache().zadd("z", {{7, 1}, {8, 2}});
  EXPECT_THAT(cache().zrange<int>("z", 0, -1), ElementsAre(7, 8));
  EXPECT_EQ(raw().text({"ZSCORE", ":1:z", "7"}), "1");
  cache().zadd("z", {{"text", 3}});
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)cache().zrange<Scored<int>>("z", 0, -1); })->key(), "z");
}

}  // namespace
}  // namespace rediscache::test
