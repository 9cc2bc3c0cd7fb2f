// JSON as Python's json.dumps writes it. The golden strings are Python's own output.
#include "codec/json_writer.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

std::string json(const Value& value) {
  std::string out;
  codec::write_json(out, value);
  return out;
}

TEST(JsonWriter, WritesScalars) {
  EXPECT_EQ(json({}), "null");
  EXPECT_EQ(json(true), "true");
  EXPECT_EQ(json(false), "false");
  EXPECT_EQ(json(0), "0");
  EXPECT_EQ(json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(json(1.0), "1.0");
  EXPECT_EQ(json(1e16), "1e+16");
  EXPECT_EQ(json(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(json(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(JsonWriter, SeparatesAsPythonDoes) {
  EXPECT_EQ(json(List{}), "[]");
  EXPECT_EQ(json(Dict{}), "{}");
  EXPECT_EQ(json(List{1, 2, "x"}), R"([1, 2, "x"])");
  EXPECT_EQ(json(Dict{{"a", 1}, {"b", List{}}}), R"({"a": 1, "b": []})");
}

TEST(JsonWriter, WritesWhatIsNested) {
  const Value value = Dict{{"user", Dict{{"name", "Zo\xc3\xab"}, {"tags", List{"a", nullptr, true}}}},
                           {"scores", List{List{1, 2.5}, List{}, Dict{}}}};
  EXPECT_EQ(json(value),
            R"({"user": {"name": "Zo\u00eb", "tags": ["a", null, true]}, "scores": [[1, 2.5], [], {}]})");
}

TEST(JsonWriter, KeepsTheOrderOfADict) {
  EXPECT_EQ(json(Dict{{"z", 1}, {"a", 2}, {"m", 3}}), R"({"z": 1, "a": 2, "m": 3})");
}

TEST(JsonWriter, EscapesAsPythonDoes) {
  EXPECT_EQ(json("\"\\/\b\f\n\r\t"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(json(std::string{"\0\x01\x0b\x1f"s}), R"("\u0000\u0001\u000b\u001f")");
  EXPECT_EQ(json(" ~'<>&"), R"(" ~'<>&")");
  EXPECT_EQ(json("~\x7f"), R"("~\u007f")") << "DEL is ASCII, and Python escapes it all the same";
}

TEST(JsonWriter, EscapesAllBeyondAscii) {
  EXPECT_EQ(json("\xc2\x80\xc3\xa9\xe2\x82\xac\xef\xbf\xbf"), R"("\u0080\u00e9\u20ac\uffff")");
  EXPECT_EQ(json("\xe2\x80\xa8"), R"("\u2028")");
}

TEST(JsonWriter, WritesAstralCharactersAsSurrogatePairs) {
  EXPECT_EQ(json("\xf0\x9f\x98\x80"), R"("\ud83d\ude00")");
  EXPECT_EQ(json("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), R"("\ud800\udc00\udbff\udfff")");
}

TEST(JsonWriter, WritesLoneSurrogatesAsPythonDoes) {
  EXPECT_EQ(json("\xed\xa0\x80"), R"("\ud800")");
  EXPECT_EQ(json("a\xed\xbf\xbf"), R"("a\udfff")");
}

TEST(JsonWriter, MakesTextOfKeysAsPythonDoes) {
  EXPECT_EQ(json(Dict{{nullptr, 1}, {true, 2}, {false, 3}, {7, 4}, {-1.5, 5}, {1e16, 6}}),
            R"({"null": 1, "true": 2, "false": 3, "7": 4, "-1.5": 5, "1e+16": 6})");
  EXPECT_EQ(json(Dict{{std::numeric_limits<double>::quiet_NaN(), 1}}), R"({"NaN": 1})");
  EXPECT_EQ(json(Dict{{"\xc3\xa9\"", 1}}), R"({"\u00e9\"": 1})");
}

TEST(JsonWriter, RefusesKeysThatPythonRefuses) {
  EXPECT_THROW((void)json(Dict{{List{1}, 1}}), ValueError);
  EXPECT_THROW((void)json(Dict{{Dict{}, 1}}), ValueError);
  const auto error = thrown_by<ValueError>([] { (void)json(Dict{{Bytes{std::byte{1}}, 1}}); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("bytes"));
}

TEST(JsonWriter, RefusesBytesAnywhere) {
  EXPECT_THROW((void)json(Bytes{}), ValueError);
  EXPECT_THROW((void)json(List{1, Bytes{std::byte{1}}}), ValueError);
}

TEST(JsonWriter, RefusesTextThatIsNotUtf8) {
  for (const std::string_view text : {"\xff", "a\xc3", "\xc0\x80", "\xf5\x80\x80\x80"}) {
    const auto error = thrown_by<ValueError>([&] { (void)json(text); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("UTF-8"));
  }
}

Value nested(int levels) {
  Value value = 1;
  for (int i = 0; i < levels; ++i) {
    value = i % 2 == 0 ? Value{List{std::move(value)}} : Value{Dict{{"k", std::move(value)}}};
  }
  return value;
}

TEST(JsonWriter, BoundsNesting) {
  EXPECT_NO_THROW((void)json(nested(1000)));
  const auto error = thrown_by<ValueError>([] { (void)json(nested(1001)); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("1000"));
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "x";
  codec::write_json(out, 1);
  codec::write_json_string(out, "y");
  EXPECT_EQ(out, "x1\"y\"");
}

}  // namespace
}  // namespace rediscache::test
