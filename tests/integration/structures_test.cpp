// What holds for every call on sets, hashes, sorted sets and lists.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "integration/cache_test.hpp"
#include "support/structure_calls.hpp"

namespace rediscache::test {
namespace {

class StructuresTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(StructuresTest);

TEST_P(StructuresTest, EveryCallGivesMoreThanWhenOmittedOnceThereIsSomething) {
  for (const StructureCall& call : every_structure_call()) {
    SCOPED_TRACE(call.name);
    prepare_structures(cache());
    EXPECT_FALSE(call.omitted(cache()));
  }
}

TEST_P(StructuresTest, EveryCallRefusesAKeyOfAnotherType) {
  for (const char* const key : {":1:s", ":1:t", ":1:u", ":1:z", ":1:l", "h"}) {
    raw().set(key, "text");
  }
  for (const StructureCall& call : every_structure_call()) {
    SCOPED_TRACE(call.name);
    const auto error = thrown_by<ResponseError>([&] { (void)call.omitted(cache()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->prefix(), "WRONGTYPE");
    EXPECT_FALSE(error->server().empty());
  }
  EXPECT_EQ(raw().get(":1:u"), "text") << "nothing was changed";
}

TEST_P(StructuresTest, ElementsAreTheBytesThatSetStores) {
  const Value list{Value::List{1, "two", 2.5}};
  const std::vector<Value> same{42, "caf\xc3\xa9", 2.5, true, nullptr, list};
  cache().sadd("s", {42, "caf\xc3\xa9", 2.5, true, std::nullopt, list});
  cache().zadd("z", {{42, 1}, {"caf\xc3\xa9", 2}, {2.5, 3}, {true, 4}, {std::nullopt, 5}, {list, 6}});
  cache().rpush("l", {42, "caf\xc3\xa9", 2.5, true, std::nullopt, list});
  for (const Value& value : same) {
    cache().set("k", value);
    const std::string stored = raw().get(":1:k").value();
    EXPECT_EQ(raw().integer({"SISMEMBER", ":1:s", stored}), 1) << stored;
    EXPECT_TRUE(raw().text({"ZSCORE", ":1:z", stored})) << stored;
    EXPECT_EQ(raw().integer({"LREM", ":1:l", "0", stored}), 1) << stored;
    cache().hset("h", "f", value);
    EXPECT_EQ(raw().text({"HGET", "h", ":1:f"}), stored);
  }
  EXPECT_EQ(cache().scard("s"), 6);
}

TEST_P(StructuresTest, EmptyListsAskNothing) {
  raw().run({"CONFIG", "RESETSTAT"});
  const std::vector<std::string> none;
  EXPECT_EQ(cache().sadd("s", {}), 0);
  EXPECT_EQ(cache().sadd("s", each(none)), 0);
  EXPECT_EQ(cache().srem("s", {}), 0);
  EXPECT_TRUE(cache().smismember("s", {}).empty());
  EXPECT_TRUE(cache().sunion<int>({}).empty());
  EXPECT_TRUE(cache().sinter<int>(none).empty());
  EXPECT_TRUE(cache().sdiff<int>(none).empty());
  EXPECT_EQ(cache().sunionstore("u", none), 0);
  EXPECT_EQ(cache().hdel("h", none), 0);
  EXPECT_TRUE(cache().hmget<int>("h", none).empty());
  EXPECT_EQ(cache().zadd("z", {}), 0);
  EXPECT_EQ(cache().zrem("z", {}), 0);
  EXPECT_TRUE(cache().zmscore("z", {}).empty());
  EXPECT_EQ(cache().lpush("l", {}), 0);
  EXPECT_EQ(cache().rpush("l", {}), 0);
  EXPECT_EQ(cache().statistics().client.connections_opened, 0U);
}

TEST_P(StructuresTest, EveryPipelinedCallIsAnsweredAsTheCallAlone) {
  auto pipeline = cache().pipeline();
  const auto added = pipeline.sadd("s", {1, 2, 2});
  const auto nothing = pipeline.sadd("s", {});
  const auto member = pipeline.sismember("s", 2);
  const auto set = pipeline.hset("h", "f", 5);
  const auto value = pipeline.hget<int>("h", "f");
  const auto count = pipeline.hincrby("h", "f", 2);
  const auto scored = pipeline.zadd("z", {{"a", 1.5}});
  const auto range = pipeline.zrange<Scored<std::string>>("z", 0, -1);
  const auto length = pipeline.rpush("l", {1, "text"});
  const auto wrong = pipeline.lpush("s", 1);
  const auto unreadable = pipeline.lrange<int>("l", 0, -1);
  const auto of_hash = pipeline.hget<std::vector<int>>("h", "f");
  const auto popped = pipeline.rpop<int>("l");
  EXPECT_EQ(pipeline.size(), 12U) << "one with an empty list is not sent";
  EXPECT_THROW((void)added.value(), InvalidArgument);
  ASSERT_TRUE(pipeline.execute());
  EXPECT_EQ(added.value(), 2);
  EXPECT_EQ(nothing.value(), 0);
  EXPECT_TRUE(member.value());
  EXPECT_EQ(set.value(), 1);
  EXPECT_EQ(value.value(), 5);
  EXPECT_EQ(count.value().value(), 7);
  EXPECT_EQ(scored.value().count(), 1);
  EXPECT_EQ(range.value(), (std::vector<Scored<std::string>>{{"a", 1.5}}));
  EXPECT_EQ(length.value(), 2);
  EXPECT_EQ(thrown_by<ResponseError>([&] { (void)wrong.value(); })->prefix(), "WRONGTYPE");
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)unreadable.value(); })->key(), "l");
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)of_hash.value(); })->key(), "h");
  const auto lost = thrown_by<PoppedError>([&] { (void)popped.value(); });
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->stored(), std::vector<std::string>{is_json() ? "\"text\"" : "text"});
}

