// The serializers that come with the library, against every kind that can be asked for.
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

Bytes bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span{text});
  return {view.begin(), view.end()};
}

std::string serialized(std::string_view serializer, const ValueView& value) {
  std::string scratch;
  return std::string{make_serializer(serializer)->encode(value, scratch)};
}

/// What `stored` reads as when a T is asked for; nothing when that is refused.
template <class T>
std::optional<T> decoded(std::string_view serializer, std::string stored) {
  T out{};
  try {
    make_serializer(serializer)->decode(std::move(stored), ValueTarget{out});
  } catch (const ValueError&) {
    return std::nullopt;
  }
  return out;
}

TEST(PlainSerializer, StoresTextAndBytesAsTheyAre) {
  const std::string text(100'000, 'x');
  std::string scratch;
  const auto stored = make_serializer("plain")->encode(std::string_view{text}, scratch);
  EXPECT_EQ(stored.data(), text.data()) << "without a copy";
  EXPECT_EQ(stored.size(), text.size());
  EXPECT_EQ(serialized("plain", std::string_view{"null"}), "null");
  EXPECT_EQ(serialized("plain", std::string_view{}), "");
  const Bytes raw = bytes(std::string_view{"\0\xff", 2});
  EXPECT_EQ(serialized("plain", std::span<const std::byte>{raw}), (std::string{"\0\xff", 2}));
}

TEST(PlainSerializer, StoresEverythingElseAsJson) {
  EXPECT_EQ(serialized("plain", ValueView{}), "null");
  EXPECT_EQ(serialized("plain", true), "true");
  EXPECT_EQ(serialized("plain", 1.0), "1.0");
  const Value value{List{1, "x", Dict{{"a", nullptr}}}};
  EXPECT_EQ(serialized("plain", ValueView{value}), R"([1, "x", {"a": null}])");
}

TEST(PlainSerializer, ReadsAsTheKindAskedFor) {
  EXPECT_EQ(decoded<std::string>("plain", "7"), "7");
  EXPECT_EQ(decoded<Bytes>("plain", "7"), bytes("7"));
  EXPECT_EQ(decoded<std::int64_t>("plain", "7"), 7);
  EXPECT_EQ(decoded<std::uint64_t>("plain", "18446744073709551615"),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(decoded<double>("plain", "7"), 7.0);
  EXPECT_EQ(decoded<double>("plain", "1e+16"), 1e16);
  EXPECT_EQ(decoded<double>("plain", "-Infinity"), -HUGE_VAL);
  EXPECT_EQ(decoded<bool>("plain", "true"), true);
  EXPECT_EQ(decoded<bool>("plain", "false"), false);
  EXPECT_EQ(decoded<Value>("plain", "7"), Value{7});
}

TEST(PlainSerializer, ReadsAnyBytesAsTextOrBytes) {
  const std::string any{"\0\xff\r\n", 4};
  EXPECT_EQ(decoded<std::string>("plain", any), any);
  EXPECT_EQ(decoded<Bytes>("plain", any), bytes(any));
  EXPECT_EQ(decoded<std::string>("plain", ""), "");
  EXPECT_EQ(decoded<std::string>("plain", "null"), "null") << "text that was stored, for text was asked for";
  EXPECT_EQ(decoded<Bytes>("plain", "null"), bytes("null"));
}

TEST(PlainSerializer, RefusesWhatIsNotOfTheKindAskedFor) {
  for (const std::string text : {"", "x", "1.5", " 1", "9223372036854775808", "true", "null"}) {
    EXPECT_EQ(decoded<std::int64_t>("plain", text), std::nullopt) << text;
  }
  for (const std::string text : {"", "x", "-1", "18446744073709551616", "1.0"}) {
    EXPECT_EQ(decoded<std::uint64_t>("plain", text), std::nullopt) << text;
  }
  for (const std::string text : {"", "x", "inf", "1x", "true", "null"}) {
    EXPECT_EQ(decoded<double>("plain", text), std::nullopt) << text;
  }
  for (const std::string text : {"", "x", "1", "0", "True", "true ", "null"}) {
    EXPECT_EQ(decoded<bool>("plain", text), std::nullopt) << text;
  }
}

TEST(PlainSerializer, AskedForAnyKindTriesJsonThenTextThenBytes) {
  EXPECT_EQ(decoded<Value>("plain", R"({"a": [1, null]})"), (Value{Dict{{"a", List{1, nullptr}}}}));
  EXPECT_EQ(decoded<Value>("plain", "null"), Value{});
  EXPECT_EQ(decoded<Value>("plain", "true"), Value{true});
  EXPECT_EQ(decoded<Value>("plain", "hello"), Value{"hello"});
  EXPECT_EQ(decoded<Value>("plain", ""), Value{""});
  EXPECT_EQ(decoded<Value>("plain", "[1, 2"), Value{"[1, 2"});
  EXPECT_EQ(decoded<Value>("plain", "na\xc3\xafve"), Value{"na\xc3\xafve"});
  EXPECT_EQ(decoded<Value>("plain", "\xff"), Value{bytes("\xff")});
  EXPECT_EQ(decoded<Value>("plain", "\xed\xa0\x80"), Value{bytes("\xed\xa0\x80")}) << "no UTF-8";
  EXPECT_EQ(decoded<Value>("plain", "99999999999999999999999"), Value::integer_of("99999999999999999999999"));
}

TEST(PlainSerializer, ReadsNoneWhereNoneIsWelcome) {
  std::string text = "before";
  bool is_none = false;
  make_serializer("plain")->decode("null", ValueTarget{text}.or_none(is_none));
  EXPECT_TRUE(is_none);
  is_none = false;
  make_serializer("plain")->decode("nullx", ValueTarget{text}.or_none(is_none));
  EXPECT_FALSE(is_none);
  EXPECT_EQ(text, "nullx");
}

TEST(PlainSerializer, SaysWhatItExpectedAndNotWhatItFound) {
  const auto error = thrown_by<ValueError>([] {
    std::int64_t out = 0;
    make_serializer("plain")->decode("s3cret", ValueTarget{out});
  });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "expected integer, and the 6 bytes stored are not");
}

TEST(JsonSerializer, StoresEveryKindAsPythonsJsonDoes) {
  EXPECT_EQ(serialized("json", ValueView{}), "null");
  EXPECT_EQ(serialized("json", false), "false");
  EXPECT_EQ(serialized("json", -7), "-7");
  EXPECT_EQ(serialized("json", std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(serialized("json", 0.1), "0.1");
  EXPECT_EQ(serialized("json", std::string_view{"h\xc3\xa9"}), R"("h\u00e9")");
  const Value value{Dict{{"a", List{}}}};
  EXPECT_EQ(serialized("json", ValueView{value}), R"({"a": []})");
}

TEST(JsonSerializer, RefusesBytesAndTextThatIsNotUtf8) {
  const Bytes raw = bytes("x");
  EXPECT_THROW((void)serialized("json", std::span<const std::byte>{raw}), ValueError);
  EXPECT_THROW((void)serialized("json", std::string_view{"\xff"}), ValueError);
}

TEST(JsonSerializer, ReadsTheKindThatIsThere) {
  EXPECT_EQ(decoded<Value>("json", R"(["x", 1])"), (Value{List{"x", 1}}));
  EXPECT_EQ(decoded<std::string>("json", R"("x")"), "x");
  EXPECT_EQ(decoded<bool>("json", "true"), true);
  EXPECT_EQ(decoded<double>("json", "1.5"), 1.5);
  EXPECT_EQ(decoded<double>("json", "2"), 2.0);
  EXPECT_EQ(decoded<std::int64_t>("json", "-2"), -2);
  EXPECT_EQ(decoded<std::uint64_t>("json", "2"), 2U);
}

TEST(JsonSerializer, RefusesAnyOtherKind) {
  EXPECT_EQ(decoded<std::string>("json", "7"), std::nullopt);
  EXPECT_EQ(decoded<std::string>("json", "hello"), std::nullopt);
  EXPECT_EQ(decoded<std::string>("json", "null"), std::nullopt);
  EXPECT_EQ(decoded<std::int64_t>("json", "\"7\""), std::nullopt);
  EXPECT_EQ(decoded<std::int64_t>("json", "1.0"), std::nullopt);
  EXPECT_EQ(decoded<std::int64_t>("json", "18446744073709551615"), std::nullopt);
  EXPECT_EQ(decoded<std::uint64_t>("json", "-1"), std::nullopt);
  EXPECT_EQ(decoded<double>("json", "9007199254740993"), std::nullopt) << "a digit would be lost";
  EXPECT_EQ(decoded<double>("json", "\"1\""), std::nullopt);
  EXPECT_EQ(decoded<bool>("json", "1"), std::nullopt);
  EXPECT_EQ(decoded<Bytes>("json", "\"x\""), std::nullopt);
  EXPECT_EQ(decoded<Value>("json", ""), std::nullopt);
}

TEST(ValueTargets, ConvertWhatIsPutOrRefuseIt) {
  std::int64_t integer = 0;
  ValueTarget{integer}.put_unsigned(7);
  EXPECT_EQ(integer, 7);
  EXPECT_THROW(ValueTarget{integer}.put_unsigned(std::numeric_limits<std::uint64_t>::max()), ValueError);
  EXPECT_THROW(ValueTarget{integer}.put_float(1.0), ValueError);
  EXPECT_THROW(ValueTarget{integer}.put_bool(true), ValueError);
  EXPECT_THROW(ValueTarget{integer}.put_text("7"), ValueError);
  EXPECT_THROW(ValueTarget{integer}.put_bytes(bytes("7")), ValueError);
  EXPECT_THROW(ValueTarget{integer}.put_none(), ValueError);
  EXPECT_EQ(integer, 7) << "and leave what was there";
  std::uint64_t natural = 0;
  ValueTarget{natural}.put_integer(7);
  EXPECT_EQ(natural, 7U);
  EXPECT_THROW(ValueTarget{natural}.put_integer(-7), ValueError);
  double floating = 0;
  ValueTarget{floating}.put_integer(7);
  EXPECT_EQ(floating, 7.0);
  Value any;
  ValueTarget{any}.put_bytes(bytes("x"));
  EXPECT_EQ(any, Value{bytes("x")});
  ValueTarget{any}.put_none();
  EXPECT_TRUE(any.is_none());
}

TEST(ValueTargets, NameWhatWasAskedForAndWhatWasFound) {
  std::string text;
  const auto error = thrown_by<ValueError>([&] { ValueTarget{text}.put_integer(7); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "expected text, found integer");
}

TEST(ValueTargets, KnowWhetherNoneIsWelcome) {
  Value any;
  std::string text;
  bool is_none = false;
  EXPECT_TRUE(ValueTarget{any}.takes_none());
  EXPECT_FALSE(ValueTarget{text}.takes_none());
  EXPECT_TRUE(ValueTarget{text}.or_none(is_none).takes_none());
  ValueTarget{text}.or_none(is_none).put(Value{});
  EXPECT_TRUE(is_none);
  EXPECT_EQ(text, "");
}

TEST(ValueViews, ShowValuesAsTheirOwnKind) {
  using Kind = ValueView::Kind;
  EXPECT_EQ(ValueView{Value{}}.kind(), Kind::none);
  EXPECT_EQ(ValueView{Value{true}}.kind(), Kind::boolean);
  EXPECT_EQ(ValueView{Value{7}}.integer(), 7);
  EXPECT_EQ(ValueView{Value{std::numeric_limits<std::uint64_t>::max()}}.kind(), Kind::unsigned_integer);
  EXPECT_EQ(ValueView{7U}.kind(), Kind::integer);
  EXPECT_EQ(ValueView{0.5F}.floating(), 0.5);
  const Value text{"x"};
  EXPECT_EQ(ValueView{text}.text(), "x");
  const Value list{List{1}};
  EXPECT_EQ(&ValueView{list}.structured(), &list);
  const Value bytes{Bytes{std::byte{7}}};
  EXPECT_EQ(ValueView{bytes}.bytes().data(), bytes.as_bytes().data());
  const auto error = thrown_by<ValueError>([] { (void)ValueView{7}.text(); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "asked a value for its kind text, and it is integer");
}

TEST(ValueTargets, OfBytesTakeAValueThatIsBytes) {
  Bytes out;
  ValueTarget{out}.put(Value{Bytes{std::byte{7}}});
  EXPECT_EQ(out, Bytes{std::byte{7}});
}

TEST(Serializers, AreFoundByName) {
  EXPECT_FALSE(make_serializer("plain")->self_describing());
  EXPECT_TRUE(make_serializer("json")->self_describing());
  const auto error = thrown_by<InvalidOptions>([] { (void)make_serializer("jso"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("\"jso\" is not a known serializer"));
  EXPECT_THAT(error->what(), HasSubstr("Did you mean \"json\"?"));
}

TEST(Serializers, OfOnesOwnAreFoundByName) {
  const auto mine = make_serializer("json");
  register_serializer("serializer_test", [mine] { return mine; });
  EXPECT_EQ(make_serializer("serializer_test"), mine);
}

}  // namespace
}  // namespace rediscache::test
