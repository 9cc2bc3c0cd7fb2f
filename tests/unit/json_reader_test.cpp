// JSON as Python's json.loads reads it.
#include "codec/json_reader.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>

#include "codec/json_writer.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::string_literals;
using codec::read_json;
using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

std::string json_error(std::string_view text) {
  const auto error = thrown_by<ValueError>([&] { (void)read_json(text); });
  return error ? error->what() : "";
}

TEST(JsonReader, ReadsScalars) {
  EXPECT_EQ(read_json("null"), Value{});
  EXPECT_EQ(read_json("true"), Value{true});
  EXPECT_EQ(read_json("false"), Value{false});
  EXPECT_EQ(read_json("0"), Value{0});
  EXPECT_EQ(read_json("-0"), Value{0});
  EXPECT_EQ(read_json("-17"), Value{-17});
  EXPECT_EQ(read_json("1.0"), Value{1.0});
  EXPECT_EQ(read_json("-0.5"), Value{-0.5});
  EXPECT_EQ(read_json("0.0"), Value{0.0});
  EXPECT_EQ(read_json("1e3"), Value{1000.0});
  EXPECT_EQ(read_json("1E+3"), Value{1000.0});
  EXPECT_EQ(read_json("25e-1"), Value{2.5});
  EXPECT_EQ(read_json("\"\""), Value{""});
  EXPECT_EQ(read_json("\"text\""), Value{"text"});
}

TEST(JsonReader, TellsIntegersFromFloats) {
  EXPECT_EQ(read_json("1").kind(), Value::Kind::integer);
  EXPECT_EQ(read_json("1.0").kind(), Value::Kind::floating);
  EXPECT_EQ(read_json("1e0").kind(), Value::Kind::floating);
}