TEST_P(StructuresTest, AValueThatCannotBeQueuedSpoilsNoPipeline) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  auto pipeline = cache().pipeline();
  const auto before = pipeline.sadd("s", 1);
  EXPECT_THROW((void)pipeline.zadd("z", {{"a", 1}, {"b", nan}}), InvalidArgument);
  const auto after = pipeline.sadd("s", 2);
  ASSERT_TRUE(pipeline.execute());
  EXPECT_EQ(before.value(), 1);
  EXPECT_EQ(after.value(), 1);
  EXPECT_FALSE(raw().exists(":1:z"));
}

TEST_P(StructuresTest, AFailedElementFailsTheWholeAndNamesTheKey) {
  cache().rpush("l", {1, "text"});
  const auto error = thrown_by<DecodeError>([&] { (void)cache().lrange<int>("l", 0, -1); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "l");
  EXPECT_EQ(raw().integer({"LLEN", ":1:l"}), 2) << "what is stored stays";
}

class StructuresToNobodyTest : public ::testing::Test {};

TEST_F(StructuresToNobodyTest, EveryCallGivesItsOmittedValueAndIsCounted) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  std::uint64_t omitted = 0;
  for (const StructureCall& call : every_structure_call()) {
    SCOPED_TRACE(call.name);
    EXPECT_TRUE(call.omitted(cache));
    EXPECT_EQ(cache.statistics().omitted, ++omitted);
  }
}

TEST_F(StructuresToNobodyTest, EveryCallThrowsWhenNothingIsIgnored) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  RedisCache strict = cache.strict();
  for (const StructureCall& call : every_structure_call()) {
    SCOPED_TRACE(call.name);
    EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)call.omitted(strict); }));
  }
  EXPECT_EQ(cache.statistics().omitted, 0U);
}

TEST_F(StructuresToNobodyTest, APipelineGivesTheOmittedValues) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  auto pipeline = cache.pipeline();
  const auto added = pipeline.sadd("s", 1);
  const auto members = pipeline.smembers<int>("s");
  const auto score = pipeline.zincrby("z", 1, "a");
  const auto count = pipeline.hincrby("h", "f");
  EXPECT_FALSE(pipeline.execute());
  EXPECT_EQ(added.value(), 0);
  EXPECT_TRUE(members.value().empty());
  EXPECT_TRUE(score.value().omitted());
  EXPECT_TRUE(count.value().omitted());
}

TEST_F(StructuresToNobodyTest, MistakesOfTheCallerAreNeverOmitted) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  options.serializer = "json";
  RedisCache cache{options};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(thrown_by<EncodeError>([&] { cache.sadd("s", {"fine", "\xff"}); })->key(), "s");
  EXPECT_THROW(cache.zadd("z", {{"a", nan}}), InvalidArgument);
  EXPECT_THROW(cache.zincrby("z", nan, "a"), InvalidArgument);
  EXPECT_THROW(cache.zcount("z", nan, 1), InvalidArgument);
  EXPECT_THROW(cache.zcount("z", "one", 1), InvalidArgument);
  EXPECT_THROW((void)cache.spop<int>("s", -1), InvalidArgument);
  EXPECT_THROW((void)cache.lpop<int>("l", -1), InvalidArgument);
  EXPECT_THROW((void)cache.rpop<int>("l", -1), InvalidArgument);
  EXPECT_THROW((void)cache.zpopmin<int>("z", -1), InvalidArgument);
  EXPECT_THROW((void)cache.zpopmax<int>("z", -1), InvalidArgument);
  EXPECT_EQ(cache.statistics().omitted, 0U);
}

}  // namespace
}  // namespace rediscache::test
