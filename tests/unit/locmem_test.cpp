// What calls on a cache in the process do.
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/locmem_cache.hpp>
#include <rediscache/value.hpp>

#include "support/clock_hand.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class LocMemTest : public ::testing::Test {
 protected:
  ClockHand hand_;
  LocMemCache cache_{{.timeout = 10s, .clock = hand_.clock()}};
};

TEST_F(LocMemTest, AnEntryIsThereUntilItsTimeIsOver) {
  cache_.set("default", 1);
  cache_.set("short", 2, 1ms);
  cache_.set("never", 3, never);
  EXPECT_EQ(cache_.pttl("default").remaining(), 10s);
  EXPECT_EQ(cache_.pttl("short").remaining(), 1ms);
  EXPECT_EQ(cache_.ttl("short").remaining(), 1s);
  EXPECT_TRUE(cache_.pttl("never").is_persistent());
  hand_.pass(1ms);
  EXPECT_FALSE(cache_.has_key("short"));
  EXPECT_TRUE(cache_.pttl("short").is_missing());
  EXPECT_TRUE(cache_.add("short", 4)) << "what is over is absent";
  hand_.pass(9998ms);
  EXPECT_EQ(cache_.get<int>("default"), 1);
  hand_.pass(1ms);
  EXPECT_EQ(cache_.get<int>("default"), std::nullopt);
  EXPECT_FALSE(cache_.del("default"));
  hand_.pass(10'000h);
  EXPECT_EQ(cache_.get<int>("never"), 3);
}

TEST_F(LocMemTest, TimesAreMovedAndTaken) {
  cache_.set("k", 1);
  EXPECT_TRUE(cache_.touch("k", 100s));
  EXPECT_EQ(cache_.pttl("k").remaining(), 100s);
  EXPECT_TRUE(cache_.touch("k"));
  EXPECT_EQ(cache_.pttl("k").remaining(), 10s);
  EXPECT_TRUE(cache_.touch("k", never));
  EXPECT_TRUE(cache_.touch("k", never)) << "it is there, though it had no end to take";
  EXPECT_FALSE(cache_.persist("k"));
  EXPECT_TRUE(cache_.pexpire("k", 1500ms));
  EXPECT_EQ(cache_.pttl("k").remaining(), 1500ms);
  EXPECT_TRUE(cache_.persist("k"));
  EXPECT_TRUE(cache_.ttl("k").is_persistent());
  EXPECT_TRUE(cache_.pexpire_at("k", hand_.now() + 2s));
  EXPECT_EQ(cache_.pttl("k").remaining(), 2s);
  EXPECT_TRUE(cache_.expire("k", std::chrono::seconds::max() / 1000)) << "longer than can be said";
  EXPECT_EQ(cache_.get<int>("k"), 1);
  EXPECT_TRUE(cache_.expire("k", 0s));
  EXPECT_FALSE(cache_.has_key("k"));
  EXPECT_FALSE(cache_.expire("k", 1s));
  cache_.set("k", 1);
  EXPECT_TRUE(cache_.pexpire_at("k", hand_.now()));
  EXPECT_FALSE(cache_.has_key("k"));
  cache_.set("k", 1);
  EXPECT_TRUE(cache_.touch("k", -1s));
  EXPECT_FALSE(cache_.has_key("k"));
}

TEST_F(LocMemTest, WithoutAGivenClockTheSystemTellsTheTime) {
  LocMemCache cache;
  cache.set("k", 1, 100s);
  EXPECT_GT(cache.pttl("k").remaining(), 90s);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  EXPECT_TRUE(cache.expire_at("k", now + 1000s));
  EXPECT_GT(cache.pttl("k").remaining(), 900s);
  EXPECT_LE(cache.pttl("k").remaining(), 1000s);
  EXPECT_TRUE(cache.expire_at("k", now - 1s));
  EXPECT_FALSE(cache.has_key("k"));
  cache.set("k", 1);
  EXPECT_TRUE(cache.pexpire_at("k", std::chrono::sys_time<std::chrono::milliseconds>::max()))
      << "no overflow";
  EXPECT_EQ(cache.get<int>("k"), 1);
}

TEST_F(LocMemTest, WhatIsOverBeforeItBeganIsDeleted) {
  EXPECT_FALSE(cache_.set("k", 1, 0s)) << "it was not there";
  cache_.set("k", 1);
  EXPECT_FALSE(cache_.set("k", 2, {.timeout = 0s, .nx = true})) << "it is there, and stays";
  EXPECT_EQ(cache_.get<int>("k"), 1);
  EXPECT_TRUE(cache_.set("k", 2, -1s));
  EXPECT_FALSE(cache_.has_key("k"));
  EXPECT_TRUE(cache_.add("k", 1, 0s)) << "it was absent";
  EXPECT_FALSE(cache_.has_key("k"));
  cache_.set("a", 1);
  EXPECT_THAT(cache_.set_many<int>({{"a", 1}, {"b", 2}}, {.timeout = 0s}), IsEmpty());
  EXPECT_FALSE(cache_.has_key("a"));
}

TEST_F(LocMemTest, ConditionsDecide) {
  EXPECT_FALSE(cache_.set("k", 1, {.xx = true}));
  EXPECT_TRUE(cache_.set("k", 1, {.nx = true}));
  EXPECT_FALSE(cache_.set("k", 2, {.nx = true}));
  EXPECT_TRUE(cache_.set("k", 3, {.xx = true}));
  EXPECT_EQ(cache_.get<int>("k"), 3);
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { cache_.set("k", 1, {.nx = true, .xx = true}); }));
}

