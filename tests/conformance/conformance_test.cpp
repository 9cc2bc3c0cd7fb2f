// What calls do, whatever carries them: one source, run over every client, every way to a server, every
// serializer, and the caches in this process. Only the public interface is used.
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/farm.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FarmTest : public ::testing::TestWithParam<Conformer> {
 public:
  static void SetUpTestSuite() { farm_ = std::make_unique<Farm>(); }
  static void TearDownTestSuite() { farm_.reset(); }

 protected:
  FarmTest() { farm_->clear(); }

  [[nodiscard]] static Farm& farm() { return *farm_; }
  /// For calls that see what was written before.
  static void settle() {
    if (GetParam().client == "replicas") {
      farm_->settle();
    }
  }

 private:
  static inline std::unique_ptr<Farm> farm_;
};

/// What every cache does.
class ConformanceTest : public FarmTest {
 protected:
  [[nodiscard]] Cache& cache() {
    settle();
    return *cache_;
  }
  /// Fifty entries, which lie on every shard.
  [[nodiscard]] static std::map<std::string, std::string> fifty() {
    std::map<std::string, std::string> entries;
    for (int i = 0; i < 50; ++i) {
      entries["key:" + std::to_string(i)] = "value " + std::to_string(i);
    }
    return entries;
  }
  [[nodiscard]] static std::vector<std::string> keys_of(const std::map<std::string, std::string>& entries) {
    std::vector<std::string> keys;
    for (const auto& entry : entries) {
      keys.push_back(entry.first);
    }
    return keys;
  }

 private:
  std::unique_ptr<Cache> cache_ = farm().make_cache(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Each, ConformanceTest, ::testing::ValuesIn(every_conformer()),
                         [](const auto& made) { return ::testing::PrintToString(made.param); });

/// What takes a server.
class RedisConformanceTest : public FarmTest {
 protected:
  [[nodiscard]] RedisCache& cache() {
    settle();
    return cache_;
  }

 private:
  RedisCache cache_{farm().options_for(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(Each, RedisConformanceTest, ::testing::ValuesIn(every_client()),
                         [](const auto& made) { return ::testing::PrintToString(made.param); });

TEST_P(ConformanceTest, ValuesComeBackAsTheyWere) {
  const std::string text = "caf\xc3\xa9 and a line\nbreak";
  const std::vector<int> list{1, 2, 3};
  const std::map<std::string, double> map{{"a", 0.5}, {"b", -2}};
  EXPECT_TRUE(cache().set("text", text));
  EXPECT_TRUE(cache().set("empty", ""));
  EXPECT_TRUE(cache().set("int", -42));
  EXPECT_TRUE(cache().set("float", 2.5));
  EXPECT_TRUE(cache().set("bool", true));
  EXPECT_TRUE(cache().set("list", list));
  EXPECT_TRUE(cache().set("map", map));
  EXPECT_EQ(cache().get<std::string>("text"), text);
  EXPECT_EQ(cache().get<std::string>("empty"), "");
  EXPECT_EQ(cache().get<int>("int"), -42);
  EXPECT_EQ(cache().get<double>("float"), 2.5);
  EXPECT_EQ(cache().get<bool>("bool"), true);
  EXPECT_EQ(cache().get<std::vector<int>>("list"), list);
  EXPECT_EQ((cache().get<std::map<std::string, double>>("map")), map);
  EXPECT_EQ(cache().get<std::string>("missing"), std::nullopt);
  EXPECT_EQ(cache().get("missing", "fallback"), "fallback");
}

TEST_P(ConformanceTest, WhatDoesNotReadAsAskedIsAnErrorAndStays) {
  cache().set("k", "no number");
  EXPECT_TRUE(thrown_by<DecodeError>([&] { (void)cache().get<std::vector<int>>("k"); }));
  EXPECT_EQ(cache().get<std::string>("k"), "no number");
}

TEST_P(ConformanceTest, ConditionsDecideWhatIsStored) {
  EXPECT_FALSE(cache().set("k", "first", {.xx = true}));
  EXPECT_TRUE(cache().add("k", "second"));
  EXPECT_FALSE(cache().add("k", "third"));
  EXPECT_FALSE(cache().set("k", "fourth", {.nx = true}));
  EXPECT_EQ(cache().get<std::string>("k"), "second");
  EXPECT_TRUE(cache().set("k", "fifth", {.xx = true}));
  EXPECT_EQ(cache().get<std::string>("k"), "fifth");
}

TEST_P(ConformanceTest, TimeoutsAreKeptMovedAndTaken) {
  cache().set("k", "v", 100s);
  EXPECT_GT(cache().pttl("k").remaining(), 90s);
  EXPECT_LE(cache().pttl("k").remaining(), 100s);
  EXPECT_TRUE(cache().touch("k", 1000s));
  EXPECT_GT(cache().pttl("k").remaining(), 900s);
  EXPECT_TRUE(cache().persist("k"));
  EXPECT_TRUE(cache().ttl("k").is_persistent());
  EXPECT_TRUE(cache().expire("k", 10s));
  EXPECT_LE(cache().ttl("k").remaining(), 10s);
  EXPECT_TRUE(cache().set("k", "v", never));
  EXPECT_TRUE(cache().ttl("k").is_persistent());
  EXPECT_TRUE(cache().set("k", "v", 0s)) << "deletes it, and it was there";
  EXPECT_FALSE(cache().has_key("k"));
  EXPECT_TRUE(cache().ttl("k").is_missing());
  EXPECT_FALSE(cache().touch("k", 10s));
}

TEST_P(ConformanceTest, IntegersAreCounted) {
  cache().set("n", 5);
  EXPECT_EQ(cache().incr("n"), 6);
  EXPECT_EQ(cache().incr("n", 10), 16);
  EXPECT_EQ(cache().decr("n", 20), -4);
  EXPECT_EQ(cache().get<int>("n"), -4);
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache().incr("missing"); }));
  EXPECT_EQ(cache().incr("new", 2, {.ignore_key_check = true}), 2);
  cache().set("text", "seven");
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { cache().incr("text"); }));
  EXPECT_EQ(cache().get<std::string>("text"), "seven");
}

