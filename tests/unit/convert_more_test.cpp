// Enums, times, variants, sets and tuples become values and come back, alone and inside others.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/convert.hpp>
#include <rediscache/detail/stored.hpp>
#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>

#include "codec/value_codec.hpp"
#include "support/thrown.hpp"
#include "unit/round_trip.hpp"

namespace shop {

enum class Size : std::uint8_t { small = 1, large = 200 };
enum class Offset : std::int16_t { back = -300 };
enum class Side : char { buy = 'B', sell = 'S' };
enum class Huge : std::uint64_t { most = UINT64_MAX };
enum Typed : int { typed_two = 2 };
enum Plain { plain_zero, plain_one };
enum class Flag : bool { off, on };

enum class Mood { good, bad };
static void to_value(rediscache::Value& out, const Mood& mood) {
  out = mood == Mood::good ? "good" : "bad";
}
static void from_value(const rediscache::Value& value, Mood& out) {
  out = value.as_text() == "good" ? Mood::good : Mood::bad;
}
static constexpr rediscache::Value::Kind value_kind(const Mood*) {
  return rediscache::Value::Kind::text;
}

// Nobody says which kind this is stored as.
struct Secretive {
  friend bool operator==(const Secretive&, const Secretive&) = default;
};
static void to_value(rediscache::Value& out, const Secretive&) {
  out = 1;
}
static void from_value(const rediscache::Value&, Secretive&) {}

struct Line {
  Size size{};
  std::chrono::minutes preparation{};
  std::chrono::sys_seconds ordered{};
  std::variant<std::monostate, std::int64_t, std::string> note{};
  std::set<std::string> tags{};
  friend bool operator==(const Line&, const Line&) = default;
};
REDISCACHE_FIELDS(Line, size, preparation, ordered, note, tags)

struct Order {
  Line first{};
  std::vector<Line> others{};
  std::map<std::string, Line> named{};
  std::optional<Line> last{};
  friend bool operator==(const Order&, const Order&) = default;
};
REDISCACHE_FIELDS(Order, first, others, named, last)

}  // namespace shop

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

template <class T>
std::string stored(const T& value, std::string_view serializer = "plain") {
  const detail::Stored<T> held{"k", value};
  std::string scratch;
  return std::string{codec::ValueCodec{make_serializer(serializer)}.encode("k", held.view(), scratch)};
}

template <class T>
T loaded(std::string bytes, std::string_view serializer = "plain") {
  detail::Loaded<T> room;
  codec::ValueCodec{make_serializer(serializer)}.decode("k", std::move(bytes), room.target());
  return room.take("k");
}

template <class T>
std::string decode_reason(std::string bytes) {
  const auto error = thrown_by<DecodeError>([&] { (void)loaded<T>(std::move(bytes)); });
  return error ? error->what() : "";
}

/// As the whole value of a key, with every serializer: bytes as expected, and back.
template <class T>
void expect_stored(const T& value, std::string_view bytes) {
  for (const std::string_view serializer : {"plain", "json"}) {
    EXPECT_EQ(stored(value, serializer), bytes) << serializer;
    EXPECT_TRUE(loaded<T>(std::string{bytes}, serializer) == value) << serializer << ' ' << bytes;
  }
}

TEST(ConvertEnum, IsItsInteger) {
  expect_round_trip(shop::Size::large, 200);
  expect_round_trip(shop::Offset::back, -300);
  expect_round_trip(shop::Side::sell, 'S' + 0);
  expect_round_trip(shop::Huge::most, std::numeric_limits<std::uint64_t>::max());
  expect_round_trip(shop::typed_two, 2);
  expect_round_trip(std::vector<shop::Size>{shop::Size::small}, Value{List{1}});
  EXPECT_EQ(value_from(shop::plain_one), Value{1});
}

TEST(ConvertEnum, AloneIsABareIntegerThatTheServerCountsWith) {
  expect_stored(shop::Size::large, "200");
  expect_stored(shop::Offset::back, "-300");
  expect_stored(shop::Huge::most, "18446744073709551615");
  expect_stored(std::optional{shop::Size::small}, "1");
}

TEST(ConvertEnum, ReadsEveryNumberOfItsType) {
  EXPECT_EQ(static_cast<int>(value_to<shop::Size>(Value{77})), 77) << "no enumerator, but a uint8_t";
  EXPECT_THAT(conversion_error<shop::Size>(Value{256}), HasSubstr("8 unsigned bits"));
  EXPECT_THAT(conversion_error<shop::Size>(Value{-1}), HasSubstr("8 unsigned bits"));
  EXPECT_THAT(conversion_error<shop::Offset>(Value{40000}), HasSubstr("16 signed bits"));
  EXPECT_THAT(conversion_error<shop::Size>(Value{"small"}), HasSubstr("expected integer, found text"));
  EXPECT_THAT(decode_reason<shop::Size>("300"), HasSubstr("8 unsigned bits"));
}