TEST_F(LocMemTest, WhatIsStoredIsACopy) {
  Value value{Value::List{Value{1}}};
  cache_.set("k", value);
  value.as_list().emplace_back(2);
  auto read = cache_.get<Value>("k");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->as_list().size(), 1U);
  read->as_list().clear();
  EXPECT_EQ(cache_.get<std::vector<int>>("k"), std::vector<int>{1});
}

TEST_F(LocMemTest, CountingKeepsTheTimeAndTheRulesOfTheServer) {
  using Limits = std::numeric_limits<std::int64_t>;
  cache_.set("n", Limits::max() - 1, 5s);
  EXPECT_EQ(cache_.incr("n"), Limits::max());
  EXPECT_EQ(cache_.pttl("n").remaining(), 5s);
  const auto error = thrown_by<NotAnInteger>([&] { cache_.incr("n"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("increment or decrement would overflow"));
  EXPECT_EQ(cache_.get<std::int64_t>("n"), Limits::max()) << "it stays";
  cache_.set("low", Limits::min() + 1);
  EXPECT_EQ(cache_.decr("low"), Limits::min());
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { cache_.decr("low"); }));
  EXPECT_EQ(cache_.incr("low", Limits::max()), -1);
  for (const char* const text : {"007", "-0", "-", "", " 1", "1.5", "9223372036854775808"}) {
    cache_.set("text", text);
    EXPECT_TRUE(thrown_by<NotAnInteger>([&] { cache_.incr("text"); })) << text;
  }
  cache_.set("text", "0");
  EXPECT_EQ(cache_.incr("text"), 1);
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache_.incr("missing"); }));
  EXPECT_EQ(cache_.incr("missing", 3, {.ignore_key_check = true}), 3);
  EXPECT_TRUE(cache_.ttl("missing").is_persistent());
}

TEST_F(LocMemTest, EntriesMoveToOtherVersions) {
  for (int i = 0; i < 50; ++i) {  // from and to any shard
    const std::string key = "k" + std::to_string(i);
    cache_.set(key, i, 7s);
    cache_.set(key, "replaced", {.version = 3});
    EXPECT_EQ(cache_.incr_version(key, 2), 3);
    EXPECT_FALSE(cache_.has_key(key));
    EXPECT_EQ(cache_.get<int>(key, {.version = 3}), i);
    EXPECT_EQ(cache_.pttl(key, {.version = 3}).remaining(), 7s);
  }
  EXPECT_EQ(cache_.statistics().entries, 50U);
  EXPECT_EQ(cache_.incr_version("k0", 0, {.version = 3}), 3);
  EXPECT_EQ(cache_.get<int>("k0", {.version = 3}), 0);
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache_.incr_version("k0"); }));
  EXPECT_TRUE(thrown_by<InvalidArgument>(
      [&] { cache_.incr_version("k0", 1, {.version = std::numeric_limits<int>::max()}); }));
}

TEST_F(LocMemTest, PatternsAreThoseOfTheServer) {
  cache_.set_many<int>({{"user:1", 1}, {"user:22", 2}, {"page:1", 3}, {"[x]", 4}});
  cache_.set("user:1", 5, {.version = 2});
  EXPECT_THAT(cache_.keys("user:?"), ElementsAre("user:1"));
  EXPECT_THAT(cache_.keys("*:[^2]*"), UnorderedElementsAre("user:1", "page:1"));
  EXPECT_THAT(cache_.keys("\\[x]"), ElementsAre("[x]"));
  cache_.set("over", 1, 1s);
  hand_.pass(1s);
  EXPECT_EQ(cache_.delete_pattern("*er*"), 2) << "what is over is not counted";
  EXPECT_THAT(cache_.keys("*"), UnorderedElementsAre("page:1", "[x]"));
  EXPECT_THAT(cache_.keys("*", {.version = 2}), ElementsAre("user:1"));
}

