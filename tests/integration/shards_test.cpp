// Four shards: every operation finds its keys.

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "integration/sharded_suite.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ShardTest : public ShardsTest {};
INSTANTIATE_TEST_SUITE_P(Each, ShardTest, ::testing::Values(Transport::local, Transport::tcp),
                         transport_name);

TEST_P(ShardTest, ManyEntriesAreSpreadAndFound) {
  RedisCache cache{options()};
  const auto entries = hundred();
  EXPECT_THAT(cache.set_many(entries), IsEmpty());
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < shards; ++i) {
    EXPECT_GT(size_of(i), 0);
    sum += size_of(i);
  }
  EXPECT_EQ(sum, 100);
  auto keys = keys_of(entries);
  keys.insert(keys.begin() + 7, "missing");
  const auto found = cache.get_many<int>(keys);
  ASSERT_EQ(found.size(), 100);
  auto expected = entries.begin();
  for (const auto& [key, value] : found) {
    EXPECT_EQ(key, expected->first) << "in the order asked for";
    EXPECT_EQ(value, expected->second);
    ++expected;
  }
  EXPECT_EQ(cache.statistics().client.servers, 4);
  EXPECT_EQ(cache.delete_many(keys), 100);
  EXPECT_EQ(cache.delete_many(keys), 0);
}

TEST_P(ShardTest, WhatIsMissingOrDoesNotReadIsLeftOutInOrder) {
  RedisCache cache{options()};
  const auto entries = hundred();
  cache.set_many(entries);
  std::vector<std::string> expected;
  std::vector<std::string> broken;
  for (std::size_t i = 0; const std::string& key : keys_of(entries)) {
    switch (i++ % 5) {
      case 1:
        cache.del(key);
        break;
      case 3:
        cache.set(key, "no number");
        broken.push_back(key);
        break;
      default:
        expected.push_back(key);
    }
  }
  const auto found = cache.get_many<int>(keys_of(entries));
  std::vector<std::string> there;
  for (const auto& [key, value] : found) {
    there.push_back(key);
    EXPECT_EQ(value, entries.at(key));
    EXPECT_EQ(found.at(key), value);
  }
  EXPECT_EQ(there, expected);
  std::vector<std::string> unreadable;
  for (const DecodeError& error : found.errors()) {
    unreadable.push_back(error.key());
    EXPECT_FALSE(found.contains(error.key()));
  }
  EXPECT_EQ(unreadable, broken);
}

TEST_P(ShardTest, AKeyAskedForTwiceIsFoundOnce) {
  RedisCache cache{options()};
  cache.set_many(hundred());
  EXPECT_EQ(cache.get_many<int>({"key:1", "key:2", "key:1", "key:3"}).size(), 3);
  auto keys = keys_of(hundred());
  keys.insert(keys.begin(), keys[50]);
  const auto found = cache.get_many<int>(keys);
  EXPECT_EQ(found.size(), 100);
  EXPECT_EQ(found.begin()->first, keys.front());
}

TEST_P(ShardTest, SingleOperationsFindTheirKey) {
  RedisCache cache{options()};
  for (int i = 0; i < 20; ++i) {
    const std::string key = "k" + std::to_string(i);
    EXPECT_TRUE(cache.add(key, i));
    EXPECT_FALSE(cache.add(key, i));
    EXPECT_EQ(cache.incr(key), i + 1);
    EXPECT_TRUE(cache.touch(key, never));
    EXPECT_TRUE(cache.pttl(key).is_persistent());
    EXPECT_TRUE(cache.has_key(key));
    EXPECT_TRUE(cache.del(key));
  }
}

TEST_P(ShardTest, LargeValuesAreSentToTheirShards) {
  RedisCache cache{options()};
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 40; ++i) {
    entries["large:" + std::to_string(i)] = std::string(200'000, static_cast<char>('a' + i % 26));
  }
  EXPECT_THAT(cache.set_many(entries), IsEmpty());
  std::vector<std::string> keys;
  for (const auto& entry : entries) {
    keys.push_back(entry.first);
  }
  const auto found = cache.get_many<std::string>(keys);
  ASSERT_EQ(found.size(), entries.size());
  for (const auto& [key, value] : found) {
    EXPECT_TRUE(value == entries.at(key)) << key;
  }
}

TEST_P(ShardTest, APipelineIsDividedAndItsResultsAreInOrder) {
  RedisCache cache{options()};
  cache.set_many(hundred());
  auto pipeline = cache.pipeline();
  std::vector<Pending<std::optional<int>>> values;
  for (int i = 0; i < 100; ++i) {
    values.push_back(pipeline.get<int>("key:" + std::to_string(i)));
  }
  auto counted = pipeline.incr("key:5", 10);
  EXPECT_TRUE(pipeline.execute());
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(values[static_cast<std::size_t>(i)].value(), i);
  }
  EXPECT_EQ(counted.value(), 15);
}