TEST(ConvertEnum, WithConversionsOfItsOwnUsesThem) {
  expect_round_trip(shop::Mood::bad, "bad");
  EXPECT_EQ(stored(shop::Mood::bad, "json"), "\"bad\"");
}

TEST(ConvertEnum, OfSomeKindsIsNone) {
  static_assert(!Storable<std::byte> && !Loadable<std::byte>, "a part of bytes");
  static_assert(!Storable<shop::Flag> && !Loadable<shop::Flag>, "any integer but 0 would read as on");
  static_assert(Storable<shop::Plain> && !Loadable<shop::Plain>, "other values than its own are undefined");
  static_assert(Storable<shop::Typed> && Loadable<shop::Typed>);
  static_assert(!Loadable<std::vector<shop::Plain>>);
}

TEST(ConvertDuration, IsItsCount) {
  expect_round_trip(90s, 90);
  expect_round_trip(-250ms, -250);
  expect_round_trip(std::chrono::duration<std::int8_t>{5}, 5);
  expect_round_trip(std::chrono::duration<double>{0.25}, 0.25);
  expect_round_trip(std::chrono::duration<float, std::milli>{0.5F}, 0.5);
  EXPECT_EQ(value_to<std::chrono::duration<double>>(Value{2}), 2s) << "an integer is a float too";
  EXPECT_THAT(conversion_error<std::chrono::seconds>(Value{1.5}), HasSubstr("expected integer"));
  EXPECT_THAT(conversion_error<std::chrono::duration<std::int8_t>>(Value{200}), HasSubstr("8 signed bits"));
  static_assert(!Storable<std::chrono::duration<long double>> && !Storable<std::chrono::duration<char>>);
}

TEST(ConvertDuration, AloneIsABareIntegerOrAFloat) {
  expect_stored(90s, "90");
  expect_stored(-1ns, "-1");
  expect_stored(std::chrono::duration<double>{0.25}, "0.25");
  expect_stored(std::chrono::duration<double>{2}, "2.0");
  expect_stored(std::optional{5min}, "5");
}