TEST_F(LocMemTest, AWalkOutlivesItsCache) {
  auto cache = std::make_unique<LocMemCache>(LocMemOptions{.key_prefix = "p*"});
  cache->set("k", 1);
  KeyScan scan = cache->iter_keys("*");
  EXPECT_FALSE(scan.complete());
  cache.reset();
  std::vector<std::string> keys;
  for (const std::string& key : scan) {
    keys.push_back(key);
  }
  EXPECT_THAT(keys, ElementsAre("k"));
  EXPECT_TRUE(scan.complete());
}

TEST_F(LocMemTest, KeysAreMadeAsTheOptionsSay) {
  std::vector<std::string> made;
  LocMemCache cache{
      {.key_prefix = "shop",
       .version = 7,
       .key_function =
           [&](std::string_view key, std::string_view prefix, int version) {
             made.push_back(std::string{prefix} + '/' + std::to_string(version) + '/' + std::string{key});
             return made.back();
           },
       .reverse_key_function = [](std::string_view key) { return std::string{key.substr(7)}; }}};
  cache.set("k", 1);
  EXPECT_THAT(made, ElementsAre("shop/7/k"));
  EXPECT_THAT(cache.keys("*"), ElementsAre("k"));
}

TEST_F(LocMemTest, KeysUnderAPrefixWithColonsAreTheCallers) {
  LocMemCache cache{{.key_prefix = "shop:eu\\x", .version = 2}};
  cache.set("a:b", 1);
  cache.set("c", 2, {.version = 5});
  ASSERT_THAT(cache.keys("*"), ElementsAre("a:b"));
  EXPECT_THAT(cache.keys("*", {.version = 5}), ElementsAre("c"));
  std::vector<std::string> walked;
  for (const std::string& key : cache.iter_keys("a*")) {
    walked.push_back(key);
  }
  EXPECT_THAT(walked, ElementsAre("a:b"));
  EXPECT_EQ(cache.delete_many(cache.keys("*")), 1);
  EXPECT_FALSE(cache.has_key("a:b"));
}

TEST_F(LocMemTest, SerializersAndCompressorsDoTheirWork) {
  LocMemCache cache{{.serializer = "pickle"}};
  cache.set("text", "7");
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { cache.incr("text"); })) << "it is no bare integer";
  EXPECT_EQ(cache.get<std::string>("text"), "7");
  LocMemCache json{{.serializer = "json"}};
  EXPECT_TRUE(thrown_by<EncodeError>([&] { json.set_many<std::string>({{"a", "fine"}, {"b", "\xff"}}); }));
  EXPECT_FALSE(json.has_key("a")) << "all or nothing, when a value is refused";
  json.set("text", "no list");
  EXPECT_TRUE(thrown_by<DecodeError>([&] { (void)json.get<std::vector<int>>("text"); }));
  const auto found = json.get_many<int>({"text", "missing"});
  EXPECT_EQ(found.size(), 0U);
  EXPECT_EQ(found.errors().size(), 1U);
}

TEST_F(LocMemTest, OptionsThatCannotBeUsedAreRefused) {
  EXPECT_TRUE(thrown_by<InvalidOptions>([] { LocMemCache{{.max_entries = 0}}; }));
  EXPECT_TRUE(thrown_by<InvalidOptions>([] { LocMemCache{{.max_bytes = 0}}; }));
  EXPECT_TRUE(thrown_by<InvalidOptions>([] { LocMemCache{{.shards = 0}}; }));
  EXPECT_TRUE(thrown_by<InvalidOptions>([] { LocMemCache{{.timeout = Timeout{}}}; }));
  EXPECT_TRUE(thrown_by<InvalidOptions>([] { LocMemCache{{.serializer = "pikcle"}}; }));
  EXPECT_TRUE(thrown_by<InvalidOptions>([] { LocMemCache{{.compressor = "zip"}}; }));
}

TEST_F(LocMemTest, IsCounted) {
  cache_.set("k", "v");
  (void)cache_.get<std::string>("k");
  (void)cache_.get<std::string>("missing");
  cache_.set("short", 1, 1s);
  hand_.pass(1s);
  (void)cache_.get<int>("short");
  const LocMemStatistics statistics = cache_.statistics();
  EXPECT_EQ(statistics.entries, 1U);
  EXPECT_EQ(statistics.hits, 1U);
  EXPECT_EQ(statistics.misses, 2U);
  EXPECT_EQ(statistics.expired, 1U);
  cache_.clear();
  EXPECT_EQ(cache_.statistics().entries, 0U);
  EXPECT_EQ(cache_.statistics().bytes, 0U);
}

}  // namespace
}  // namespace rediscache::test
