// Calls collected and sent together.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class PipelineTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(PipelineTest);

TEST_P(PipelineTest, AnswersEveryCallAsTheCacheWould) {
  cache().set("counter", 5, 1h);
  cache().set("old", "x", 1h);
  auto pipeline = cache().pipeline();
  const auto stored = pipeline.set("text", "value", 1h);
  const auto text = pipeline.get<std::string>("text");
  const auto missing = pipeline.get<int>("missing");
  const auto added = pipeline.add("text", "other");
  const auto counted = pipeline.incr("counter", 2);
  const auto down = pipeline.decr("counter");
  const auto created = pipeline.incr("fresh", 3, {.ignore_key_check = true});
  const auto there = pipeline.has_key("old");
  const auto left = pipeline.pttl("old");
  const auto forever = pipeline.touch("old", never);
  const auto deleted = pipeline.del("old");
  EXPECT_EQ(pipeline.size(), 11U);
  EXPECT_TRUE(pipeline.execute());

  EXPECT_TRUE(stored.value());
  EXPECT_EQ(text.value(), "value");
  EXPECT_EQ(missing.value(), std::nullopt);
  EXPECT_FALSE(added.value());
  EXPECT_EQ(counted.value(), 7);
  EXPECT_EQ(down.value(), 6);
  EXPECT_EQ(created.value(), 3);
  EXPECT_TRUE(there.value());
  EXPECT_GT(left.value().remaining().value(), 50min);
  EXPECT_TRUE(forever.value());
  EXPECT_TRUE(deleted.value());
  EXPECT_FALSE(raw().exists(":1:old"));
}

TEST_P(PipelineTest, KeepsTheOrderOfAThousandCalls) {
  auto pipeline = cache().pipeline();
  std::vector<Pending<std::optional<int>>> values;
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(pipeline.set("k", i));
    values.push_back(pipeline.get<int>("k"));
  }
  pipeline.execute();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(values[static_cast<std::size_t>(i)].value(), i);
  }
}

TEST_P(PipelineTest, AFailedCommandSpoilsNoOther) {
  raw().run({"LPUSH", ":1:list", "x"});
  raw().run({"SET", ":1:text", "[1"});
  auto pipeline = cache().pipeline();
  const auto before = pipeline.set("a", 1);
  const auto wrong_type = pipeline.get<std::string>("list");
  const auto no_counter = pipeline.incr("missing");
  const auto no_integer = pipeline.incr("text");
  const auto unreadable = pipeline.get<std::vector<int>>("text");
  const auto after = pipeline.get<int>("a");
  pipeline.execute();

  EXPECT_TRUE(before.value());
  EXPECT_EQ(thrown_by<ResponseError>([&] { static_cast<void>(wrong_type.value()); })->prefix(), "WRONGTYPE");
  EXPECT_EQ(thrown_by<KeyNotFound>([&] { static_cast<void>(no_counter.value()); })->key(), "missing");
  EXPECT_EQ(thrown_by<NotAnInteger>([&] { static_cast<void>(no_integer.value()); })->key(), "text");
  EXPECT_EQ(thrown_by<DecodeError>([&] { static_cast<void>(unreadable.value()); })->key(), "text");
  EXPECT_EQ(after.value(), 1);
}

TEST_P(PipelineTest, TimeoutsThatAreOverDeleteOrLook) {
  cache().set("k", 1);
  auto pipeline = cache().pipeline();
  const auto looked = pipeline.set("absent", 1, {.timeout = 0s, .nx = true});
  const auto removed = pipeline.set("k", 2, 0s);
  pipeline.execute();
  EXPECT_TRUE(looked.value());
  EXPECT_TRUE(removed.value());
  EXPECT_FALSE(raw().exists(":1:k"));
  EXPECT_FALSE(raw().exists(":1:absent"));
}

TEST_P(PipelineTest, ValuesNeedNotOutliveTheirCall) {
  auto pipeline = cache().pipeline();
  const auto stored = pipeline.set("large", std::string(100'000, 'x'));
  const auto large = pipeline.get<std::string>("large");
  pipeline.execute();
  EXPECT_TRUE(stored.value());
  EXPECT_EQ(large.value(), std::string(100'000, 'x'));
}

TEST_P(PipelineTest, OfNothingAsksNothing) {
  auto pipeline = RedisCache{options_to_nobody()}.pipeline();
  EXPECT_TRUE(pipeline.execute());
}

TEST_P(PipelineTest, OutlivesItsCache) {
  std::optional<RedisCache> short_lived{options()};
  auto pipeline = short_lived->pipeline();
  const auto stored = pipeline.set("k", "v");
  short_lived.reset();
  pipeline.execute();
  EXPECT_TRUE(stored.value());
}

TEST_P(PipelineTest, RefusesMoreThanItsBound) {
  auto pipeline = cache().pipeline({.max_commands = 2});
  static_cast<void>(pipeline.del("a"));
  static_cast<void>(pipeline.del("b"));
  EXPECT_THROW(static_cast<void>(pipeline.del("c")), InvalidArgument);
  EXPECT_EQ(pipeline.size(), 2U);
  EXPECT_TRUE(pipeline.execute());
}

TEST_P(PipelineTest, ResultsAreToBeHadOnceAndAfterExecute) {
  cache().set("k", "v");
  auto pipeline = cache().pipeline();
  const auto value = pipeline.get<std::string>("k");
  EXPECT_THROW(static_cast<void>(value.value()), InvalidArgument);
  pipeline.execute();
  EXPECT_EQ(value.value(), "v");
  EXPECT_THROW(static_cast<void>(value.value()), InvalidArgument);
  EXPECT_THROW(pipeline.execute(), InvalidArgument);
  EXPECT_THROW(static_cast<void>(pipeline.del("k")), InvalidArgument);
}

TEST(PipelineToNobodyTest, ThrowsWhatTheCacheThrows) {
  auto pipeline = RedisCache{options_to_nobody()}.pipeline();
  static_cast<void>(pipeline.del("k"));
  EXPECT_THROW(pipeline.execute(), ConnectionError);
}

TEST(PipelineToNobodyTest, IsOmittedOnceWithEveryResult) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  auto pipeline = cache.pipeline();
  const auto stored = pipeline.set("k", 1);
  const auto value = pipeline.get<int>("k");
  const auto counted = pipeline.incr("k");
  const auto left = pipeline.pttl("k");
  EXPECT_FALSE(pipeline.execute());
  EXPECT_FALSE(stored.value());
  EXPECT_EQ(value.value(), std::nullopt);
  EXPECT_TRUE(counted.value().omitted());
  EXPECT_TRUE(left.value().omitted());
  EXPECT_EQ(cache.statistics().omitted, 1U);
}

}  // namespace
}  // namespace rediscache::test
