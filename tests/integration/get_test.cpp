// get: hits, misses, fallbacks, and what is stored as something else than what is asked for.
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

class GetTest : public CacheTest {
 protected:
  /// That asking for a T is a DecodeError that names the key, and leaves what is stored as it is.
  template <class T>
  void expect_refused(const std::string& bytes) {
    SCOPED_TRACE(::testing::PrintToString(bytes));
    raw().set(":1:some:key", bytes);
    const auto error = thrown_by<DecodeError>([&] { (void)cache().get<T>("some:key"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->key(), "some:key");
    EXPECT_NE(std::string{error->what()}.find("some:key"), std::string::npos) << error->what();
    EXPECT_EQ(raw().get(":1:some:key"), bytes);
    EXPECT_TRUE(thrown_by<DecodeError>([&] { (void)cache().get("some:key", T{}); }))
        << "a fallback is for what is not there";
  }
};
REDISCACHE_TEST_EVERY_SETUP(GetTest);

/// With plain the type asked for decides what bytes mean; those of JSON tell their kind.
class JsonGetTest : public GetTest {};
REDISCACHE_TEST_EVERY_TRANSPORT(JsonGetTest, "json");

TEST_P(GetTest, OfAMissingKeyIsNothing) {
  EXPECT_EQ(cache().get<std::string>("k"), std::nullopt);
  EXPECT_EQ(cache().get<int>("k"), std::nullopt);
  EXPECT_EQ(cache().get<std::vector<int>>("k"), std::nullopt);
  EXPECT_EQ(cache().get<std::optional<int>>("k"), std::nullopt);
}

TEST_P(GetTest, OfAMissingKeyIsTheFallback) {
  EXPECT_EQ(cache().get("k", 7), 7);
  EXPECT_EQ(cache().get("k", "text"), "text");
  EXPECT_EQ(cache().get("k", std::string{"text"}), "text");
  EXPECT_EQ(cache().get("k", 1.5), 1.5);
  EXPECT_EQ(cache().get("k", true), true);
  EXPECT_EQ(cache().get("k", std::vector<int>{1, 2}), (std::vector<int>{1, 2}));
  EXPECT_FALSE(raw().exists(":1:k")) << "a fallback is not stored";
}

TEST_P(GetTest, OfAKeyThatIsThereIsNotTheFallback) {
  cache().set("k", 0);
  EXPECT_EQ(cache().get("k", 7), 0);
  cache().set("k", "");
  EXPECT_EQ(cache().get("k", "text"), "");
  cache().set("k", false);
  EXPECT_EQ(cache().get("k", true), false);
}

TEST_P(GetTest, OfAnotherVersionIsNothing) {
  cache().set("k", 1, {.version = 2});
  EXPECT_EQ(cache().get<int>("k"), std::nullopt);
  EXPECT_EQ(cache().get("k", 7), 7);
  EXPECT_EQ(cache().get("k", 7, {.version = 2}), 1);
  EXPECT_EQ(cache().get<int>("k", {.version = 2}), 1);
}

TEST_P(GetTest, OfTextAsANumberIsRefused) {
  const std::string text = is_json() ? "\"hello\"" : "hello";
  expect_refused<int>(text);
  expect_refused<std::uint64_t>(text);
  expect_refused<double>(text);
  expect_refused<bool>(text);
}

TEST_P(GetTest, OfTextAsSomethingStructuredIsRefused) {
  const std::string text = is_json() ? "\"hello\"" : "hello";
  expect_refused<std::vector<int>>(text);
  expect_refused<std::map<std::string, int>>(text);
}

TEST_P(GetTest, OfAnIntegerAsSomethingStructuredIsRefused) {
  expect_refused<std::vector<int>>("42");
  expect_refused<std::map<std::string, int>>("42");
}

TEST_P(JsonGetTest, OfAnIntegerAsTextIsRefused) {
  expect_refused<std::string>("42");
}

TEST_P(GetTest, OfWhatDoesNotFitInsideNamesThePlace) {
  raw().set(":1:k", "[1, 2, \"three\"]");
  const auto error = thrown_by<DecodeError>([&] { (void)cache().get<std::vector<int>>("k"); });
  ASSERT_TRUE(error);
  EXPECT_NE(std::string{error->what()}.find('2'), std::string::npos) << error->what();

  raw().set(":1:k", "{\"good\": 1, \"wrong\": []}");
  const auto in_dict = thrown_by<DecodeError>([&] { (void)cache().get<std::map<std::string, int>>("k"); });
  ASSERT_TRUE(in_dict);
  EXPECT_NE(std::string{in_dict->what()}.find("wrong"), std::string::npos) << in_dict->what();
}

TEST_P(GetTest, OfCorruptJsonIsRefused) {
  for (const char* bytes : {"{", "[1, 2", "[1,]", "{\"a\" 1}", "[1] 2", "\"open", "[\"\\ud83d\\x\"]", "nul",
                            "tru", "[01]", "[+1]", "\xff", "\x80\x04\x95", "[\"\xff\"]"}) {
    expect_refused<std::vector<int>>(bytes);
    if (is_json()) {
      expect_refused<Value>(bytes);
    }
  }
}

TEST_P(GetTest, OfJsonThatNestsForeverIsRefused) {
  expect_refused<std::vector<int>>(std::string(1'000'000, '['));
  expect_refused<std::map<std::string, int>>([] {
    std::string nested;
    for (int i = 0; i < 100'000; ++i) {
      nested += "{\"a\":";
    }
    return nested;
  }());
}

TEST_P(GetTest, OfWhatDoesNotReadMayBeAMiss) {
  Options own = options();
  own.on_decode_error = OnDecodeError::miss;
  RedisCache lenient{own};
  raw().set(":1:k", "seven");
  raw().set(":1:good", "7");
  EXPECT_FALSE(lenient.get<int>("k"));
  EXPECT_EQ(lenient.get("k", 5), 5);
  EXPECT_FALSE(lenient.strict().get<std::vector<int>>("k"));
  const auto found = lenient.get_many<int>({"k", "good"});
  EXPECT_EQ(found.size(), 1U);
  EXPECT_TRUE(found.errors().empty());
  auto pipeline = lenient.pipeline();
  auto queued = pipeline.get<int>("k");
  auto converted = pipeline.get<std::vector<int>>("good");
  pipeline.execute();
  EXPECT_FALSE(queued.value());
  EXPECT_FALSE(converted.value());
  EXPECT_EQ(lenient.get_or_set("k", 9), 9);
  EXPECT_EQ(lenient.get<int>("k"), 9) << "replaced";
  EXPECT_EQ(lenient.statistics().unreadable, 7U);
  EXPECT_EQ(lenient.statistics().omitted, 0U);
}

TEST_P(GetTest, OfNothingAtAllIsNoNumber) {
  expect_refused<int>("");
  expect_refused<double>("");
  expect_refused<std::vector<int>>("");
}

TEST_P(GetTest, OfAnIntegerThatDoesNotFitIsRefused) {
  expect_refused<std::int8_t>("128");
  expect_refused<std::int8_t>("-129");
  expect_refused<std::uint8_t>("256");
  expect_refused<std::uint8_t>("-1");
  expect_refused<int>("2147483648");
  expect_refused<std::int64_t>("9223372036854775808");
  expect_refused<std::int64_t>("-9223372036854775809");
  expect_refused<std::uint64_t>("-1");
  expect_refused<std::uint64_t>("18446744073709551616");
}

TEST_P(GetTest, OfAnIntegerAtTheEdgeOfItsTypeIsThatInteger) {
  const auto comes_back = [&](auto value) {
    cache().set("k", value);
    EXPECT_EQ(cache().get<decltype(value)>("k"), value);
  };
  comes_back(std::numeric_limits<std::int64_t>::min());
  comes_back(std::numeric_limits<std::int64_t>::max());
  comes_back(std::numeric_limits<std::uint64_t>::max());
  comes_back(std::numeric_limits<std::int8_t>::min());
  comes_back(std::numeric_limits<std::int16_t>::max());
  comes_back(std::numeric_limits<std::uint32_t>::max());
  cache().set("k", std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(cache().get<Value>("k").value().needs_unsigned());
}

TEST_P(GetTest, OfAnIntegerAsFloatingPointIsThatNumber) {
  cache().set("k", 42);
  EXPECT_EQ(cache().get<double>("k"), 42.0);
}

TEST_P(GetTest, IsOneCommand) {
  (void)cache().get<int>("k");
  EXPECT_EQ(raw().calls("get"), 1);
}

TEST_P(GetTest, HasKeyTellsWhatIsThere) {
  EXPECT_FALSE(cache().has_key("k"));
  EXPECT_FALSE(cache().contains("k"));
  cache().set("k", std::nullopt);
  EXPECT_TRUE(cache().has_key("k"));
  EXPECT_TRUE(cache().contains("k"));
  EXPECT_FALSE(cache().has_key("k", {.version = 2}));
  EXPECT_FALSE(cache().contains("k", {.version = 2}));
  raw().run({"RPUSH", ":1:list", "element"});
  EXPECT_TRUE(cache().has_key("list")) << "of any type";
}

}  // namespace
}  // namespace rediscache::test
