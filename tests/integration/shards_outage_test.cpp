// Four shards, one of which is gone: what still works, and what is told.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "integration/sharded_suite.hpp"
#include "support/scripted_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ShardOutageTest : public ShardsTest {};
INSTANTIATE_TEST_SUITE_P(Each, ShardOutageTest, ::testing::Values(Transport::local, Transport::tcp),
                         transport_name);

TEST_P(ShardOutageTest, OneThatRestartedIsConnectedToAgain) {
  RedisCache cache{options()};
  cache.set_many(hundred());
  server(dead).kill();
  server(dead).restart();
  EXPECT_THAT(cache.set_many(hundred()), IsEmpty());
  EXPECT_EQ(cache.get_many<int>(keys_of(hundred())).size(), 100);
}

TEST_P(ShardOutageTest, WithoutOneTheCallThrows) {
  RedisCache cache{options()};
  const auto entries = hundred();
  cache.set_many(entries);
  server(dead).kill();
  const auto error = thrown_by<ConnectionError>([&] { (void)cache.get_many<int>(keys_of(entries)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->server(), to_string(GetParam() == Transport::local ? server(dead).unix_address()
                                                                      : server(dead).tcp_address()));
  EXPECT_TRUE(error->failure().partial);
  EXPECT_THROW(cache.set_many(entries), ConnectionError);
  EXPECT_THROW(cache.delete_many(keys_of(entries)), ConnectionError);
  EXPECT_THROW((void)cache.keys("*"), ConnectionError);
  EXPECT_THROW(cache.delete_pattern("*"), ConnectionError);
  EXPECT_THROW(cache.clear(), ConnectionError);
  auto pipeline = cache.pipeline();
  for (const auto& [key, value] : entries) {
    (void)pipeline.get<int>(key);
  }
  EXPECT_THROW(pipeline.execute(), ConnectionError);
}

TEST_P(ShardOutageTest, WithoutOneTheOthersStillServeWhenThatIsIgnored) {
  RedisCache cache{ignoring()};
  const auto entries = hundred();
  const auto keys = keys_of(entries);
  cache.set_many(entries);
  std::set<std::string> lost;
  for (const std::string& key : keys) {
    if (shard_of(":1:" + key) == dead) {
      lost.insert(key);
    }
  }
  ASSERT_GT(lost.size(), 0);
  server(dead).kill();

  const auto found = cache.get_many<int>(keys);
  EXPECT_EQ(found.size(), 100 - lost.size());
  for (const std::string& key : lost) {
    EXPECT_FALSE(found.contains(key));
  }
  EXPECT_EQ(cache.statistics().omitted, 1) << "one failure, counted once";

  const auto failed = cache.set_many(entries);
  EXPECT_EQ(std::set<std::string>(failed.begin(), failed.end()), lost);

  EXPECT_EQ(cache.keys("key:*").size(), 100 - lost.size());

  auto scan = cache.iter_keys("key:*", {.itersize = 5});
  std::set<std::string> walked;
  for (const std::string& key : scan) {
    walked.insert(key);
  }
  EXPECT_EQ(walked.size(), 100 - lost.size());
  EXPECT_FALSE(scan.complete());

  auto pipeline = cache.pipeline();
  std::map<std::string, Pending<std::optional<int>>> values;
  for (const std::string& key : keys) {
    values.emplace(key, pipeline.get<int>(key));
  }
  EXPECT_FALSE(pipeline.execute());
  for (auto& [key, value] : values) {
    EXPECT_EQ(value.value().has_value(), !lost.contains(key)) << key;
  }

  const auto before = cache.statistics().omitted;
  EXPECT_EQ(cache.delete_pattern("key:*", {.itersize = 5}), 100 - static_cast<std::int64_t>(lost.size()));
  EXPECT_EQ(cache.statistics().omitted, before + 1);
  EXPECT_EQ(cache.delete_many(keys), 0);
  cache.set_many(entries);
  EXPECT_EQ(cache.delete_many(keys), 100 - static_cast<std::int64_t>(lost.size()));
  cache.set_many(entries);
  cache.clear();
  EXPECT_THAT(cache.keys("*"), IsEmpty());
}

TEST_P(ShardOutageTest, AnErrorOfOneIsTheEndOfTheCallWhateverOthersHaveSaid) {
  const ScriptedServer refusing{
      GetParam(), {Script{}.expect_command().send("*0\r\n").expect_command().send("-ERR x\r\n")}};
  Options own = ignoring();
  own.location = {url(0), refusing.url()};
  RedisCache cache{own};
  RawClient here = server(0).connect();
  for (const auto& [key, value] : hundred()) {
    here.run({"SET", ":1:" + key, std::to_string(value)});
  }
  EXPECT_THAT(cache.keys("nothing*"), IsEmpty()) << "so that both are connected";
  EXPECT_TRUE(cache.get_many<int>(keys_of(hundred())).empty());
  EXPECT_EQ(cache.statistics().omitted, 1);
}

TEST_P(ShardOutageTest, WhatOneHasToBeAskedForAgainIsInItsPlaceToo) {
  RedisCache cache{options()};
  const auto entries = hundred();
  cache.set_many(entries);
  server(dead).kill();
  server(dead).restart();
  RedisCache{options()}.set_many(entries);
  const auto found = cache.get_many<int>(keys_of(entries));  // over connections of which one is dead
  ASSERT_EQ(found.size(), 100);
  for (auto expected = entries.begin(); const auto& [key, value] : found) {
    EXPECT_EQ(key, expected->first);
    EXPECT_EQ(value, expected++->second);
  }
}

TEST_P(ShardOutageTest, OneIsAskedAgainAsOftenAsMaxRetriesAllows) {
  for (const int max_retries : {0, 2}) {
    const ScriptedServer loading{
        GetParam(), {Script{}.expect_command().send("-LOADING Redis is loading the dataset\r\n").repeat()}};
    Options own = options();
    own.location = {url(0), loading.url()};
    own.max_retries = max_retries;
    RedisCache cache{own};
    EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)cache.get_many<int>(keys_of(hundred())); }));
    EXPECT_EQ(loading.command_count(), 1U + static_cast<std::size_t>(max_retries));
    EXPECT_EQ(cache.statistics().client.retries, static_cast<std::uint64_t>(max_retries));
  }
}

