// Values of any kind.
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using Kind = Value::Kind;
using ::testing::HasSubstr;

constexpr auto largest_signed = std::numeric_limits<std::int64_t>::max();
constexpr auto largest_unsigned = std::numeric_limits<std::uint64_t>::max();

TEST(ValueTest, IsOfTheKindItWasSpeltAs) {
  EXPECT_EQ(Value{}.kind(), Kind::none);
  EXPECT_EQ(Value{nullptr}.kind(), Kind::none);
  EXPECT_EQ(Value{std::nullopt}.kind(), Kind::none);
  EXPECT_EQ(Value{true}.kind(), Kind::boolean);
  EXPECT_EQ(Value{1}.kind(), Kind::integer);
  EXPECT_EQ(Value{1U}.kind(), Kind::integer);
  EXPECT_EQ(Value{1L}.kind(), Kind::integer);
  EXPECT_EQ(Value{1ULL}.kind(), Kind::integer);
  EXPECT_EQ(Value{std::int8_t{-1}}.kind(), Kind::integer);
  EXPECT_EQ(Value{std::uint8_t{1}}.kind(), Kind::integer);
  EXPECT_EQ(Value{1.0}.kind(), Kind::floating);
  EXPECT_EQ(Value{1.0F}.kind(), Kind::floating);
  EXPECT_EQ(Value{"x"}.kind(), Kind::text);
  const char* const pointer = "x";
  EXPECT_EQ(Value{pointer}.kind(), Kind::text);
  EXPECT_EQ(Value{std::string{"x"}}.kind(), Kind::text);
  EXPECT_EQ(Value{std::string_view{"x"}}.kind(), Kind::text);
  EXPECT_EQ(Value{Bytes{}}.kind(), Kind::bytes);
  EXPECT_EQ(Value{Value::List{}}.kind(), Kind::list);
  EXPECT_EQ(Value{Value::Dict{}}.kind(), Kind::dict);
}

TEST(ValueTest, TakesNoPointersOrCharactersForBoolsOrIntegers) {
  static_assert(!std::is_constructible_v<Value, const int*>);
  static_assert(!std::is_constructible_v<Value, void*>);
  static_assert(!std::is_constructible_v<Value, char>);
  static_assert(!std::is_constructible_v<Value, wchar_t>);
  static_assert(!std::is_constructible_v<Value, long double>);
  static_assert(!std::is_constructible_v<Value, std::chrono::seconds>);
  EXPECT_TRUE((std::is_constructible_v<Value, std::string_view>));
}

TEST(ValueTest, GivesBackWhatItWasMadeOf) {
  EXPECT_TRUE(Value{true}.as_bool());
  EXPECT_FALSE(Value{false}.as_bool());
  EXPECT_EQ(Value{-5}.as_integer(), -5);
  EXPECT_EQ(Value{largest_signed}.as_integer(), largest_signed);
  EXPECT_EQ(Value{largest_unsigned}.as_unsigned(), largest_unsigned);
  EXPECT_EQ(Value{7}.as_unsigned(), 7U);
  EXPECT_EQ(Value{0.5F}.as_float(), 0.5);
  EXPECT_EQ((Value{std::string_view{"a\0b", 3}}.as_text()), (std::string{"a\0b", 3}));
  EXPECT_EQ(Value{Bytes{std::byte{7}}}.as_bytes(), Bytes{std::byte{7}});
  EXPECT_EQ((Value{Value::List{1, "x"}}.as_list().at(1).as_text()), "x");
  EXPECT_EQ((Value{Value::Dict{{"a", 1}}}.as_dict().at(0).second.as_integer()), 1);
}

TEST(ValueTest, IsUnsignedOnlyWhereItMustBe) {
  EXPECT_FALSE(Value{7U}.needs_unsigned());
  EXPECT_FALSE(Value{static_cast<std::uint64_t>(largest_signed)}.needs_unsigned());
  EXPECT_TRUE(Value{static_cast<std::uint64_t>(largest_signed) + 1}.needs_unsigned());
  EXPECT_EQ(Value{7U}, Value{7}) << "one number, however it was spelt";
  EXPECT_THROW((void)Value{largest_unsigned}.as_integer(), ValueError);
  EXPECT_THROW((void)Value{-1}.as_unsigned(), ValueError);
}

