// Own types become values and come back.
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>

#include "unit/round_trip.hpp"

namespace shop {

struct Price {
  std::int64_t cents = 0;
  std::string currency{};
  friend bool operator==(const Price&, const Price&) = default;
};
REDISCACHE_FIELDS(Price, cents, currency)

struct Item {
  std::string name{};
  Price price{};
  std::vector<std::string> tags{};
  std::optional<int> stock{};
  std::map<std::string, double> ratings{};
  friend bool operator==(const Item&, const Item&) = default;
};
REDISCACHE_FIELDS(Item, name, price, tags, stock, ratings)

enum class Colour { red, green };
void to_value(rediscache::Value& out, const Colour& colour) {
  out = colour == Colour::red ? "red" : "green";
}
void from_value(const rediscache::Value& value, Colour& out) {
  out = value.as_text() == "red" ? Colour::red : Colour::green;
}

struct Opaque {};

}  // namespace shop

namespace rediscache::test {
namespace {

using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

TEST(Convert, TakesScalarsBothWays) {
  expect_round_trip(true, true);
  expect_round_trip(-5, -5);
  expect_round_trip(std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::uint64_t>::max());
  expect_round_trip(std::int8_t{-128}, -128);
  expect_round_trip(0.5F, 0.5);
  expect_round_trip(0.1, 0.1);
  expect_round_trip(std::string{"x"}, "x");
  expect_round_trip(Value{List{1}}, Value{List{1}});
}

TEST(Convert, TakesTextInEverySpelling) {
  EXPECT_EQ(value_from("literal"), Value{"literal"});
  EXPECT_EQ(value_from(std::string_view{"view"}), Value{"view"});
  const char* const pointer = "pointer";
  EXPECT_EQ(value_from(pointer), Value{"pointer"});
}

TEST(Convert, TakesBytesInEverySpelling) {
  const Value bytes{Bytes{std::byte{0}, std::byte{255}}};
  expect_round_trip(Bytes{std::byte{0}, std::byte{255}}, bytes);
  expect_round_trip(std::vector<unsigned char>{0, 255}, bytes);
  expect_round_trip(std::vector<unsigned char>{}, Value{Bytes{}});
  const std::vector<std::byte> owner{std::byte{0}, std::byte{255}};
  EXPECT_EQ(value_from(std::span<const std::byte>{owner}), bytes);
}

TEST(Convert, TakesOptionalsBothWays) {
  expect_round_trip(std::optional<int>{7}, 7);
  expect_round_trip(std::optional<int>{}, Value{});
  expect_round_trip(std::optional<std::string>{""}, "");
  EXPECT_EQ(value_from(std::nullopt), Value{});
}

TEST(Convert, TakesSequencesBothWays) {
  expect_round_trip(std::vector<int>{1, 2}, Value{List{1, 2}});
  expect_round_trip(std::vector<int>{}, Value{List{}});
  expect_round_trip(std::deque<std::string>{"a"}, Value{List{"a"}});
  expect_round_trip(std::list<double>{0.5}, Value{List{0.5}});
  expect_round_trip(std::vector<bool>{true, false}, Value{List{true, false}});
  expect_round_trip(std::vector<std::vector<int>>{{1}, {}}, (Value{List{List{1}, List{}}}));
  expect_round_trip(std::vector<std::optional<int>>{1, std::nullopt}, Value{List{1, nullptr}});
}

TEST(Convert, TakesMapsWithTextKeysBothWays) {
  expect_round_trip(std::map<std::string, int>{{"a", 1}, {"b", 2}}, (Value{Dict{{"a", 1}, {"b", 2}}}));
  expect_round_trip(std::unordered_map<std::string, std::vector<int>>{{"a", {1}}},
                    (Value{Dict{{"a", List{1}}}}));
}

TEST(Convert, TakesMapsWithIntegerKeysBothWaysAndFromText) {
  const std::map<int, std::string> map{{-1, "a"}, {7, "b"}};
  expect_round_trip(map, (Value{Dict{{-1, "a"}, {7, "b"}}}));
  EXPECT_EQ((value_to<std::map<int, std::string>>(Value{Dict{{"-1", "a"}, {"7", "b"}}})), map)
      << "as JSON has them";
  const std::map<std::uint64_t, int> large{{std::numeric_limits<std::uint64_t>::max(), 1}};
  EXPECT_EQ((value_to<std::map<std::uint64_t, int>>(Value{Dict{{"18446744073709551615", 1}}})), large);
  EXPECT_THAT((conversion_error<std::map<int, int>>(Value{Dict{{"x", 1}}})),
              HasSubstr("expected an integer as key"));
  EXPECT_THROW((void)(value_to<std::map<std::int8_t, int>>(Value{Dict{{"300", 1}}})), ValueError);
  EXPECT_THROW((void)(value_to<std::map<std::string, int>>(Value{Dict{{1, 1}}})), ValueError);
}

TEST(Convert, TakesOwnTypesWithConversionsOfTheirOwn) {
  expect_round_trip(shop::Colour::green, "green");
  expect_round_trip(std::vector<shop::Colour>{shop::Colour::red}, Value{List{"red"}});
}

TEST(Convert, KnowsWhatHasNoConversion) {
  static_assert(Storable<shop::Item> && Loadable<shop::Item>);
  static_assert(Storable<std::map<std::string, std::vector<shop::Price>>>);
  static_assert(Storable<std::string_view> && !Loadable<std::string_view>);
  static_assert(Storable<const char*> && !Loadable<const char*>);
  static_assert(!Storable<shop::Opaque> && !Loadable<shop::Opaque>);
  static_assert(!Storable<std::vector<shop::Opaque>> && !Loadable<std::map<std::string, shop::Opaque>>);
  static_assert(!Storable<char> && !Storable<int*> && !Storable<long double>);
  EXPECT_TRUE((Loadable<std::optional<shop::Item>>));
}

const shop::Item lamp{.name = "lamp",
                      .price = {.cents = 1250, .currency = "EUR"},
                      .tags = {"new"},
                      .stock = 3,
                      .ratings = {{"me", 4.5}}};

Dict lamp_dict() {
  return {{"name", "lamp"},
          {"price", Dict{{"cents", 1250}, {"currency", "EUR"}}},
          {"tags", List{"new"}},
          {"stock", 3},
          {"ratings", Dict{{"me", 4.5}}}};
}

TEST(Fields, MakeADictInTheirOrder) {
  expect_round_trip(lamp, Value{lamp_dict()});
}

TEST(Fields, ThatAreOptionalMayBeMissingOrNone) {
  shop::Item without = lamp;
  without.stock.reset();
  Dict dict = lamp_dict();
  dict[3].second = Value{};
  EXPECT_EQ(value_to<shop::Item>(Value{dict}), without);
  dict.erase(dict.begin() + 3);
  EXPECT_EQ(value_to<shop::Item>(Value{dict}), without);
}

TEST(Fields, ThatNobodyKnowsAreIgnored) {
  Dict dict = lamp_dict();
  dict.emplace_back("colour", "red");
  dict.emplace_back(7, "not even a text key");
  EXPECT_EQ(value_to<shop::Item>(Value{dict}), lamp);
}

TEST(Fields, ThatAreMissingAreNamed) {
  Dict dict = lamp_dict();
  dict.erase(dict.begin());
  EXPECT_EQ(conversion_error<shop::Item>(Value{dict}), "the field \"name\" is missing");
}

TEST(Fields, ThatDoNotFitAreNamedWithTheWayToThem) {
  Dict dict = lamp_dict();
  dict[1].second.as_dict()[0].second = "much";
  EXPECT_EQ(conversion_error<shop::Item>(Value{dict}),
            R"(field "price": field "cents": expected integer, found text)");
  dict = lamp_dict();
  dict[2].second = List{"a", "b", 3};
  EXPECT_EQ(conversion_error<shop::Item>(Value{dict}),
            R"(field "tags": element 2: expected text, found integer)");
  EXPECT_EQ(conversion_error<std::vector<shop::Item>>(Value{List{Value{lamp_dict()}, Dict{}}}),
            R"(element 1: the field "name" is missing)");
  EXPECT_EQ((conversion_error<std::map<int, int>>(Value{Dict{{7, "x"}}})),
            R"(field "7": expected integer, found text)");
}

TEST(Convert, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(value_to<std::int8_t>(Value{127}), 127);
  EXPECT_EQ(value_to<std::uint8_t>(Value{255}), 255);
  EXPECT_THAT(conversion_error<std::int8_t>(Value{128}), HasSubstr("8 signed bits"));
  EXPECT_THAT(conversion_error<std::int8_t>(Value{-129}), HasSubstr("8 signed bits"));
  EXPECT_THAT(conversion_error<std::uint8_t>(Value{256}), HasSubstr("8 unsigned bits"));
  EXPECT_THAT(conversion_error<std::uint32_t>(Value{-1}), HasSubstr("32 unsigned bits"));
  EXPECT_THAT(conversion_error<std::int64_t>(Value{std::numeric_limits<std::uint64_t>::max()}),
              HasSubstr("64 signed bits"));
  EXPECT_THAT(conversion_error<std::uint64_t>(Value{-1}), HasSubstr("64 unsigned bits"));
}

TEST(Convert, RefusesValuesOfAnotherKind) {
  EXPECT_THAT(conversion_error<int>(Value{1.0}), HasSubstr("expected integer, found floating"));
  EXPECT_THAT(conversion_error<int>(Value{true}), HasSubstr("found boolean"));
  EXPECT_THAT(conversion_error<bool>(Value{1}), HasSubstr("expected boolean"));
  EXPECT_THAT(conversion_error<double>(Value{"1.5"}), HasSubstr("expected floating"));
  EXPECT_THAT(conversion_error<std::string>(Value{}), HasSubstr("expected text, found none"));
  EXPECT_THAT(conversion_error<std::vector<int>>(Value{Dict{}}), HasSubstr("expected list"));
  EXPECT_THAT((conversion_error<std::map<std::string, int>>(Value{List{}})), HasSubstr("expected dict"));
  EXPECT_THAT(conversion_error<shop::Price>(Value{7}), HasSubstr("expected dict"));
  EXPECT_THAT(conversion_error<std::vector<unsigned char>>(Value{7}), HasSubstr("expected bytes"));
}

}  // namespace
}  // namespace rediscache::test
