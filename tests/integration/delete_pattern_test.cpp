// delete_pattern: which keys match, and that no others do.
#include <string>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

class DeletePatternTest : public CacheTest {
 protected:
  [[nodiscard]] RedisCache with_prefix(const std::string& prefix) {
    Options own = options();
    own.key_prefix = prefix;
    return RedisCache{own};
  }
};
REDISCACHE_TEST_EVERY_SETUP(DeletePatternTest);

TEST_P(DeletePatternTest, RemovesAndCountsWhatMatches) {
  for (const char* key : {"user:1", "user:2", "user:10", "page:1", "user"}) {
    cache().set(key, 1);
  }
  EXPECT_EQ(cache().delete_pattern("user:*"), 3);
  EXPECT_TRUE(cache().has_key("page:1"));
  EXPECT_TRUE(cache().has_key("user"));
  EXPECT_EQ(cache().delete_pattern("user:*"), 0);
}

TEST_P(DeletePatternTest, KnowsEveryPartOfAGlob) {
  const auto removed = [&](std::string_view pattern) {
    for (const char* key : {"a1", "a2", "b1", "c1", "a11", "a*", "a?", "a[", "a\\"}) {
      cache().set(key, 1);
    }
    return cache().delete_pattern(pattern);
  };
  EXPECT_EQ(removed("*"), 9);
  EXPECT_EQ(removed("a?"), 6);
  EXPECT_EQ(removed("[ab]1"), 2);
  EXPECT_EQ(removed("[^a]1"), 2);
  EXPECT_EQ(removed("[a-c]1"), 3);
  EXPECT_EQ(removed("a\\*"), 1);
  EXPECT_EQ(removed("a\\?"), 1);
  EXPECT_EQ(removed("a\\["), 1);
  EXPECT_EQ(removed("a\\\\"), 1);
  EXPECT_EQ(removed("a1"), 1);
  EXPECT_EQ(removed("nothing"), 0);
  EXPECT_EQ(removed(""), 0);
}

TEST_P(DeletePatternTest, OfAPrefixWithGlobCharactersStaysAtHome) {
  const std::vector<std::string> prefixes{"*",    "?",   "[a]", "[ab]", "\\",   "\\*", "a\\",
                                          "[^x]", "a*b", "[",   "]",    "a-b?", "**",  "\\\\"};
  for (const std::string& prefix : prefixes) {
    SCOPED_TRACE(prefix);
    raw().run({"FLUSHALL"});
    for (const std::string other : {"a", "b", "x", "aXb", "ab", "zz", "", ":", "*x"}) {
      raw().set(other + ":1:k", "v");
    }
    const std::int64_t others = raw().integer({"DBSIZE"});
    RedisCache cache = with_prefix(prefix);
    cache.set("k", 1);
    cache.set("key", 1);
    EXPECT_EQ(cache.delete_pattern("k*"), 2);
    EXPECT_EQ(raw().integer({"DBSIZE"}), others);
    cache.set("k", 1);
    EXPECT_EQ(cache.delete_pattern("*"), 1);
    EXPECT_EQ(raw().integer({"DBSIZE"}), others);
  }
}

TEST_P(DeletePatternTest, TakesAPrefixOfItsOwnWhichStaysAtHomeToo) {
  RedisCache star = with_prefix("*");
  star.set("k", 1);
  cache().set("k", 1);
  raw().set("shop:1:k", "v");
  EXPECT_EQ(cache().delete_pattern("*", {.prefix = "*"}), 1);
  EXPECT_EQ(raw().integer({"DBSIZE"}), 2);
  EXPECT_EQ(cache().delete_pattern("*", {.prefix = "shop"}), 1);
  EXPECT_EQ(star.delete_pattern("*", {.prefix = ""}), 1);
  EXPECT_EQ(raw().integer({"DBSIZE"}), 0);
}

TEST_P(DeletePatternTest, KeepsToTheVersion) {
  cache().set("k", 1);
  cache().set("k", 1, {.version = 2});
  cache().set("k", 1, {.version = 12});
  EXPECT_EQ(cache().delete_pattern("*", {.version = 2}), 1);
  EXPECT_TRUE(raw().exists(":1:k"));
  EXPECT_TRUE(raw().exists(":12:k"));
}

TEST_P(DeletePatternTest, MatchesKeysOfAnyBytes) {
  const std::string odd("a\0\n\xff", 4);
  cache().set(odd, 1);
  cache().set("", 1);
  EXPECT_EQ(cache().delete_pattern("a*"), 1);
  EXPECT_EQ(cache().delete_pattern(""), 1) << "the empty key";
}

TEST_P(DeletePatternTest, RemovesThousandsWhateverTheBatch) {
  for (const std::size_t itersize : {std::size_t{0}, std::size_t{7}, std::size_t{100'000}}) {
    raw().run({"EVAL", "for i = 1, 5300 do redis.call('SET', ':1:k' .. i, 'v') end", "0"});
    cache().set("stays", 1);
    EXPECT_EQ(cache().delete_pattern("k*", {.itersize = itersize}), 5300);
    EXPECT_EQ(raw().integer({"DBSIZE"}), 1);
  }
}

TEST_P(DeletePatternTest, AsksForAsManyKeysAtOnceAsItIsTold) {
  const auto scans = [&](RedisCache& cache, std::size_t itersize) {
    raw().run({"EVAL", "for i = 1, 1000 do redis.call('SET', ':1:k' .. i, 'v') end", "0"});
    raw().run({"CONFIG", "RESETSTAT"});
    EXPECT_EQ(cache.delete_pattern("*", {.itersize = itersize}), 1000);
    return raw().calls("scan");
  };
  EXPECT_LE(scans(cache(), 0), 3) << "1000 by default";
  EXPECT_GE(scans(cache(), 10), 50);
  Options own = options();
  own.scan_itersize = 10;
  RedisCache small_steps{own};
  EXPECT_GE(scans(small_steps, 0), 50);
  EXPECT_LE(scans(small_steps, 10'000), 3);
}

TEST_P(DeletePatternTest, UsesTheKeyFunctionOfTheCache) {
  Options own = options();
  own.key_prefix = "p";
  own.key_function = [](std::string_view key, std::string_view prefix, int version) {
    return std::to_string(version) + "/" + std::string{prefix} + "/" + std::string{key};
  };
  RedisCache custom{own};
  custom.set("user:1", 1);
  custom.set("page:1", 1);
  EXPECT_EQ(custom.delete_pattern("user:*"), 1);
  EXPECT_FALSE(raw().exists("1/p/user:1"));
  EXPECT_TRUE(raw().exists("1/p/page:1"));
}

}  // namespace
}  // namespace rediscache::test
