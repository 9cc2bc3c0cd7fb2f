// Hashes: what each call does on a real server.
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class HashesTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(HashesTest);

TEST_P(HashesTest, TheNameIsUsedAsItIsAndFieldsAreMadeKeys) {
  Options prefixed = options();
  prefixed.key_prefix = "shop";
  RedisCache shop{prefixed};
  EXPECT_EQ(shop.hset("a:b:c", "f", 5), 1);
  EXPECT_EQ(shop.hset("a:b:c", "f", 6, {.version = 2}), 1);
  EXPECT_EQ(raw().text({"HGET", "a:b:c", "shop:1:f"}), "5");
  EXPECT_EQ(raw().text({"HGET", "a:b:c", "shop:2:f"}), "6");
  EXPECT_EQ(shop.hget<int>("a:b:c", "f"), 5);
  EXPECT_EQ(shop.hget<int>("a:b:c", "f", {.version = 2}), 6);
  EXPECT_EQ(cache().hget<int>("a:b:c", "f"), std::nullopt);
  EXPECT_EQ(cache().hlen("a:b:c"), 2) << "the hash is shared by caches, and by versions";
}

TEST_P(HashesTest, FieldsAreSetLookedAtAndRemoved) {
  EXPECT_EQ(cache().hset("h", "f", 1), 1);
  EXPECT_EQ(cache().hset("h", "f", 2), 0);
  EXPECT_EQ(cache().hset("h", "g", "text"), 1);
  EXPECT_TRUE(cache().hexists("h", "f"));
  EXPECT_FALSE(cache().hexists("h", "f", {.version = 2}));
  EXPECT_EQ(cache().hlen("h"), 2);
  EXPECT_THAT(cache().hkeys("h"), UnorderedElementsAre("f", "g"));
  EXPECT_EQ(cache().hget<std::string>("h", "g"), "text");
  EXPECT_EQ(cache().hdel("h", "f", {.version = 2}), 0);
  EXPECT_EQ(cache().hdel("h", {"f", "g", "missing"}), 2);
  EXPECT_FALSE(raw().exists("h"));
}

TEST_P(HashesTest, ManyFieldsAreReadTogether) {
  cache().hset("h", "a", 1);
  cache().hset("h", "b", 2);
  EXPECT_THAT(cache().hmget<int>("h", {"a", "missing", "b"}), ElementsAre(1, std::nullopt, 2));
  EXPECT_THAT(cache().hmget<int>("missing", std::vector<std::string>{"a"}), ElementsAre(std::nullopt));
  EXPECT_THAT(cache().hgetall<int>("h"),
              UnorderedElementsAre(std::pair{std::string{"a"}, 1}, std::pair{std::string{"b"}, 2}));
  EXPECT_THAT(cache().hgetall<int>("missing"), IsEmpty());
}

TEST_P(HashesTest, AValueThatDoesNotReadNamesTheHash) {
  cache().hset("h", "f", "text");
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)cache().hget<int>("h", "f"); })->key(), "h");
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)cache().hgetall<int>("h"); })->key(), "h");
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)cache().hmget<int>("h", "f"); })->key(), "h");
  EXPECT_EQ(cache().hget<std::string>("h", "f"), "text");
}

TEST_P(HashesTest, AFieldCounts) {
  EXPECT_EQ(cache().hincrby("h", "f").value(), 1);
  EXPECT_EQ(cache().hincrby("h", "f", 41).value(), 42);
  EXPECT_EQ(cache().hincrby("h", "f", -2, {.version = 2}).value(), -2);
  EXPECT_EQ(cache().hget<int>("h", "f"), 42);
  cache().hset("h", "text", "text");
  EXPECT_EQ(thrown_by<ResponseError>([&] { cache().hincrby("h", "text"); })->prefix(), "ERR");
  cache().hset("h", "most", std::numeric_limits<std::int64_t>::max());
  EXPECT_THROW(cache().hincrby("h", "most"), ResponseError);
  EXPECT_EQ(cache().hget<std::int64_t>("h", "most"), std::numeric_limits<std::int64_t>::max());
}

TEST_P(HashesTest, AWalkSeesAllFields) {
  for (int i = 0; i < 1000; ++i) {
    cache().hset("h", "field:" + std::to_string(i), i);
  }
  std::map<std::string, int> seen;
  auto scan = cache().hscan_iter<int>("h", {.count = 50});
  for (const auto& [field, value] : scan) {
    seen.emplace(field, value);
  }
  EXPECT_TRUE(scan.complete());
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(seen["field:999"], 999);
  EXPECT_GT(raw().calls("hscan"), 5);
}

TEST_P(HashesTest, AWalkMatchesFieldsOfItsVersion) {
  cache().hset("h", "user:1", 1);
  cache().hset("h", "user:2", 2, {.version = 2});
  cache().hset("h", "other", 3);
  std::vector<std::pair<std::string, int>> seen;
  for (const auto& entry : cache().hscan_iter<int>("h", {.match = "user:*"})) {
    seen.push_back(entry);
  }
  EXPECT_THAT(seen, ElementsAre(std::pair{std::string{"user:1"}, 1}));
}

}  // namespace
}  // namespace rediscache::test
