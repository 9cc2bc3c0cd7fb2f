// get_many.
#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using Keys = std::vector<std::string>;

class GetManyTest : public CacheTest {
 protected:
  template <class T>
  static Keys keys_of(const KeyedValues<T>& found) {
    Keys keys;
    for (const auto& entry : found) {
      keys.push_back(entry.first);
    }
    return keys;
  }
};
REDISCACHE_TEST_EVERY_SETUP(GetManyTest);

TEST_P(GetManyTest, GivesWhatIsThereInTheOrderAskedFor) {
  cache().set("a", 1);
  cache().set("b", 2);
  cache().set("c", 3);
  const auto found = cache().get_many<int>({"c", "missing", "a", "b", "gone"});
  EXPECT_EQ(keys_of(found), (Keys{"c", "a", "b"}));
  EXPECT_EQ(found.at("a"), 1);
  EXPECT_EQ(found.at("b"), 2);
  EXPECT_EQ(found.at("c"), 3);
  EXPECT_TRUE(found.errors().empty());
}

TEST_P(GetManyTest, LeavesMissingKeysOut) {
  const auto found = cache().get_many<int>({"a", "b"});
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(found.size(), 0);
  EXPECT_EQ(found.find("a"), found.end());
  EXPECT_FALSE(found.contains("a"));
  EXPECT_THROW((void)found.at("a"), std::out_of_range);
}

TEST_P(GetManyTest, GivesAKeyAskedForTwiceOnce) {
  cache().set("a", 1);
  cache().set("b", 2);
  const auto found = cache().get_many<int>({"b", "a", "b", "b", "missing", "missing", "a"});
  EXPECT_EQ(keys_of(found), (Keys{"b", "a"}));
}

TEST_P(GetManyTest, GivesThousandsOfKeysInOrder) {
  std::vector<std::pair<std::string, int>> entries;
  entries.reserve(3000);
  for (int i = 0; i < 3000; ++i) {
    entries.emplace_back("key" + std::to_string(i), i);
  }
  ASSERT_TRUE(cache().set_many(entries).empty());
  Keys asked;
  for (int i = 2999; i >= 0; --i) {
    asked.push_back("key" + std::to_string(i));
    asked.push_back("missing" + std::to_string(i));
    asked.push_back("key" + std::to_string(i / 2));  // again
  }
  const auto found = cache().get_many<int>(asked);
  ASSERT_EQ(found.size(), 3000);
  for (const auto& [key, value] : found) {
    ASSERT_EQ(key, "key" + std::to_string(value));
  }
  EXPECT_EQ(found.begin()->first, "key2999");
  EXPECT_EQ(found.at("key1234"), 1234);
  EXPECT_EQ(found.find("missing7"), found.end());
}

TEST_P(GetManyTest, IsOneCommand) {
  (void)cache().get_many<int>({"a", "b", "c"});
  EXPECT_EQ(raw().calls("mget"), 1);
  EXPECT_EQ(raw().calls("get"), 0);
}

TEST_P(GetManyTest, TakesEveryRangeOfKeys) {
  cache().set("a", 1);
  cache().set("b", 2);
  EXPECT_EQ(cache().get_many<int>(Keys{"a", "b"}).size(), 2);
  EXPECT_EQ(cache().get_many<int>(std::set<std::string>{"a", "b"}).size(), 2);
  EXPECT_EQ(cache().get_many<int>(std::vector<std::string_view>{"a", "b"}).size(), 2);
  EXPECT_EQ(cache().get_many<int>(std::vector<const char*>{"a", "b"}).size(), 2);
}

TEST_P(GetManyTest, OfNoKeysAsksNothing) {
  RedisCache nobody{options_to_nobody()};
  EXPECT_TRUE(nobody.get_many<int>(Keys{}).empty());
  EXPECT_TRUE(nobody.get_many<int>({}).empty());
}

TEST_P(GetManyTest, ReadsTheVersionAskedFor) {
  cache().set("a", 1, {.version = 2});
  cache().set("b", 2);
  EXPECT_EQ(keys_of(cache().get_many<int>({"a", "b"}, {.version = 2})), Keys{"a"});
  EXPECT_EQ(keys_of(cache().get_many<int>({"a", "b"})), Keys{"b"});
}

TEST_P(GetManyTest, DoesNotLoseTheRestOverAnEntryThatDoesNotDecode) {
  cache().set("first", std::vector<int>{1});
  raw().set(":1:corrupt", "[1, 2");
  cache().set("text", "hello");
  cache().set("last", std::vector<int>{2, 3});
  const auto found = cache().get_many<std::vector<int>>({"first", "corrupt", "missing", "text", "last"});
  EXPECT_EQ(keys_of(found), (Keys{"first", "last"}));
  EXPECT_EQ(found.at("last"), (std::vector<int>{2, 3}));
  ASSERT_EQ(found.errors().size(), 2);
  EXPECT_EQ(found.errors()[0].key(), "corrupt");
  EXPECT_EQ(found.errors()[1].key(), "text");
  EXPECT_NE(std::string{found.errors()[1].what()}.find("text"), std::string::npos);
  EXPECT_EQ(raw().get(":1:corrupt"), "[1, 2") << "what is stored stays";
}

TEST_P(GetManyTest, DoesNotLoseTheRestOverErrorsAmongManyKeys) {
  Keys asked;
  for (int i = 0; i < 200; ++i) {
    asked.push_back(std::to_string(i));
    if (i % 3 == 0) {
      raw().set(":1:" + asked.back(), "{broken");
    } else {
      cache().set(asked.back(), i);
    }
  }
  const auto found = cache().get_many<int>(asked);
  EXPECT_EQ(found.size(), 133);
  EXPECT_EQ(found.errors().size(), 67);
  for (const auto& [key, value] : found) {
    EXPECT_EQ(key, std::to_string(value));
  }
  EXPECT_FALSE(found.contains("0"));
  EXPECT_TRUE(found.contains("199"));
}

TEST_P(GetManyTest, LeavesOutWhatIsNoString) {
  raw().run({"RPUSH", ":1:list", "element"});
  cache().set("a", 1);
  EXPECT_EQ(keys_of(cache().get_many<int>({"list", "a"})), Keys{"a"}) << "MGET shows it as missing";
}

TEST_P(GetManyTest, MovesLargeValues) {
  const std::string large(1024 * 1024, 'x');
  cache().set("a", large);
  cache().set("b", "small");
  cache().set("c", large);
  const auto found = cache().get_many<std::string>({"a", "b", "c"});
  ASSERT_EQ(found.size(), 3);
  EXPECT_TRUE(found.at("a") == large);
  EXPECT_EQ(found.at("b"), "small");
  EXPECT_TRUE(found.at("c") == large);
}

}  // namespace
}  // namespace rediscache::test