TEST(JsonReader, ReadsIntegersOfSixtyFourBits) {
  EXPECT_EQ(read_json("9223372036854775807"), Value{std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(read_json("-9223372036854775808"), Value{std::numeric_limits<std::int64_t>::min()});
  EXPECT_EQ(read_json("9223372036854775808"), Value{std::uint64_t{1} << 63U});
  EXPECT_EQ(read_json("18446744073709551615"), Value{std::numeric_limits<std::uint64_t>::max()});
}

TEST(JsonReader, ReadsIntegersOfMore) {
  for (const std::string_view text :
       {"18446744073709551616", "-9223372036854775809", "1000000000000000000000"}) {
    EXPECT_EQ(read_json(text), Value::integer_of(text));
    EXPECT_EQ(read_json(text).kind(), Value::Kind::big_integer);
  }
}

TEST(JsonReader, RefusesIntegersThatPythonMakesNoTextOf) {
  EXPECT_EQ(read_json(std::string(4300, '9')).as_digits(), std::string(4300, '9'));
  EXPECT_THAT(json_error("[1, " + std::string(4301, '9') + "]"), HasSubstr("4300 digits at byte 4"));
}

TEST(JsonReader, ReadsWhatPythonWritesBeyondTheStandard) {
  EXPECT_TRUE(std::isnan(read_json("NaN").as_float()));
  EXPECT_EQ(read_json("[Infinity, -Infinity]"), (Value{List{HUGE_VAL, -HUGE_VAL}}));
  EXPECT_EQ(read_json("1e400"), Value{HUGE_VAL});
}

TEST(JsonReader, ReadsListsAndDicts) {
  EXPECT_EQ(read_json("[]"), Value{List{}});
  EXPECT_EQ(read_json("{}"), Value{Dict{}});
  EXPECT_EQ(read_json(R"([1, [2, []], {"a": null}])"),
            (Value{List{1, List{2, List{}}, Dict{{"a", nullptr}}}}));
  EXPECT_EQ(read_json(R"({"z": 1, "a": {"b": [true]}})"),
            (Value{Dict{{"z", 1}, {"a", Dict{{"b", List{true}}}}}}));
}

TEST(JsonReader, TakesSpaceWhereJsonAllowsIt) {
  EXPECT_EQ(read_json(" \t\r\n[ 1 ,\n2 ]\n "), (Value{List{1, 2}}));
  EXPECT_EQ(read_json("{ \"a\" : 1 , \"b\" : [ ] , \"c\" : { } }"),
            (Value{Dict{{"a", 1}, {"b", List{}}, {"c", Dict{}}}}));
  EXPECT_THROW((void)read_json("\v1"), ValueError);
  EXPECT_THROW((void)read_json("\xc2\xa0"
                               "1"),
               ValueError);
}

TEST(JsonReader, ReadsEveryEscape) {
  EXPECT_EQ(read_json(R"("\"\\\/\b\f\n\r\t")"), Value{"\"\\/\b\f\n\r\t"});
  EXPECT_EQ(read_json(R"("\u0000\u001f\u0041\u00e9\u20AC\uffff")"),
            Value{"\0\x1f"
                  "A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf"s});
  EXPECT_EQ(read_json(R"("\ud83d\ude00\uDBFF\uDFFF")"), Value{"\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf"});
}

TEST(JsonReader, ReadsLoneSurrogatesAsPythonDoes) {
  EXPECT_EQ(read_json(R"("\ud800")"), Value{"\xed\xa0\x80"});
  EXPECT_EQ(read_json(R"("\udc00x")"), Value{"\xed\xb0\x80x"});
  EXPECT_EQ(read_json(R"("\ud800\u0041")"), Value{"\xed\xa0\x80"
                                                  "A"});
  EXPECT_EQ(read_json(R"("\ud800\ud83d\ude00")"), Value{"\xed\xa0\x80\xf0\x9f\x98\x80"});
  EXPECT_EQ(read_json(R"("\ud800\n")"), Value{"\xed\xa0\x80\n"});
}

TEST(JsonReader, ReadsPlainUtf8) {
  EXPECT_EQ(read_json("\"na\xc3\xafve \xf0\x9f\x98\x80\x7f\""), Value{"na\xc3\xafve \xf0\x9f\x98\x80\x7f"});
}

TEST(JsonReader, RefusesTextThatIsNotUtf8OrHasControlCharacters) {
  EXPECT_THAT(json_error("\"\xff\""), HasSubstr("not UTF-8"));
  EXPECT_THAT(json_error("\"\xc3\""), HasSubstr("not UTF-8"));
  EXPECT_THAT(json_error("\"\xed\xa0\x80\""), HasSubstr("not UTF-8"));
  EXPECT_THAT(json_error("\"a\nb\""), HasSubstr("control character"));
  EXPECT_THAT(json_error("\"a\0b\""s), HasSubstr("control character"));
}

TEST(JsonReader, RefusesWhatIsNoJson) {
  for (const std::string_view text : {"",
                                      " ",
                                      "x",
                                      "nul",
                                      "nulll",
                                      "True",
                                      "None",
                                      "'a'",
                                      "01",
                                      "-01",
                                      "00",
                                      "-",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "1.e3",
                                      "1e",
                                      "1e+",
                                      "0x10",
                                      "--1",
                                      "-x",
                                      "1 2",
                                      "[1,]",
                                      "[,]",
                                      "[1 2]",
                                      "[",
                                      "]",
                                      "[1}",
                                      "{",
                                      "}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{1:1}",
                                      "{\"a\" 1}",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\":1]",
                                      "\"",
                                      "\"a",
                                      "\"\\\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"\\ud800\\u12\"",
                                      "\"\\u-123\"",
                                      "\"\\u+123\"",
                                      "nan",
                                      "Inf",
                                      "-NaN",
                                      "1,",
                                      "[1],",
                                      "{}{}",
                                      "//c\n1",
                                      "\xef\xbb\xbf"
                                      "1"}) {
    EXPECT_THROW((void)read_json(text), ValueError) << text;
  }
}

TEST(JsonReader, TellsWhereItWentWrong) {
  EXPECT_EQ(json_error("[1, x]"), "not JSON: expected a value at byte 4");
  EXPECT_EQ(json_error("[1, 2"), "not JSON: the text ends too early at byte 5");
  EXPECT_EQ(json_error("1 2"), "not JSON: more follows the value at byte 2");
  EXPECT_EQ(json_error("{\"a\" 1}"), "not JSON: expected \":\" at byte 5");
  EXPECT_EQ(json_error("\"ab\\q\""), "not JSON: an unknown escape at byte 4");
  EXPECT_EQ(json_error(""), "not JSON: the text ends too early at byte 0");
}

TEST(JsonReader, OfAKeyThatOccursTwiceTakesTheLastValueInTheFirstPlace) {
  EXPECT_EQ(read_json(R"({"a": 1, "b": 2, "a": 3})"), (Value{Dict{{"a", 3}, {"b", 2}}}));
}

TEST(JsonReader, OfManyKeysTakesTheLastValueInTheFirstPlaceToo) {
  for (const int keys : {15, 16, 17, 100}) {
    std::string text = "{";
    Dict expected;
    for (int i = 0; i < keys; ++i) {
      text += "\"k" + std::to_string(i) + "\": " + std::to_string(i) + ", ";
      expected.emplace_back("k" + std::to_string(i), i);
    }
    text += R"("k0": "first", "k14": "late", "new": 1, "new": 2})";
    expected[0].second = "first";
    expected[14].second = "late";
    expected.emplace_back("new", 2);
    EXPECT_EQ(read_json(text), Value{expected}) << keys;
  }
}

TEST(JsonReader, ReadsADictOfManyKeysInOrder) {
  std::string text = "{\"\": 0";
  for (int i = 1; i < 20'000; ++i) {
    text += ",\"" + std::to_string(i) + "\":" + std::to_string(i);
  }
  const Value value = read_json(text + "}");
  ASSERT_EQ(value.as_dict().size(), 20'000U);
  EXPECT_EQ(value.as_dict()[19'999].first, Value{"19999"});
  EXPECT_EQ(*value.find("12345"), Value{12345});
}

std::string brackets(std::size_t levels, std::string_view inner) {
  return std::string(levels, '[') + std::string{inner} + std::string(levels, ']');
}

TEST(JsonReader, BoundsNesting) {
  EXPECT_NO_THROW((void)read_json(brackets(1000, "1")));
  EXPECT_THAT(json_error(brackets(1001, "1")), HasSubstr("deeper than 1000"));
  EXPECT_THAT(json_error(brackets(1002, "")), HasSubstr("deeper than 1000"));
  EXPECT_THAT(json_error(std::string(1'000'000, '[')), HasSubstr("deeper than 1000"));
  std::string dicts;
  for (int i = 0; i < 1002; ++i) {
    dicts += "{\"a\":";
  }
  EXPECT_THAT(json_error(dicts), HasSubstr("deeper than 1000"));
}

std::vector<Value> everything() {
  return {{},
          true,
          -1,
          std::numeric_limits<std::uint64_t>::max(),
          0.1,
          -0.0,
          1e-5,
          5e-324,
          HUGE_VAL,
          "",
          "\"\\/\b\f\n\r\t\x01\x7f \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80",
          List{},
          Dict{},
          List{1, List{}, Dict{{"", nullptr}, {"k\xc3\xab", List{false, "x", 2.5}}}},
          Dict{{"b", 1}, {"a", Dict{{"c", List{List{List{}}}}}}}};
}

TEST(JsonReader, ReadsBackAllThatTheWriterWrites) {
  for (const Value& value : everything()) {
    std::string text;
    codec::write_json(text, value);
    EXPECT_EQ(read_json(text), value) << text;
  }
}

TEST(JsonReader, RefusesEveryTextCutShort) {
  std::string text;
  codec::write_json(text, Value{List(everything())});
  ASSERT_NO_THROW((void)read_json(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_THROW((void)read_json(std::string_view{text}.substr(0, length)), ValueError)
        << text.substr(0, length);
  }
}

}  // namespace
}  // namespace rediscache::test