TEST_P(ConformanceTest, ManyKeysAreOneCall) {
  const auto entries = fifty();
  EXPECT_THAT(cache().set_many(entries, 100s), IsEmpty());
  std::vector<std::string> asked = keys_of(entries);
  asked.insert(asked.begin() + 7, "missing");
  const auto found = cache().get_many<std::string>(asked);
  ASSERT_EQ(found.size(), entries.size());
  auto expected = entries.begin();
  for (const auto& [key, value] : found) {  // in the order of the request
    EXPECT_EQ(key, expected->first);
    EXPECT_EQ(value, expected->second);
    ++expected;
  }
  EXPECT_EQ(cache().delete_many(asked), 50);
  EXPECT_THAT(cache().get_many<std::string>(asked), IsEmpty());
}

TEST_P(ConformanceTest, KeysAreFoundByPattern) {
  const auto entries = fifty();
  cache().set_many(entries);
  cache().set("other", 1);
  std::vector<std::string> walked;
  for (const std::string& key : cache().iter_keys("key:*", {.itersize = 7})) {
    walked.push_back(key);
  }
  std::sort(walked.begin(), walked.end());
  walked.erase(std::unique(walked.begin(), walked.end()), walked.end());
  EXPECT_EQ(walked, keys_of(entries));
  std::vector<std::string> all = cache().keys("key:*");
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, keys_of(entries));
  EXPECT_EQ(cache().delete_pattern("key:1*"), 11);
  EXPECT_EQ(cache().delete_pattern("key:*", {.itersize = 5}), 39);
  EXPECT_TRUE(cache().has_key("other"));
}

TEST_P(ConformanceTest, GetOrSetStoresWhatIsMissing) {
  int made = 0;
  const auto make = [&] {
    ++made;
    return std::string{"made"};
  };
  EXPECT_EQ(cache().get_or_set("k", make, 100s), "made");
  EXPECT_EQ(cache().get_or_set("k", make, 100s), "made");
  EXPECT_EQ(made, 1);
}

TEST_P(ConformanceTest, VersionsAreEntriesOfTheirOwn) {
  cache().set("k", "one");
  cache().set("k", "two", {.version = 2});
  EXPECT_EQ(cache().get<std::string>("k"), "one");
  EXPECT_EQ(cache().get<std::string>("k", {.version = 2}), "two");
  EXPECT_TRUE(cache().del("k", {.version = 2}));
  EXPECT_FALSE(cache().del("k", {.version = 2}));
  EXPECT_TRUE(cache().has_key("k"));
}

