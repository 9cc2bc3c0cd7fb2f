// What keys look like in the server.
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class KeysTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(KeysTest);

/// Keys with every byte that a protocol, a shell or a C string could stumble over.
std::vector<std::string> awkward_keys() {
  std::vector<std::string> keys{"",
                                " ",
                                ":",
                                "::1:",
                                std::string(1, '\0'),
                                std::string("a\0b", 3),
                                "line\nbreak",
                                "\r\n",
                                "\xff",
                                "\xff\xfe",
                                "caf\xc3\xa9",
                                "$5\r\nhello\r\n",
                                "*?[a]\\",
                                "{tag}",
                                "%s%n",
                                "\"'",
                                std::string(10'000, 'k')};
  for (int byte = 0; byte < 256; ++byte) {
    keys.push_back("byte" + std::string(1, static_cast<char>(byte)));
  }
  return keys;
}

TEST_P(KeysTest, HavePrefixAndVersionBefore) {
  cache().set("k", "v");
  EXPECT_TRUE(raw().exists(":1:k"));
  EXPECT_EQ(cache().make_key("k"), ":1:k");
  EXPECT_EQ(cache().make_key("k", {.version = 7}), ":7:k");

  Options own = options();
  own.key_prefix = "shop";
  own.version = 3;
  RedisCache shop{own};
  shop.set("k", "v");
  EXPECT_TRUE(raw().exists("shop:3:k"));
  EXPECT_EQ(shop.make_key("k"), "shop:3:k");
  EXPECT_EQ(shop.make_key("k", {.version = -1}), "shop:-1:k");
}

TEST_P(KeysTest, UnderAPrefixWithColonsAreTheCallers) {
  Options own = options();
  own.key_prefix = "shop:eu:[1]\\*";
  own.version = 3;
  RedisCache shop{own};
  shop.set("a:b", 1);
  shop.set("c", 2);
  shop.set("other", 3, {.version = 12});
  cache().set("a", 4);
  raw().set("shop:eu:[1]\\x:3:theirs", "5");
  EXPECT_THAT(shop.keys("*"), UnorderedElementsAre("a:b", "c"));
  EXPECT_THAT(shop.keys("*", {.version = 12}), ElementsAre("other"));
  std::vector<std::string> walked;
  for (const std::string& key : shop.iter_keys("*")) {
    walked.push_back(key);
  }
  EXPECT_THAT(walked, UnorderedElementsAre("a:b", "c"));
  EXPECT_THAT(cache().keys("*", {.version = 3, .prefix = "shop:eu:[1]\\*"}),
              UnorderedElementsAre("a:b", "c"));
  EXPECT_EQ(shop.reverse_key(shop.make_key("x:y")), "x:y");

  shop.hset("h:1:h", "field:1", 1);
  EXPECT_THAT(shop.hkeys("h:1:h"), ElementsAre("field:1"));
  for (const auto& [field, value] : shop.hscan_iter<int>("h:1:h")) {
    EXPECT_EQ(field, "field:1");
  }

  shop.set("text", "seven");
  auto pipeline = shop.pipeline();
  auto unreadable = pipeline.get<int>("text");
  auto not_a_number = pipeline.incr("text");
  auto of_hash = pipeline.hget<std::vector<int>>("h:1:h", "field:1");
  pipeline.execute();
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)unreadable.value(); })->key(), "text");
  EXPECT_EQ(thrown_by<NotAnInteger>([&] { (void)not_a_number.value(); })->key(), "text");
  EXPECT_EQ(thrown_by<DecodeError>([&] { (void)of_hash.value(); })->key(), "h:1:h");

  EXPECT_EQ(shop.delete_many(shop.keys("*")), 3);
  EXPECT_TRUE(shop.keys("*").empty());
}

TEST_P(KeysTest, MayHoldAnyByte) {
  for (const std::string& key : awkward_keys()) {
    SCOPED_TRACE(::testing::PrintToString(key.substr(0, 40)));
    EXPECT_EQ(cache().make_key(key), ":1:" + key);
    EXPECT_FALSE(cache().has_key(key));
    EXPECT_TRUE(cache().set(key, key.size()));
    EXPECT_TRUE(raw().exists(":1:" + key));
    EXPECT_EQ(cache().get<std::size_t>(key), key.size());
    EXPECT_TRUE(cache().has_key(key));
    EXPECT_TRUE(cache().touch(key));
    EXPECT_TRUE(cache().pttl(key).remaining());
    EXPECT_EQ(cache().incr(key), static_cast<std::int64_t>(key.size()) + 1);
    EXPECT_EQ(cache().reverse_key(cache().make_key(key)), key);
    EXPECT_TRUE(cache().del(key));
    EXPECT_FALSE(raw().exists(":1:" + key));
  }
}

