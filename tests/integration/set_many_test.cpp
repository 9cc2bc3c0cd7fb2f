// set_many.
#include <chrono>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using Entries = std::vector<std::pair<std::string, std::string>>;

class SetManyTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(SetManyTest);

/// Plain stores everything.
class JsonSetManyTest : public CacheTest {};
REDISCACHE_TEST_EVERY_TRANSPORT(JsonSetManyTest, "json");

TEST_P(SetManyTest, StoresEveryEntryAndNamesNone) {
  EXPECT_TRUE(cache().set_many(Entries{{"a", "1"}, {"b", "2"}, {"c", "3"}}).empty());
  EXPECT_EQ(cache().get<std::string>("a"), "1");
  EXPECT_EQ(cache().get<std::string>("b"), "2");
  EXPECT_EQ(cache().get<std::string>("c"), "3");
}

TEST_P(SetManyTest, TakesEveryKindOfMap) {
  EXPECT_TRUE(cache().set_many(std::map<std::string, int>{{"a", 1}}).empty());
  EXPECT_TRUE(cache().set_many(std::unordered_map<std::string, double>{{"b", 1.5}}).empty());
  EXPECT_TRUE(cache().set_many<std::string>({{"c", "text"}, {"d", "more"}}).empty());
  EXPECT_TRUE(cache().set_many(std::vector<std::pair<std::string, std::vector<int>>>{{"e", {1, 2}}}).empty());
  EXPECT_EQ(cache().get<int>("a"), 1);
  EXPECT_EQ(cache().get<double>("b"), 1.5);
  EXPECT_EQ(cache().get<std::string>("d"), "more");
  EXPECT_EQ(cache().get<std::vector<int>>("e"), (std::vector<int>{1, 2}));
}

TEST_P(SetManyTest, StoresMixedValues) {
  EXPECT_TRUE(cache().set_many(std::map<std::string, Value>{{"a", 1}, {"b", "text"}, {"c", 2.5}}).empty());
  EXPECT_EQ(raw().get(":1:a"), "1");
  EXPECT_EQ(cache().get<std::string>("b"), "text");
  EXPECT_EQ(cache().get<double>("c"), 2.5);
}

TEST_P(SetManyTest, GivesEachEntryTheTimeout) {
  const Entries entries{{"a", "1"}, {"b", "2"}};
  EXPECT_TRUE(cache().set_many(entries, 1h).empty());
  EXPECT_GT(raw().pttl(":1:a"), 3'000'000);
  EXPECT_GT(raw().pttl(":1:b"), 3'000'000);
  EXPECT_TRUE(cache().set_many(entries, never).empty());
  EXPECT_EQ(raw().pttl(":1:a"), -1);
  EXPECT_EQ(raw().pttl(":1:b"), -1);
  EXPECT_TRUE(cache().set_many(entries, {.timeout = 100s}).empty());
  EXPECT_LE(raw().pttl(":1:a"), 100'000);
  EXPECT_GT(raw().pttl(":1:b"), 0);
}

TEST_P(SetManyTest, WithATimeoutOfZeroOrLessDeletes) {
  const Entries entries{{"a", "1"}, {"b", "2"}};
  for (const auto over : {0s, -1s}) {
    cache().set("a", "old");
    EXPECT_TRUE(cache().set_many(entries, over).empty());
    EXPECT_FALSE(raw().exists(":1:a"));
    EXPECT_FALSE(raw().exists(":1:b"));
  }
}

TEST_P(SetManyTest, WritesTheVersionAskedFor) {
  EXPECT_TRUE(cache().set_many(Entries{{"a", "1"}}, {.version = 2}).empty());
  EXPECT_TRUE(raw().exists(":2:a"));
  EXPECT_FALSE(raw().exists(":1:a"));
}

TEST_P(SetManyTest, OfNothingAsksNothing) {
  RedisCache nobody{options_to_nobody()};
  EXPECT_TRUE(nobody.set_many(Entries{}).empty());
  EXPECT_TRUE(nobody.set_many(std::map<std::string, int>{}, 10s).empty());
}

TEST_P(SetManyTest, NamesTheKeysThatTheServerRefused) {
  raw().run({"ACL", "SETUSER", "narrow", "on", ">pw", "~:1:mine*", "+@all"});
  Options own = options();
  own.username = "narrow";
  own.password = "pw";
  const Entries entries{{"mine1", "1"}, {"other", "2"}, {"mine2", "3"}};
  for (const bool ignore : {false, true}) {
    own.ignore_exceptions = ignore;
    RedisCache narrow{own};
    EXPECT_EQ(narrow.set_many(entries), std::vector<std::string>{"other"});
    EXPECT_TRUE(raw().exists(":1:mine1"));
    EXPECT_FALSE(raw().exists(":1:other"));
    EXPECT_TRUE(raw().exists(":1:mine2"));
  }
  raw().run({"ACL", "DELUSER", "narrow"});
}

TEST_P(JsonSetManyTest, WithAValueThatCannotBeStoredSendsNothing) {
  const auto error =
      thrown_by<EncodeError>([&] { (void)cache().set_many(Entries{{"a", "good"}, {"b", "\xff"}}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "b");
  EXPECT_FALSE(raw().exists(":1:a"));
}

TEST_P(SetManyTest, StoresThousandsOfEntriesInOneCall) {
  Entries entries;
  for (int i = 0; i < 5000; ++i) {
    entries.emplace_back("key" + std::to_string(i), std::string(100, 'x') + std::to_string(i));
  }
  EXPECT_TRUE(cache().set_many(entries, never).empty());
  EXPECT_EQ(raw().integer({"DBSIZE"}), 5000);
  EXPECT_EQ(cache().get<std::string>("key4321"), entries[4321].second);
}

TEST_P(SetManyTest, StoresLargeValues) {
  const Entries entries{{"a", std::string(1024 * 1024, 'a')},
                        {"b", "small"},
                        {"c", std::string(5 * 1024 * 1024, 'c')},
                        {"d", ""}};
  EXPECT_TRUE(cache().set_many(entries).empty());
  for (const auto& [key, value] : entries) {
    EXPECT_TRUE(cache().get<std::string>(key) == value) << key;
  }
}

}  // namespace
}  // namespace rediscache::test
