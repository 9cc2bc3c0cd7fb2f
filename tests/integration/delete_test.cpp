// del, delete_many and clear.
#include <string>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

class DeleteTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(DeleteTest);

TEST_P(DeleteTest, TellsWhetherTheKeyWasThere) {
  cache().set("k", "v");
  EXPECT_TRUE(cache().del("k"));
  EXPECT_FALSE(raw().exists(":1:k"));
  EXPECT_FALSE(cache().del("k"));
}

TEST_P(DeleteTest, RemovesValuesOfEveryType) {
  raw().run({"RPUSH", ":1:list", "element"});
  EXPECT_TRUE(cache().del("list"));
  EXPECT_FALSE(raw().exists(":1:list"));
}

TEST_P(DeleteTest, KeepsToTheVersionAskedFor) {
  cache().set("k", "one");
  cache().set("k", "two", {.version = 2});
  EXPECT_TRUE(cache().del("k", {.version = 2}));
  EXPECT_TRUE(raw().exists(":1:k"));
  EXPECT_FALSE(raw().exists(":2:k"));
}

TEST_P(DeleteTest, OfManyCountsThoseThatWereThere) {
  cache().set("a", 1);
  cache().set("b", 2);
  cache().set("c", 3);
  EXPECT_EQ(cache().delete_many({"a", "missing", "b"}), 2);
  EXPECT_EQ(cache().delete_many({"a", "missing", "b"}), 0);
  EXPECT_TRUE(cache().has_key("c"));
  EXPECT_EQ(cache().delete_many({"c", "c", "c"}), 1);
}

TEST_P(DeleteTest, OfManyKeepsToTheVersionAskedFor) {
  cache().set("a", 1);
  cache().set("a", 1, {.version = 2});
  EXPECT_EQ(cache().delete_many({"a", "b"}, {.version = 2}), 1);
  EXPECT_TRUE(cache().has_key("a"));
}

TEST_P(DeleteTest, OfThousandsIsOneCall) {
  raw().run({"EVAL", "for i = 1, 5000 do redis.call('SET', ':1:k' .. i, 'v') end", "0"});
  std::vector<std::string> keys;
  for (int i = 1; i <= 5001; ++i) {
    keys.push_back("k" + std::to_string(i));
  }
  EXPECT_EQ(cache().delete_many(keys), 5000);
  EXPECT_EQ(raw().integer({"DBSIZE"}), 0);
  EXPECT_EQ(raw().calls("del") + raw().calls("unlink"), 1);
}

TEST_P(DeleteTest, OfNothingAsksNothing) {
  RedisCache nobody{options_to_nobody()};
  EXPECT_EQ(nobody.delete_many(std::vector<std::string>{}), 0);
  EXPECT_EQ(nobody.delete_many({}), 0);
}

TEST_P(DeleteTest, ClearEmptiesTheDatabaseWhateverThePrefix) {
  cache().set("k", "v");
  cache().set("k", "v", {.version = 2});
  raw().set("other:1:k", "v");
  raw().set("lock", "v");
  cache().clear();
  EXPECT_EQ(raw().integer({"DBSIZE"}), 0);
  cache().clear();
}

TEST_P(DeleteTest, ClearLeavesOtherDatabasesAlone) {
  raw().run({"SELECT", "5"});
  raw().set(":1:k", "v");
  cache().set("k", "v");
  cache().clear();
  EXPECT_TRUE(raw().exists(":1:k"));
  EXPECT_FALSE(cache().has_key("k"));
}

}  // namespace
}  // namespace rediscache::test
