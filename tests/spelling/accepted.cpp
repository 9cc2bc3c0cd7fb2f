// Spellings that must compile, and mean what they say.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "spelling/recording_cache.hpp"

namespace shop {

struct User {
  std::string name;
  int age = 0;
};
REDISCACHE_FIELDS(User, name, age)

// A field that has the name of an option.
struct Document {
  int version = 0;
};
REDISCACHE_FIELDS(Document, version)

enum class Colour : std::uint8_t { red, green };

}  // namespace shop

namespace rediscache::spelling {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Kind = ValueView::Kind;
using Strings = std::vector<std::string>;
using Either = std::variant<int, std::string>;

// What a call gives back, without calling it.
#define RETURNS(expression, ...) \
  static_assert(std::is_same_v<decltype(std::declval<Cache&>().expression), __VA_ARGS__>)

RETURNS(set("k", "v"), bool);
RETURNS(add("k", "v"), bool);
RETURNS(get<int>("k"), std::optional<int>);
RETURNS(get<shop::User>("k"), std::optional<shop::User>);
RETURNS(get<std::vector<shop::User>>("k"), std::optional<std::vector<shop::User>>);
RETURNS(get<std::optional<int>>("k"), std::optional<std::optional<int>>);
RETURNS(get("k", 0), int);
RETURNS(get("k", 0U), unsigned);
RETURNS(get("k", false), bool);
RETURNS(get("k", 0.5F), float);
RETURNS(get("k", "text"), std::string);
RETURNS(get("k", std::string{}), std::string);
RETURNS(get("k", std::string_view{}), std::string);
RETURNS(get("k", Bytes{}), Bytes);
RETURNS(get("k", std::span<const std::byte>{}), Bytes);
RETURNS(get("k", std::optional<int>{}), std::optional<int>);
RETURNS(get("k", shop::User{}), shop::User);
RETURNS(get("k", Value{}), Value);
RETURNS(get("k", 5s), std::chrono::seconds);
RETURNS(get("k", shop::Colour::red), shop::Colour);
RETURNS(get<std::chrono::milliseconds>("k"), std::optional<std::chrono::milliseconds>);
RETURNS(get<Either>("k"), std::optional<Either>);
RETURNS(get_or_set("k", 5s, 1min), std::chrono::seconds);
RETURNS(get<int>("k", 0), int);
RETURNS(get<int>("k", {}), std::optional<int>);
RETURNS(get<float>("k", 0), float);
RETURNS(get<std::string>("k", "text"), std::string);
RETURNS(get<std::string_view>("k", "text"), std::string);
RETURNS(get<std::optional<int>>("k", std::nullopt), std::optional<int>);
RETURNS(get<shop::Document>("k", {.version = 2}), std::optional<shop::Document>);
RETURNS(get_many<int>({"a", "b"}), KeyedValues<int>);
RETURNS(set_many(std::map<std::string, int>{}), Strings);
RETURNS(del("k"), bool);
RETURNS(delete_many({"a", "b"}), std::int64_t);
RETURNS(delete_pattern("*"), std::int64_t);
RETURNS(touch("k"), bool);
RETURNS(incr("k"), Counter);
RETURNS(has_key("k"), bool);
RETURNS(ttl("k"), Ttl);
RETURNS(pttl("k"), Pttl);

TEST(Spelling, SetTakesATimeoutOfEveryForm) {
  RecordingCache cache;
  cache.set("k", "v");
  EXPECT_EQ(cache.set_options.timeout, Timeout{});
  cache.set("k", "v", 5min);
  EXPECT_EQ(cache.set_options.timeout, Timeout{300s});
  cache.set("k", "v", std::chrono::duration<double>{0.25});
  EXPECT_EQ(cache.set_options.timeout, Timeout{250ms});
  cache.set("k", "v", std::chrono::days{1});
  EXPECT_EQ(cache.set_options.timeout, Timeout{24h});
  cache.set("k", "v", never);
  EXPECT_TRUE(cache.set_options.timeout.is_never());
  cache.set("k", "v", Timeout{2s});
  EXPECT_EQ(cache.set_options.timeout, Timeout{2s});
  cache.set("k", "v", {});
  EXPECT_EQ(cache.set_options.timeout, Timeout{});
}

TEST(Spelling, SetTakesOptionsByName) {
  RecordingCache cache;
  cache.set("k", "v", {.timeout = 30s, .nx = true});
  EXPECT_EQ(cache.set_options.timeout, Timeout{30s});
  EXPECT_TRUE(cache.set_options.nx);
  EXPECT_FALSE(cache.set_options.xx);
  EXPECT_EQ(cache.set_options.version, std::nullopt);
  cache.set("k", "v", {.timeout = never, .version = 2, .xx = true});
  EXPECT_TRUE(cache.set_options.timeout.is_never());
  EXPECT_EQ(cache.set_options.version, 2);
  EXPECT_FALSE(cache.set_options.nx);
  EXPECT_TRUE(cache.set_options.xx);
}

TEST(Spelling, SetKeepsTheKindOfTheValue) {
  RecordingCache cache;
  const auto kind_of = [&cache](const auto& value) {
    cache.set("k", value);
    return cache.kinds.at(0);
  };
  EXPECT_EQ(kind_of("v"), Kind::text);
  EXPECT_EQ(kind_of(std::string{"v"}), Kind::text);
  EXPECT_EQ(kind_of(std::string_view{"v"}), Kind::text);
  EXPECT_EQ(kind_of(true), Kind::boolean);
  EXPECT_EQ(kind_of(7), Kind::integer);
  EXPECT_EQ(kind_of(std::uint8_t{7}), Kind::integer);
  EXPECT_EQ(kind_of(UINT64_MAX), Kind::unsigned_integer);
  EXPECT_EQ(kind_of(0.5), Kind::floating);
  EXPECT_EQ(kind_of(Bytes{}), Kind::bytes);
  EXPECT_EQ(kind_of(std::vector<unsigned char>{}), Kind::bytes);
  EXPECT_EQ(kind_of(std::nullopt), Kind::none);
  EXPECT_EQ(kind_of(std::optional<int>{}), Kind::none);
  EXPECT_EQ(kind_of(std::optional<int>{7}), Kind::integer);
  EXPECT_EQ(kind_of(Value{"v"}), Kind::text);
  EXPECT_EQ(kind_of(shop::User{}), Kind::structured);
  EXPECT_EQ(kind_of(std::vector<int>{1, 2}), Kind::structured);
  EXPECT_EQ(kind_of(std::vector<bool>{true}), Kind::structured);
  EXPECT_EQ(kind_of(std::map<std::string, shop::User>{}), Kind::structured);
  char text[] = "v";
  EXPECT_EQ(kind_of(text), Kind::text);
  char* const pointer_to_text = text;
  EXPECT_EQ(kind_of(pointer_to_text), Kind::text);
}

TEST(Spelling, EnumsAndTimesAreIntegers) {
  RecordingCache cache;
  const auto kind_of = [&cache](const auto& value) {
    cache.set("k", value);
    return cache.kinds.at(0);
  };
  EXPECT_EQ(kind_of(shop::Colour::green), Kind::integer);
  EXPECT_EQ(kind_of(5s), Kind::integer);
  EXPECT_EQ(kind_of(std::optional{5s}), Kind::integer);
  EXPECT_EQ(kind_of(std::chrono::system_clock::now()), Kind::integer);
  EXPECT_EQ(kind_of(std::chrono::duration<double>{0.5}), Kind::floating);
  EXPECT_EQ(kind_of(std::vector<shop::Colour>{}), Kind::structured);
  EXPECT_EQ(kind_of(Either{"v"}), Kind::text);
  cache.set_many(std::map<std::string, std::chrono::seconds>{{"a", 5s}});
  EXPECT_THAT(cache.kinds, ElementsAre(Kind::integer));
}

TEST(Spelling, ADurationIsAValueFirstAndATimeoutSecond) {
  RecordingCache cache;
  cache.set("k", 5s);
  EXPECT_EQ(cache.set_options.timeout, Timeout{});
  cache.set("k", 5s, 1min);
  EXPECT_THAT(cache.kinds, ElementsAre(Kind::integer));
  EXPECT_EQ(cache.set_options.timeout, Timeout{1min});
  cache.add("k", 5s, {.timeout = 2min});
  EXPECT_EQ(cache.set_options.timeout, Timeout{2min});
  EXPECT_EQ(cache.get("k", 5s), 5s) << "the fallback";
  cache.stored = Value{7};
  EXPECT_EQ(cache.get("k", 5s), 7s);
  EXPECT_EQ(cache.get("k", 5ms), 7ms) << "the unit is the type's own";
  EXPECT_EQ(cache.get_or_set("k", 5s, 1min), 7s);
  cache.stored = Value{1};
  EXPECT_EQ(cache.get<shop::Colour>("k"), shop::Colour::green);
}

TEST(Spelling, AddIsSetWithNx) {
  RecordingCache cache;
  cache.add("k", "v");
  EXPECT_TRUE(cache.set_options.nx);
  EXPECT_EQ(cache.set_options.timeout, Timeout{});
  cache.add("k", 7, 5min);
  EXPECT_TRUE(cache.set_options.nx);
  EXPECT_EQ(cache.set_options.timeout, Timeout{5min});
  cache.add("k", "v", never);
  EXPECT_TRUE(cache.set_options.timeout.is_never());
  cache.add("k", "v", {});
  EXPECT_EQ(cache.set_options.timeout, Timeout{});
  cache.add("k", "v", {.timeout = 30s, .version = 2});
  EXPECT_TRUE(cache.set_options.nx);
  EXPECT_EQ(cache.set_options.timeout, Timeout{30s});
  EXPECT_EQ(cache.set_options.version, 2);
}

TEST(Spelling, GetFindsTheValueOrTheFallback) {
  RecordingCache cache;
  EXPECT_EQ(cache.get<int>("k"), std::nullopt);
  EXPECT_EQ(cache.get("k", 3), 3);
  EXPECT_EQ(cache.get("k", "text"), "text");
  EXPECT_EQ(cache.get("k", std::string{}), "");
  EXPECT_EQ(cache.get<int>("k", {}), std::nullopt) << "options, not a fallback of 0";
  EXPECT_EQ(cache.get<float>("k", 3), 3.0F);
  EXPECT_EQ(cache.get("k", std::string_view{"text"}), "text");
  const Bytes bytes{std::byte{7}};
  EXPECT_EQ(cache.get("k", std::span<const std::byte>{bytes}), bytes);
  EXPECT_EQ(cache.get_or_set("k", std::span<const std::byte>{bytes}), bytes);
  cache.stored = Value{7};
  EXPECT_EQ(cache.get<int>("k"), 7);
  EXPECT_EQ(cache.get("k", 3), 7);
  EXPECT_EQ(cache.get("k", std::optional<int>{}), 7);
  cache.stored = Value{"found"};
  EXPECT_EQ(cache.get("k", "text"), "found");
  EXPECT_EQ(cache.get<std::string>("k"), "found");
}

TEST(Spelling, GetTakesAVersion) {
  RecordingCache cache;
  (void)cache.get<int>("k");
  EXPECT_EQ(cache.version, std::nullopt);
  (void)cache.get<int>("k", {.version = 2});
  EXPECT_EQ(cache.version, 2);
  (void)cache.get<std::string>("k", {.version = 3});
  EXPECT_EQ(cache.version, 3);
  (void)cache.get<shop::User>("k", {.version = 4});
  EXPECT_EQ(cache.version, 4);
  (void)cache.get("k", 0, {.version = 5});
  EXPECT_EQ(cache.version, 5);
  (void)cache.get("k", "text", {.version = 6});
  EXPECT_EQ(cache.version, 6);
}

TEST(Spelling, GetManyTakesKeysOfEveryForm) {
  RecordingCache cache;
  cache.stored = Value{7};
  EXPECT_EQ(cache.get_many<int>({"a", "b"}).at("b"), 7);
  EXPECT_THAT(cache.keys, ElementsAre("a", "b"));
  // One brace pair of two literals is not the string [first, second).
  (void)cache.get_many<int>({"a"}, {.version = 2});
  EXPECT_THAT(cache.keys, ElementsAre("a"));
  EXPECT_EQ(cache.version, 2);
  (void)cache.get_many<int>(Strings{"c", "d"});
  EXPECT_THAT(cache.keys, ElementsAre("c", "d"));
  (void)cache.get_many<int>(std::set<std::string_view>{"e"}, {.version = 3});
  EXPECT_THAT(cache.keys, ElementsAre("e"));
  EXPECT_EQ(cache.version, 3);
  (void)cache.get_many<Value>(std::vector<const char*>{"f"});
  EXPECT_THAT(cache.keys, ElementsAre("f"));
  const std::map<std::string, int> map{{"g", 1}};
  (void)cache.get_many<int>(std::views::keys(map));
  EXPECT_THAT(cache.keys, ElementsAre("g"));
  const Strings names{"hh"};
  (void)cache.get_many<int>(names | std::views::transform([](std::string_view name) { return name; }));
  EXPECT_THAT(cache.keys, ElementsAre("hh"));
}

TEST(Spelling, SetManyTakesMapsAndPairs) {
  RecordingCache cache;
  const std::map<std::string, int> map{{"a", 1}, {"b", 2}};
  cache.set_many(map);
  EXPECT_THAT(cache.keys, ElementsAre("a", "b"));
  EXPECT_THAT(cache.kinds, ElementsAre(Kind::integer, Kind::integer));
  EXPECT_EQ(cache.write_options.timeout, Timeout{});
  cache.set_many(map, 5min);
  EXPECT_EQ(cache.write_options.timeout, Timeout{5min});
  cache.set_many(map, never);
  EXPECT_TRUE(cache.write_options.timeout.is_never());
  cache.set_many(map, {.timeout = 30s, .version = 2});
  EXPECT_EQ(cache.write_options.timeout, Timeout{30s});
  EXPECT_EQ(cache.write_options.version, 2);
  cache.set_many<int>({{"c", 1}});
  EXPECT_THAT(cache.keys, ElementsAre("c"));
  cache.set_many<std::string>({{"d", "v"}, {"e", "v"}}, {.timeout = 1s});
  EXPECT_THAT(cache.keys, ElementsAre("d", "e"));
  EXPECT_THAT(cache.kinds, ElementsAre(Kind::text, Kind::text));
  EXPECT_EQ(cache.write_options.timeout, Timeout{1s});
  cache.set_many(std::unordered_map<std::string, shop::User>{{"f", {}}});
  EXPECT_THAT(cache.kinds, ElementsAre(Kind::structured));
  cache.set_many(std::vector<std::pair<std::string_view, const char*>>{{"g", "v"}});
  EXPECT_THAT(cache.kinds, ElementsAre(Kind::text));
}

TEST(Spelling, DeletingTakesOneKeyManyOrAPattern) {
  RecordingCache cache;
  EXPECT_TRUE(cache.del("a"));
  EXPECT_TRUE(cache.del("a", {.version = 2}));
  EXPECT_EQ(cache.version, 2);
  EXPECT_EQ(cache.delete_many({"a", "b"}), 2);
  EXPECT_THAT(cache.keys, ElementsAre("a", "b"));
  EXPECT_EQ(cache.delete_many(Strings{"c"}, {.version = 3}), 1);
  EXPECT_EQ(cache.version, 3);
  cache.delete_pattern("user:*", {.version = 4, .prefix = "shop", .itersize = 10});
  EXPECT_EQ(cache.pattern, "user:*");
  EXPECT_EQ(cache.pattern_options.version, 4);
  EXPECT_EQ(cache.pattern_options.prefix, "shop");
  EXPECT_EQ(cache.pattern_options.itersize, 10U);
}

TEST(Spelling, TouchTakesATimeout) {
  RecordingCache cache;
  cache.touch("k");
  EXPECT_EQ(cache.timeout, Timeout{});
  cache.touch("k", 5min);
  EXPECT_EQ(cache.timeout, Timeout{5min});
  cache.touch("k", never);
  EXPECT_TRUE(cache.timeout.is_never());
  cache.touch("k", {}, {.version = 2});
  EXPECT_EQ(cache.timeout, Timeout{});
  EXPECT_EQ(cache.version, 2);
}

TEST(Spelling, CountersAreReadExplicitly) {
  RecordingCache cache;
  const std::int64_t one = cache.incr("k").value();
  EXPECT_EQ(one, 1);
  EXPECT_EQ(cache.incr("k", 5), 5);
  EXPECT_TRUE(cache.incr("k", 5).value_or(0) > 4);
  EXPECT_EQ(*cache.incr("k", 5), 5);
  EXPECT_EQ(cache.incr("k", -5), -5);
  cache.incr("k", 1, {.version = 2, .ignore_key_check = true});
  EXPECT_EQ(cache.incr_options.version, 2);
  EXPECT_TRUE(cache.incr_options.ignore_key_check);
  const std::int64_t less = *cache.decr("k", 3);
  EXPECT_EQ(less, -3);
}

TEST(Spelling, QuestionsAboutAKey) {
  RecordingCache cache;
  EXPECT_TRUE(cache.has_key("k"));
  EXPECT_TRUE(cache.contains("k", {.version = 2}));
  EXPECT_EQ(cache.version, 2);
  EXPECT_EQ(cache.ttl("k").remaining(), 2s);
  EXPECT_EQ(cache.pttl("k", {.version = 3}).remaining(), 1500ms);
  EXPECT_EQ(cache.version, 3);
}

TEST(Spelling, OptionsByName) {
  const Options options{.location = {"redis://127.0.0.1:6379/1"},
                        .key_prefix = "shop",
                        .timeout = 10min,
                        .ignore_exceptions = true};
  EXPECT_EQ(options.timeout, Timeout{600s});
  static_assert(std::is_constructible_v<RedisCache>);
  static_assert(std::is_constructible_v<RedisCache, Options>);
}

}  // namespace
}  // namespace rediscache::spelling

#undef RETURNS