TEST(ConvertTime, IsItsCountSinceTheEpoch) {
  using std::chrono::sys_days;
  using std::chrono::sys_seconds;
  expect_round_trip(sys_seconds{1'700'000'000s}, 1'700'000'000);
  expect_round_trip(sys_days{std::chrono::year{1970} / 1 / 3}, 2);
  expect_round_trip(std::chrono::sys_time<std::chrono::duration<double>>{std::chrono::duration<double>{0.5}},
                    0.5);
  const auto now = std::chrono::system_clock::now();
  expect_stored(now, std::to_string(now.time_since_epoch().count()));
  static_assert(!Storable<std::chrono::steady_clock::time_point>, "means nothing to another process");
}

TEST(ConvertVariant, IsTheAlternativeItHolds) {
  using Any = std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, std::vector<int>,
                           std::map<std::string, int>>;
  expect_round_trip(Any{}, Value{});
  expect_round_trip(Any{true}, true);
  expect_round_trip(Any{std::int64_t{7}}, 7);
  expect_round_trip(Any{7.0}, 7.0);
  expect_round_trip(Any{"text"}, "text");
  expect_round_trip(Any{Bytes{std::byte{1}}}, Bytes{std::byte{1}});
  expect_round_trip(Any{std::vector<int>{1}}, List{1});
  expect_round_trip(Any{std::map<std::string, int>{{"a", 1}}}, (Dict{{"a", 1}}));
}

TEST(ConvertVariant, ComesBackFromEverySerializer) {
  using Mixed = std::variant<std::monostate, bool, std::int64_t, double, std::vector<int>>;
  expect_stored(Mixed{}, "null");
  expect_stored(Mixed{true}, "true");
  expect_stored(Mixed{std::int64_t{7}}, "7");
  expect_stored(Mixed{7.0}, "7.0");
  expect_stored(Mixed{std::vector<int>{1, 2}}, "[1, 2]");
  using Number = std::variant<int, std::string>;
  EXPECT_EQ(stored(Number{"7"}, "json"), "\"7\"");
  EXPECT_EQ(loaded<Number>("\"7\"", "json"), Number{"7"});
  EXPECT_EQ(loaded<Number>(stored(Number{"7"}, "plain"), "plain"), Number{7}) << "as docs/values.md warns";
}

TEST(ConvertVariant, KnowsOwnTypes) {
  using Own = std::variant<shop::Line, shop::Size, shop::Mood>;
  expect_round_trip(Own{shop::Line{}}, value_from(shop::Line{}));
  expect_round_trip(Own{shop::Size::large}, 200);
  expect_round_trip(Own{shop::Mood::bad}, "bad");
  expect_round_trip(std::variant<shop::Secretive>{}, 1);
}

TEST(ConvertVariant, ReadsAnIntegerAsFloatWhenItHasNoIntegers) {
  using Either = std::variant<std::string, double>;
  EXPECT_EQ(value_to<Either>(Value{7}), Either{7.0});
  using Both = std::variant<double, std::int8_t>;
  EXPECT_EQ(value_to<Both>(Value{7}), Both{std::int8_t{7}});
  EXPECT_THAT(conversion_error<Both>(Value{300}), HasSubstr("8 signed bits"))
      << "an integer picks the integer";
}

TEST(ConvertVariant, NamesWhatItCouldHaveBeen) {
  EXPECT_EQ((conversion_error<std::variant<std::monostate, int, std::string>>(Value{1.5})),
            "expected none or integer or text, found floating");
  EXPECT_EQ((conversion_error<std::vector<std::variant<int, std::string>>>(Value{List{1, true}})),
            "element 1: expected integer or text, found boolean");
  EXPECT_THAT((conversion_error<std::variant<std::vector<int>, int>>(Value{List{"x"}})),
              HasSubstr("element 0: expected integer, found text"));
}

TEST(ConvertVariant, WantsAlternativesOfDistinctKinds) {
  using detail::distinct_alternatives;
  static_assert(distinct_alternatives<std::variant<int, double>>);
  static_assert(distinct_alternatives<std::variant<std::optional<int>, std::string>>);
  static_assert(distinct_alternatives<std::variant<std::variant<int, bool>, std::string>>);
  static_assert(!distinct_alternatives<std::variant<int, long>>);
  static_assert(!distinct_alternatives<std::variant<float, double>>);
  static_assert(!distinct_alternatives<std::variant<shop::Size, int>>);
  static_assert(!distinct_alternatives<std::variant<std::chrono::seconds, std::chrono::sys_seconds>>);
  static_assert(!distinct_alternatives<std::variant<std::string, const char*>>);
  static_assert(!distinct_alternatives<std::variant<Bytes, std::array<std::byte, 2>>>);
  static_assert(!distinct_alternatives<std::variant<std::vector<int>, std::pair<int, int>>>);
  static_assert(!distinct_alternatives<std::variant<shop::Line, shop::Order>>);
  static_assert(!distinct_alternatives<std::variant<std::monostate, std::optional<int>>>);
  static_assert(!distinct_alternatives<std::variant<std::variant<int, bool>, bool>>);
  static_assert(!distinct_alternatives<std::variant<int, Value>>);
  static_assert(!distinct_alternatives<std::variant<std::string, shop::Secretive>>);
  static_assert(!Storable<std::variant<int, char>> && !Loadable<std::variant<int, std::string_view>>);
  EXPECT_TRUE((Loadable<std::variant<int, std::string>>));
}

TEST(ConvertSet, IsAList) {
  expect_round_trip(std::set<int>{3, 1, 2}, List{1, 2, 3});
  expect_round_trip(std::set<std::string>{}, List{});
  expect_round_trip(std::unordered_set<std::string>{"a"}, List{"a"});
  expect_round_trip(std::multiset<int>{1, 1}, List{1, 1});
  expect_round_trip(std::set<shop::Size>{shop::Size::large}, List{200});
  EXPECT_EQ(value_to<std::set<int>>(Value{List{2, 2, 1}}), (std::set<int>{1, 2}));
  EXPECT_THAT(conversion_error<std::set<int>>(Value{List{1, "x"}}), HasSubstr("element 1: expected integer"));
  static_assert(!Storable<std::set<char>> && !Storable<std::set<int*>>);
  expect_stored(std::set<int>{2, 1}, "[1, 2]");
}

TEST(ConvertTuple, IsAListOfItsSize) {
  expect_round_trip(std::pair<int, std::string>{1, "a"}, List{1, "a"});
  expect_round_trip(std::tuple<bool, std::optional<int>, shop::Size>{true, {}, shop::Size::small},
                    List{true, nullptr, 1});
  expect_round_trip(std::tuple<>{}, List{});
  expect_round_trip(std::vector<std::pair<int, int>>{{1, 2}},
                    (List{Value{List{1, 2}}}));  // List{List{...}} is a copy to some compilers
  EXPECT_EQ((value_from(std::pair<const char*, std::string_view>{"a", "b"})), (Value{List{"a", "b"}}));
  EXPECT_EQ((conversion_error<std::pair<int, int>>(Value{List{1, 2, 3}})),
            "expected a list of size 2, found 3");
  EXPECT_EQ((conversion_error<std::tuple<int, int>>(Value{List{1, true}})),
            "element 1: expected integer, found boolean");
  static_assert(!Storable<std::pair<int, char>> && !Loadable<std::pair<int, std::string_view>>);
  static_assert(!Loadable<std::tuple<int&>>);
  expect_stored(std::pair<int, double>{1, 2}, "[1, 2.0]");
}

TEST(ConvertArray, IsAListOfItsSize) {
  expect_round_trip(std::array<int, 3>{1, 2, 3}, List{1, 2, 3});
  expect_round_trip(std::array<std::string, 0>{}, List{});
  EXPECT_EQ((conversion_error<std::array<int, 2>>(Value{List{1}})), "expected a list of size 2, found 1");
  EXPECT_THAT((conversion_error<std::array<int, 2>>(Value{List{1, "x"}})),
              HasSubstr("element 1: expected integer"));
  static_assert(!Storable<std::array<char, 2>>);
}

TEST(ConvertArray, OfBytesIsBytes) {
  const Bytes bytes{std::byte{0x41}, std::byte{0xff}};
  expect_round_trip(std::array<std::byte, 2>{bytes[0], bytes[1]}, bytes);
  expect_round_trip(std::array<unsigned char, 2>{0x41, 0xff}, bytes);
  EXPECT_EQ((conversion_error<std::array<std::byte, 3>>(Value{bytes})), "expected bytes of size 3, found 2");
  EXPECT_EQ(stored(std::array<unsigned char, 2>{'4', '2'}), "42");
  EXPECT_EQ((loaded<std::array<unsigned char, 2>>("42")), (std::array<unsigned char, 2>{'4', '2'}))
      << "plain is asked for bytes, not for whatever it finds";
  EXPECT_THAT((decode_reason<std::array<std::byte, 3>>("42")), HasSubstr("of size 3"));
}

TEST(ConvertDict, OfValuesStaysADict) {
  const Dict dict{{"a", 1}, {2, "b"}};
  expect_round_trip(dict, Value{dict});
  expect_stored(Dict{{"a", 1}}, R"({"a": 1})");
  expect_stored(List{1, "a"}, R"([1, "a"])");
}

TEST(ConvertStruct, NestsWithAllOfThem) {
  const shop::Line line{.size = shop::Size::large,
                        .preparation = 20min,
                        .ordered = std::chrono::sys_seconds{1'700'000'000s},
                        .note = "no onions",
                        .tags = {"hot", "vegan"}};
  const Value line_value{Dict{{"size", 200},
                              {"preparation", 20},
                              {"ordered", 1'700'000'000},
                              {"note", "no onions"},
                              {"tags", List{"hot", "vegan"}}}};
  expect_round_trip(line, line_value);
  const shop::Order order{.first = line,
                          .others = {line, {}},
                          .named = {{"x", line}},
                          .last = shop::Line{.note = std::int64_t{7}}};
  for (const std::string_view serializer : {"plain", "json"}) {
    EXPECT_TRUE(loaded<shop::Order>(stored(order, serializer), serializer) == order) << serializer;
  }
  Value broken = value_from(order);
  broken.as_dict()[1].second.as_list()[1].as_dict()[3].second = List{};
  EXPECT_EQ(conversion_error<shop::Order>(broken),
            R"(field "others": element 1: field "note": expected none or integer or text, found list)");
}

TEST(ConvertNone, IsMonostateToo) {
  expect_round_trip(std::monostate{}, Value{});
  expect_stored(std::monostate{}, "null");
  EXPECT_EQ(conversion_error<std::monostate>(Value{1}), "expected none, found integer");
}

TEST(Convert, StillRefusesWhatWouldLoseSomething) {
  static_assert(!Storable<char> && !Storable<wchar_t> && !Storable<char8_t> && !Storable<long double>);
  static_assert(!Storable<int*> && !Storable<std::unique_ptr<int>> && !Storable<std::wstring>);
  static_assert(!Loadable<const char*> && !Loadable<std::string_view> &&
                !Loadable<std::span<const std::byte>>);
  EXPECT_FALSE((Storable<std::vector<char>>));
}

}  // namespace
}  // namespace rediscache::test