TEST(ValueTest, ReadAsAnotherKindNamesBoth) {
  const auto error = thrown_by<ValueError>([] { (void)Value{"x"}.as_integer(); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "expected integer, found text");
  EXPECT_EQ(error->code(), ErrorCode::wrong_type);
  EXPECT_THROW((void)Value{1}.as_bool(), ValueError);
  EXPECT_THROW((void)Value{true}.as_integer(), ValueError);
  EXPECT_THROW((void)Value{1.0}.as_integer(), ValueError);
  EXPECT_THROW((void)Value{true}.as_unsigned(), ValueError);
  EXPECT_THROW((void)Value{"1.0"}.as_float(), ValueError);
  EXPECT_THROW((void)Value{true}.as_float(), ValueError);
  EXPECT_THROW((void)Value{}.as_text(), ValueError);
  EXPECT_THROW((void)Value{"x"}.as_bytes(), ValueError);
  EXPECT_THROW((void)Value{Value::Dict{}}.as_list(), ValueError);
  EXPECT_THROW((void)Value{Value::List{}}.as_dict(), ValueError);
  EXPECT_THROW((void)Value{Value::List{}}.find("x"), ValueError);
}

TEST(ValueTest, ReadsIntegersAsFloatsWhereNoDigitIsLost) {
  EXPECT_EQ(Value{3}.as_float(), 3.0);
  EXPECT_EQ(Value{std::int64_t{1} << 53U}.as_float(), 9007199254740992.0);
  EXPECT_EQ(Value{std::numeric_limits<std::int64_t>::min()}.as_float(), -9223372036854775808.0);
  EXPECT_EQ(Value{std::uint64_t{1} << 63U}.as_float(), 9223372036854775808.0);
  EXPECT_THROW((void)Value{(std::int64_t{1} << 53U) + 1}.as_float(), ValueError);
  EXPECT_THROW((void)Value{largest_signed}.as_float(), ValueError);
  EXPECT_THROW((void)Value{largest_unsigned}.as_float(), ValueError);
  EXPECT_THROW((void)Value{(std::uint64_t{1} << 63U) + 1}.as_float(), ValueError);
}

TEST(ValueTest, MayBeChangedInPlace) {
  Value value{Value::Dict{{"list", Value::List{1}}, {"text", "a"}, {"bytes", Bytes{}}}};
  value.as_dict()[0].second.as_list().push_back("new");
  value.as_dict()[1].second.as_text() += "b";
  value.as_dict()[2].second.as_bytes().push_back(std::byte{1});
  EXPECT_EQ(
      value,
      (Value{Value::Dict{{"list", Value::List{1, "new"}}, {"text", "ab"}, {"bytes", Bytes{std::byte{1}}}}}));
}

TEST(ValueTest, FindsEntriesUnderTextKeys) {
  const Value value{Value::Dict{{7, "number"}, {Bytes{}, "bytes"}, {"7", "text"}, {"", "empty"}}};
  ASSERT_NE(value.find("7"), nullptr);
  EXPECT_EQ(*value.find("7"), Value{"text"});
  EXPECT_EQ(*value.find(""), Value{"empty"});
  EXPECT_EQ(value.find("x"), nullptr);
}

TEST(ValueTest, EqualsOnlyTheSameKindAndContents) {
  EXPECT_EQ(Value{"x"}, Value{"x"});
  EXPECT_FALSE(Value{1} == Value{1.0});
  EXPECT_FALSE(Value{1} == Value{true});
  EXPECT_FALSE(Value{"1"} == Value{1});
  EXPECT_FALSE(Value{} == Value{false});
  EXPECT_FALSE(Value{""} == Value{Bytes{}});
  EXPECT_FALSE(Value{Value::List{}} == Value{Value::Dict{}});
  EXPECT_FALSE((Value{Value::Dict{{"a", 1}, {"b", 2}}} == Value{Value::Dict{{"b", 2}, {"a", 1}}}))
      << "in order";
  EXPECT_FALSE(Value{std::numeric_limits<double>::quiet_NaN()} ==
               Value{std::numeric_limits<double>::quiet_NaN()});
}

TEST(ValueTest, IsCopiedAndMovedOverEveryOther) {
  const std::string digits(30, '9');
  const std::vector<Value> values{Value{},
                                  Value{true},
                                  Value{-7},
                                  Value{largest_unsigned},
                                  Value{0.5},
                                  Value{std::string(1000, 'x')},
                                  Value{Bytes(1000, std::byte{1})},
                                  Value{Value::List{1, "two", Value::List{3}}},
                                  Value{Value::Dict{{"a", Value::List{1}}}},
                                  Value::tuple({1, "two"}),
                                  Value::set({1, "two"}),
                                  Value::integer_of(digits)};
  for (const Value& before : values) {
    for (const Value& given : values) {
      Value copied = before;
      copied = given;
      EXPECT_EQ(copied, given);
      EXPECT_EQ(copied.kind(), given.kind());
      Value moved = before;
      moved = std::move(copied);
      EXPECT_EQ(moved, given);
      copied = before;
      EXPECT_EQ(copied, before) << "one that was moved from takes another";
    }
  }
}

TEST(ValueTest, KindsHaveNames) {
  EXPECT_EQ(to_string(Kind::none), "none");
  EXPECT_EQ(to_string(Kind::boolean), "boolean");
  EXPECT_EQ(to_string(Kind::integer), "integer");
  EXPECT_EQ(to_string(Kind::floating), "floating");
  EXPECT_EQ(to_string(Kind::text), "text");
  EXPECT_EQ(to_string(Kind::bytes), "bytes");
  EXPECT_EQ(to_string(Kind::list), "list");
  EXPECT_EQ(to_string(Kind::dict), "dict");
}

}  // namespace
}  // namespace rediscache::test