TEST_P(ShardTest, WalksGoThroughAllOfThem) {
  RedisCache cache{options()};
  cache.set_many(hundred());
  cache.set("other", 1);
  EXPECT_EQ(cache.keys("key:*").size(), 100);
  std::multiset<std::string> walked;
  auto scan = cache.iter_keys("key:*", {.itersize = 5});
  for (const std::string& key : scan) {
    walked.insert(key);
  }
  EXPECT_TRUE(scan.complete());
  EXPECT_EQ(std::set<std::string>(walked.begin(), walked.end()).size(), 100);
  EXPECT_EQ(cache.delete_pattern("key:*", {.itersize = 5}), 100);
  EXPECT_EQ(cache.get<int>("other"), 1);
}

TEST_P(ShardTest, ClearEmptiesAll) {
  RedisCache cache{options()};
  cache.set_many(hundred());
  cache.clear();
  for (std::size_t i = 0; i < shards; ++i) {
    EXPECT_EQ(size_of(i), 0);
  }
}

TEST_P(ShardTest, AnEntryMovesToAVersionOnAnotherShard) {
  RedisCache cache{options()};
  const std::string key = moving_key(cache);
  cache.set(key, "value", {.timeout = 100s, .version = 1});
  cache.set(key, "replaced", {.timeout = never, .version = 2});
  EXPECT_EQ(cache.incr_version(key), 2);
  EXPECT_EQ(cache.get<std::string>(key, {.version = 2}), "value");
  EXPECT_FALSE(cache.has_key(key, {.version = 1}));
  const auto left = cache.pttl(key, {.version = 2}).remaining();
  ASSERT_TRUE(left);
  EXPECT_LE(*left, 100s);
  EXPECT_GT(*left, 50s);
  EXPECT_TRUE(cache.persist(key, {.version = 2}));
  EXPECT_EQ(cache.decr_version(key, 1, {.version = 2}), 1);
  EXPECT_TRUE(cache.pttl(key).is_persistent());
  EXPECT_THROW((void)cache.incr_version("missing"), KeyNotFound);
  cache.del(key);
  EXPECT_THROW((void)cache.incr_version(key), KeyNotFound);
}

TEST_P(ShardTest, WhatNoShardCanDoAloneIsExplained) {
  RedisCache cache{options()};
  const auto error = thrown_by<InvalidArgument>([&] { cache.set_many(hundred(), {.atomic = true}); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("{user:7}"));
  Options own = ignoring();
  RedisCache silent{own};
  EXPECT_THROW(
      (void)silent.execute("SINTER", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"),
      InvalidArgument)
      << "never ignored";
  EXPECT_THROW((void)cache.execute("INFO"), InvalidArgument);
  EXPECT_THROW((void)cache.execute("EVAL", "return 1", "0"), InvalidArgument);
  EXPECT_THROW((void)cache.execute("SCAN", "17"), InvalidArgument);
}

TEST_P(ShardTest, ATagKeepsKeysTogether) {
  RedisCache cache{options()};
  std::map<std::string, int> entries;
  for (int i = 0; i < 30; ++i) {
    entries["{tag}:" + std::to_string(i)] = i;
  }
  EXPECT_THAT(cache.set_many(entries, {.atomic = true}), IsEmpty());
  const std::size_t home = shard_of(":1:{tag}:0");
  ASSERT_LT(home, shards);
  EXPECT_EQ(size_of(home), 30);
  EXPECT_EQ(cache.get_many<int>(keys_of(entries)).size(), 30);
  const auto reply = cache.execute("EXISTS", ":1:{tag}:0", ":1:{tag}:1");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->as_integer(), 2);
}

TEST_P(ShardTest, RawCommandsAreDividedToo) {
  RedisCache cache{options()};
  cache.set_many(hundred());
  EXPECT_EQ(cache.execute("DBSIZE")->as_integer(), 100);
  EXPECT_EQ(cache.execute("mget", ":1:key:0", ":1:key:1", ":1:none")->as_array().size(), 3);
  EXPECT_EQ(cache.execute("UNLINK", ":1:key:0", ":1:key:1", ":1:key:2", ":1:none")->as_integer(), 3);
}

TEST_P(ShardTest, AShardCannotBeNamedTwice) {
  Options own = options();
  own.location[1] = own.location[0];
  EXPECT_THROW(RedisCache{own}, InvalidOptions);
}

}  // namespace
}  // namespace rediscache::test