TEST_P(ConformanceTest, EntriesMoveToOtherVersionsWithTheirTime) {
  for (int i = 0; i < 8; ++i) {  // to other shards, some of them
    const std::string key = "moving:" + std::to_string(i);
    cache().set(key, "v", 100s);
    EXPECT_EQ(cache().incr_version(key), 2);
    EXPECT_FALSE(cache().has_key(key));
    EXPECT_EQ(cache().get<std::string>(key, {.version = 2}), "v");
    EXPECT_GT(cache().pttl(key, {.version = 2}).remaining(), 90s);
    EXPECT_EQ(cache().decr_version(key, 1, {.version = 2}), 1);
    EXPECT_TRUE(cache().has_key(key));
  }
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache().incr_version("missing"); }));
}

TEST_P(ConformanceTest, ClearLeavesNothing) {
  cache().set_many(fifty());
  cache().clear();
  EXPECT_THAT(cache().keys("*"), IsEmpty());
}

TEST_P(RedisConformanceTest, PipelinesAnswerInOrder) {
  cache().set("n", 1);
  Pipeline pipeline = cache().pipeline();
  auto stored = pipeline.set("a", "first", 100s);
  auto counted = pipeline.incr("n");
  auto wrong = pipeline.incr("a");
  auto read = pipeline.get<std::string>("a");
  auto added = pipeline.sadd("set", {1, 2});
  auto missing = pipeline.get<int>("missing");
  EXPECT_TRUE(pipeline.execute());
  EXPECT_TRUE(stored.value());
  EXPECT_EQ(counted.value(), 2);
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { (void)wrong.value(); }));
  EXPECT_EQ(read.value(), "first");
  EXPECT_EQ(added.value(), 2);
  EXPECT_EQ(missing.value(), std::nullopt);
}

TEST_P(RedisConformanceTest, LocksExclude) {
  Lock mine = cache().lock("job", {.timeout = 100s});
  Lock theirs = cache().lock("job", {.timeout = 100s});
  EXPECT_TRUE(mine.try_lock());
  EXPECT_FALSE(theirs.try_lock());
  EXPECT_TRUE(mine.owned());
  mine.release();
  EXPECT_TRUE(theirs.try_lock());
  theirs.release();
}

TEST_P(RedisConformanceTest, StructuresHoldElements) {
  EXPECT_EQ(cache().sadd("set", {"a", "b", "a"}), 2);
  EXPECT_THAT(cache().smembers<std::string>("set"), UnorderedElementsAre("a", "b"));
  EXPECT_TRUE(cache().sismember("set", "a"));
  EXPECT_EQ(cache().hset("hash", "field", 2.5), 1);
  EXPECT_EQ(cache().hget<double>("hash", "field"), 2.5);
  EXPECT_THAT(cache().hkeys("hash"), ElementsAre("field"));
  EXPECT_EQ(cache().zadd("board", {{"ada", 2}, {"grace", 1.5}}), 2);
  EXPECT_THAT(cache().zrange<std::string>("board", 0, -1), ElementsAre("grace", "ada"));
  EXPECT_EQ(cache().zscore("board", "grace"), 1.5);
  EXPECT_EQ(cache().rpush("list", {1, 2, 3}), 3);
  EXPECT_THAT(cache().lrange<int>("list", 0, -1), ElementsAre(1, 2, 3));
  EXPECT_EQ(cache().lpop<int>("list"), 1);
}

TEST_P(RedisConformanceTest, StructuresOfOneTagAreCombined) {
  cache().sadd("{tag}:1", {1, 2});
  cache().sadd("{tag}:2", {2, 3});
  EXPECT_THAT(cache().sinter<int>({"{tag}:1", "{tag}:2"}), ElementsAre(2));
  EXPECT_EQ(cache().sunionstore("{tag}:3", {"{tag}:1", "{tag}:2"}), 3);
  EXPECT_TRUE(cache().smove("{tag}:1", "{tag}:2", 1));
  EXPECT_THAT(cache().smembers<int>("{tag}:2"), UnorderedElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace rediscache::test
