// Lists: what each call does on a real server.
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ListsTest : public CacheTest {
 protected:
  std::vector<int> all() { return cache().lrange<int>("l", 0, -1); }
};
REDISCACHE_TEST_EVERY_SETUP(ListsTest);

TEST_P(ListsTest, BothEndsArePushedAndPopped) {
  EXPECT_EQ(cache().rpush("l", {1, 2}), 2);
  EXPECT_EQ(cache().lpush("l", {3, 4}), 4);
  EXPECT_THAT(all(), ElementsAre(4, 3, 1, 2));
  EXPECT_EQ(cache().llen("l"), 4);
  EXPECT_EQ(cache().lpop<int>("l"), 4);
  EXPECT_EQ(cache().rpop<int>("l"), 2);
  EXPECT_THAT(cache().lpop<int>("l", 5), ElementsAre(3, 1));
  EXPECT_EQ(cache().lpop<int>("l"), std::nullopt);
  EXPECT_EQ(cache().rpop<int>("l"), std::nullopt);
  EXPECT_THAT(cache().rpop<int>("l", 5), IsEmpty());
  EXPECT_EQ(cache().llen("l"), 0);
}

TEST_P(ListsTest, PositionsCountFromBothEnds) {
  cache().rpush("l", {1, 2, 3});
  EXPECT_THAT(cache().lrange<int>("l", 1, 1), ElementsAre(2));
  EXPECT_THAT(cache().lrange<int>("l", -2, -1), ElementsAre(2, 3));
  EXPECT_EQ(cache().lindex<int>("l", -1), 3);
  EXPECT_EQ(cache().lindex<int>("l", 3), std::nullopt);
  EXPECT_THAT(cache().rpop<int>("l", 2), ElementsAre(3, 2));
}

TEST_P(ListsTest, ElementsAreReplacedRemovedAndCutOff) {
  cache().rpush("l", {1, 2, 1, 3, 1});
  EXPECT_TRUE(cache().lset("l", 1, 9));
  EXPECT_EQ(cache().lrem("l", 1, 1), 1);
  EXPECT_THAT(all(), ElementsAre(9, 1, 3, 1));
  EXPECT_EQ(cache().lrem("l", -1, 1), 1);
  EXPECT_THAT(all(), ElementsAre(9, 1, 3));
  EXPECT_TRUE(cache().ltrim("l", 1, -1));
  EXPECT_THAT(all(), ElementsAre(1, 3));
  EXPECT_TRUE(cache().ltrim("missing", 0, 1));
  EXPECT_EQ(cache().lrem("l", 0, 7), 0);
  EXPECT_EQ(thrown_by<ResponseError>([&] { cache().lset("l", 9, 1); })->prefix(), "ERR");
}

TEST_P(ListsTest, ElementsAreTyped) {
  cache().rpush("l", {1, "two", 2.5});
  EXPECT_THAT(cache().lrange<Value>("l", 0, -1), ElementsAre(Value{1}, Value{"two"}, Value{2.5}));
  EXPECT_EQ(cache().lindex<std::string>("l", 1), "two");
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)cache().lindex<int>("l", 1); })->key(), "l");
  cache().rpush("jobs", each(std::vector<std::vector<int>>{{1, 2}, {3}}));
  EXPECT_EQ(cache().lpop<std::vector<int>>("jobs"), (std::vector<int>{1, 2}));
}

TEST_P(ListsTest, PoppedThatDoNotReadAreInTheError) {
  cache().rpush("l", {1, "two"});
  const auto error = thrown_by<PoppedError>([&] { (void)cache().lpop<int>("l", 2); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->stored(), ElementsAre("1", is_json() ? "\"two\"" : "two"));
  EXPECT_EQ(error->code(), ErrorCode::decode);
}

TEST_P(ListsTest, VersionsAreListsOfTheirOwn) {
  cache().rpush("l", 1);
  cache().rpush("l", 2, {.version = 2});
  EXPECT_EQ(cache().lpop<int>("l", {.version = 2}), 2);
  EXPECT_THAT(all(), ElementsAre(1));
}

}  // namespace
}  // namespace rediscache::test