TEST_P(ShardOutageTest, WithoutOneCallsToTheOthersKnowNothingOfIt) {
  RedisCache cache{options()};
  cache.set_many(hundred());
  server(dead).kill();
  for (const auto& [key, value] : hundred()) {
    if (shard_of(":1:" + key) != shards) {
      EXPECT_EQ(cache.get<int>(key), value);
    }
  }
}

TEST_P(ShardOutageTest, OneThatStandsStillCostsTheOthersNothing) {
  Options own = ignoring();
  own.call_timeout = 300ms;
  RedisCache cache{own};
  const auto entries = hundred();
  cache.set_many(entries);
  const auto there = static_cast<std::size_t>(100 - size_of(dead));
  server(dead).stop_process();
  EXPECT_EQ(cache.get_many<int>(keys_of(entries)).size(), there);
  server(dead).continue_process();
  EXPECT_TRUE(eventually([&] { return cache.get_many<int>(keys_of(entries)).size() == 100; }));
}

TEST_P(ShardOutageTest, OneThatNeverSignsUsInKeepsNoOtherFromBeingConnected) {
  const ScriptedServer hanging{GetParam(), {Script{}.stay_silent()}};
  Options own = ignoring();
  own.location.front() = hanging.url();
  own.call_timeout = own.connect_timeout = 500ms;  // all of which it takes
  RedisCache cache{own};
  const auto entries = hundred();
  const auto failed = cache.set_many(entries);
  EXPECT_THAT(failed, Not(IsEmpty()));
  std::int64_t stored = 0;
  for (std::size_t i = 1; i < shards; ++i) {
    EXPECT_GT(size_of(i), 0) << i;
    stored += size_of(i);
  }
  EXPECT_EQ(stored, 100 - static_cast<std::int64_t>(failed.size()));

  own.ignore_exceptions = false;
  RedisCache loud{own};
  const auto error = thrown_by<TimeoutError>([&] { (void)loud.get_many<int>(keys_of(entries)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->server(), to_string(hanging.address()));
  EXPECT_TRUE(error->failure().partial);
}

TEST_P(ShardOutageTest, OneThatStandsStillKeepsNoOtherFromBeingConnectedAgain) {
  Options own = ignoring();
  own.call_timeout = 500ms;
  own.combine = false;
  RedisCache cache{own};
  const auto entries = hundred();
  cache.set_many(entries);
  const std::int64_t there = 100 - size_of(dead);
  server(dead).stop_process();
  server(dead + 1).connect().run({"CLIENT", "KILL", "TYPE", "normal"});
  auto pipeline = cache.pipeline();
  std::vector<Pending<Counter>> counted;
  for (const auto& [key, value] : entries) {
    counted.push_back(pipeline.incr(key));  // for this, connections are looked at before
  }
  EXPECT_FALSE(pipeline.execute());
  EXPECT_EQ(std::ranges::count_if(counted, [](auto& pending) { return !pending.value().omitted(); }), there);
  server(dead).continue_process();
}

TEST_P(ShardOutageTest, OneThatStandsStillKeepsNoOtherFromBeingAskedAgain) {
  const ScriptedServer standing{GetParam(), {Script{}.expect_command().send("*0\r\n").stay_silent()}};
  const ScriptedServer closing{GetParam(),
                               {Script{}.expect_command().send("*0\r\n").expect_command().close(),
                                Script{}.expect_command().send("*1\r\n$4\r\n:1:k\r\n")}};
  Options own = ignoring();
  own.location = {standing.url(), closing.url()};
  own.call_timeout = 500ms;  // all of which the first one takes
  RedisCache cache{own};
  EXPECT_THAT(cache.keys("*"), IsEmpty());
  EXPECT_THAT(cache.keys("*"), ElementsAre("k"));
}

TEST_P(ShardOutageTest, WithoutAnyNothingIsPartial) {
  RedisCache cache{ignoring()};
  RedisCache loud{options()};
  for (std::size_t i = 0; i < shards; ++i) {
    server(i).kill();
  }
  EXPECT_EQ(cache.get_many<int>(keys_of(hundred())).size(), 0);
  EXPECT_EQ(cache.set_many(hundred()).size(), 100);
  EXPECT_EQ(cache.delete_pattern("*"), 0);
  const auto error = thrown_by<ConnectionError>([&] { (void)loud.get_many<int>(keys_of(hundred())); });
  ASSERT_TRUE(error);
  EXPECT_FALSE(error->failure().partial);
  EXPECT_THAT(error->what(), HasSubstr("4 of 4 shards"));
}

}  // namespace
}  // namespace rediscache::test
