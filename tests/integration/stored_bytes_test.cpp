// The bytes in the server: what other programs, Python's json module first, find there.
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

class StoredBytesTest : public CacheTest {
 protected:
  template <class T>
  std::string stored(const T& value) {
    cache().set("k", value);
    return raw().get(":1:k").value_or("(nothing)");
  }
};
REDISCACHE_TEST_EVERY_SETUP(StoredBytesTest);

class JsonBytesTest : public StoredBytesTest {};
INSTANTIATE_TEST_SUITE_P(Json, JsonBytesTest, ::testing::Values(Setup{Transport::local, "json"}), setup_name);

class PlainBytesTest : public StoredBytesTest {};
INSTANTIATE_TEST_SUITE_P(Plain, PlainBytesTest, ::testing::Values(Setup{Transport::local, "plain"}),
                         setup_name);

TEST_P(StoredBytesTest, OfIntegersAreBareDecimalText) {
  EXPECT_EQ(stored(42), "42");
  EXPECT_EQ(stored(0), "0");
  EXPECT_EQ(stored(-7), "-7");
  EXPECT_EQ(stored(std::int8_t{-128}), "-128");
  EXPECT_EQ(stored(std::uint8_t{255}), "255");
  EXPECT_EQ(stored(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(stored(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(stored(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(stored(Value{42}), "42");
  EXPECT_EQ(stored(std::optional<int>{42}), "42");
}

TEST_P(StoredBytesTest, OfStructuredValuesAreJson) {
  const Value value{
      Value::Dict{{"b", 1}, {"a", Value::List{1, 2.5, true, nullptr, "x"}}, {"c", Value::Dict{}}}};
  EXPECT_EQ(stored(value), R"({"b": 1, "a": [1, 2.5, true, null, "x"], "c": {}})");
  EXPECT_EQ(stored(std::vector<int>{}), "[]");
  EXPECT_EQ(stored(std::vector<std::string>{"a", "b"}), R"(["a", "b"])");
}

TEST_P(StoredBytesTest, OfDictsKeepTheOrderOfInsertion) {
  EXPECT_EQ(stored(Value{Value::Dict{{"z", 1}, {"a", 2}, {"m", 3}}}), R"({"z": 1, "a": 2, "m": 3})");
}

TEST_P(StoredBytesTest, OfIntegerKeysAreText) {
  EXPECT_EQ(stored(Value{Value::Dict{{1, "a"}, {-2, "b"}}}), R"({"1": "a", "-2": "b"})");
}

TEST_P(StoredBytesTest, OfTextInsideAreEscapedToAscii) {
  EXPECT_EQ(stored(std::vector<std::string>{"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}),
            R"(["\u00e9", "\u20ac", "\ud83d\ude00"])");
}

TEST_P(JsonBytesTest, OfTextAreQuotedAndEscapedAsInPython) {
  EXPECT_EQ(stored("hello"), R"("hello")");
  EXPECT_EQ(stored(""), R"("")");
  EXPECT_EQ(stored(std::string("\0\b\f\n\r\t\x1f\"\\/\x7f", 11)), R"("\u0000\b\f\n\r\t\u001f\"\\/\u007f")");
  EXPECT_EQ(stored("caf\xc3\xa9"), R"("caf\u00e9")");
  EXPECT_EQ(stored("\xe2\x80\xa8"), R"("\u2028")");
  EXPECT_EQ(stored("\xf0\x9f\x98\x80"), R"("\ud83d\ude00")");
  EXPECT_EQ(stored("\xf4\x8f\xbf\xbf"), R"("\udbff\udfff")");
  EXPECT_EQ(stored("42"), R"("42")") << "text is not taken for a number";
}

TEST_P(JsonBytesTest, OfBoolAndNoneAreWords) {
  EXPECT_EQ(stored(true), "true");
  EXPECT_EQ(stored(false), "false");
  EXPECT_EQ(stored(std::nullopt), "null");
}

TEST_P(JsonBytesTest, OfFloatingPointAreSpelledAsInPython) {
  using Limits = std::numeric_limits<double>;
  const std::vector<std::pair<double, std::string>> spelled{
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {100.0, "100.0"},
      {0.1, "0.1"},
      {1.0 / 3, "0.3333333333333333"},
      {123456.789, "123456.789"},
      {1e15, "1000000000000000.0"},
      {9007199254740993.0, "9007199254740992.0"},
      {1e16, "1e+16"},
      {1e22, "1e+22"},
      {1.2345678901234568e+17, "1.2345678901234568e+17"},
      {0.0001, "0.0001"},
      {1e-5, "1e-05"},
      {2.5e-7, "2.5e-07"},
      {1e100, "1e+100"},
      {Limits::max(), "1.7976931348623157e+308"},
      {Limits::denorm_min(), "5e-324"},
      {Limits::quiet_NaN(), "NaN"},
      {Limits::infinity(), "Infinity"},
      {-Limits::infinity(), "-Infinity"},
  };
  for (const auto& [value, text] : spelled) {
    EXPECT_EQ(stored(value), text);
    EXPECT_EQ(stored(std::vector<double>{value}), "[" + text + "]");
  }
}

TEST_P(JsonBytesTest, WrittenByOthersAreRead) {
  raw().set(":1:k", " {\"a\" : [ 1,2 ] ,\r\n\t\"b\":\"\\u00E9\\/\\ud83d\\ude00\", \"c\": 1E3} ");
  const Value value = cache().get<Value>("k").value();
  EXPECT_EQ(value.find("a")->as_list().size(), 2);
  EXPECT_EQ(value.find("b")->as_text(), "\xc3\xa9/\xf0\x9f\x98\x80");
  EXPECT_EQ(value.find("c")->as_float(), 1000.0);
  raw().set(":1:k", "\"unescaped \xc3\xa9\"");
  EXPECT_EQ(cache().get<std::string>("k"), "unescaped \xc3\xa9");
  raw().set(":1:k", "[NaN, Infinity, -Infinity]");
  EXPECT_EQ(cache().get<std::vector<double>>("k").value().size(), 3);
}

TEST_P(PlainBytesTest, OfTextAreTheText) {
  EXPECT_EQ(stored("hello"), "hello");
  EXPECT_EQ(stored(""), "");
  EXPECT_EQ(stored("caf\xc3\xa9 \xff"), "caf\xc3\xa9 \xff");
  EXPECT_EQ(stored("42"), "42");
}

TEST_P(PlainBytesTest, OfBytesAreTheBytes) {
  EXPECT_EQ(stored(Bytes{std::byte{0}, std::byte{255}, std::byte{13}}), std::string("\0\xff\r", 3));
}

TEST_P(PlainBytesTest, AreReadAsWhatIsAskedFor) {
  raw().set(":1:k", "42");
  EXPECT_EQ(cache().get<std::string>("k"), "42");
  EXPECT_EQ(cache().get<int>("k"), 42);
  EXPECT_EQ(cache().get<double>("k"), 42.0);
  EXPECT_EQ(cache().get<Bytes>("k"), (Bytes{std::byte{'4'}, std::byte{'2'}}));
  EXPECT_EQ(cache().get<Value>("k"), Value{42});
}

TEST_P(PlainBytesTest, AskedForAsAValueAreJsonThenTextThenBytes) {
  raw().set(":1:k", "[1, 2]");
  EXPECT_EQ(cache().get<Value>("k"), (Value{Value::List{1, 2}}));
  raw().set(":1:k", "not json \xc3\xa9");
  EXPECT_EQ(cache().get<Value>("k"), Value{"not json \xc3\xa9"});
  raw().set(":1:k", "\xff\xfe");
  EXPECT_EQ(cache().get<Value>("k"), (Value{Bytes{std::byte{0xff}, std::byte{0xfe}}}));
}

}  // namespace
}  // namespace rediscache::test