TEST_P(KeysTest, OfAnyBytesGoThroughTheOperationsOnMany) {
  const std::vector<std::string> keys = awkward_keys();
  std::vector<std::pair<std::string, std::string>> entries;
  entries.reserve(keys.size());
  for (const std::string& key : keys) {
    entries.emplace_back(key, "value");
  }
  EXPECT_TRUE(cache().set_many(entries).empty());
  const auto found = cache().get_many<std::string>(keys);
  ASSERT_EQ(found.size(), keys.size());
  std::size_t at = 0;
  for (const auto& [key, value] : found) {
    EXPECT_EQ(key, keys[at++]);
    EXPECT_EQ(value, "value");
  }
  EXPECT_EQ(cache().delete_many(keys), static_cast<std::int64_t>(keys.size()));
  EXPECT_EQ(raw().integer({"DBSIZE"}), 0);
}

TEST_P(KeysTest, OfOneVersionAreNotSeenByAnother) {
  Options second = options();
  second.version = 2;
  RedisCache two{second};
  cache().set("k", "one");
  EXPECT_EQ(two.get<std::string>("k"), std::nullopt);
  EXPECT_FALSE(two.has_key("k"));
  EXPECT_FALSE(two.del("k"));
  EXPECT_TRUE(two.add("k", "two"));
  EXPECT_EQ(cache().get<std::string>("k"), "one");
  EXPECT_EQ(two.get<std::string>("k", {.version = 1}), "one");
  EXPECT_EQ(cache().get<std::string>("k", {.version = 2}), "two");
}

TEST_P(KeysTest, OfOnePrefixAreNotSeenByAnother) {
  Options own = options();
  own.key_prefix = "shop";
  RedisCache shop{own};
  cache().set("k", "outside");
  shop.set("k", "inside");
  EXPECT_EQ(cache().get<std::string>("k"), "outside");
  EXPECT_EQ(shop.get<std::string>("k"), "inside");
}

TEST_P(KeysTest, AreReversedAfterTheSecondColon) {
  EXPECT_EQ(cache().reverse_key(":1:k"), "k");
  EXPECT_EQ(cache().reverse_key("shop:12:a:b:c"), "a:b:c");
  EXPECT_EQ(cache().reverse_key(":1:"), "");
  EXPECT_EQ(cache().reverse_key(std::string(":1:\0\n", 5)), std::string("\0\n", 2));
}

TEST_P(KeysTest, AreMadeByAFunctionOfOnesOwn) {
  Options own = options();
  own.key_prefix = "p";
  own.key_function = [](std::string_view key, std::string_view prefix, int version) {
    return std::string{key} + "@" + std::string{prefix} + "." + std::to_string(version);
  };
  own.reverse_key_function = [](std::string_view made_key) {
    return std::string{made_key.substr(0, made_key.rfind('@'))};
  };
  RedisCache custom{own};
  EXPECT_EQ(custom.make_key("k"), "k@p.1");
  EXPECT_EQ(custom.reverse_key("k@p.1"), "k");
  EXPECT_TRUE(custom.set("k", 1, {.version = 5}));
  EXPECT_TRUE(raw().exists("k@p.5"));
  EXPECT_EQ(custom.incr("k", 1, {.version = 5}), 2);
  EXPECT_EQ(custom.get_many<int>({"k"}, {.version = 5}).at("k"), 2);
  EXPECT_TRUE(custom.del("k", {.version = 5}));
}

TEST_P(KeysTest, AreNamedInErrorsAsTheCallerGaveThem) {
  raw().set(":1:some:key", "{broken");
  const auto error = thrown_by<DecodeError>([&] { (void)cache().get<std::vector<int>>("some:key"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "some:key");
  EXPECT_NE(std::string{error->what()}.find("some:key"), std::string::npos);
}

TEST_P(KeysTest, AreNamedInErrorsPrintableAndCutShort) {
  const std::string key = std::string("evil\n\x1b[2J\0", 10) + std::string(100'000, 'x');
  raw().set(":1:" + key, "{broken");
  const auto error = thrown_by<DecodeError>([&] { (void)cache().get<std::vector<int>>(key); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), key);
  const std::string text = error->what();
  EXPECT_LT(text.size(), 1000);
  EXPECT_NE(text.find("evil"), std::string::npos);
  for (const char c : text) {
    EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
  }
}

}  // namespace
}  // namespace rediscache::test
