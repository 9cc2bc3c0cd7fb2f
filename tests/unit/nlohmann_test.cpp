// Types of nlohmann::json as cache values.
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <rediscache/nlohmann.hpp>
#include <rediscache/rediscache.hpp>

#include "codec/value_codec.hpp"
#include "support/thrown.hpp"
#include "unit/round_trip.hpp"

namespace json_shop {

struct User {
  std::string name{};
  int age = 0;
  std::vector<std::string> tags{};
  friend bool operator==(const User&, const User&) = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(User, name, age, tags)

class Account {
 public:
  Account() = default;
  explicit Account(int balance) : balance_{balance} {}
  friend bool operator==(const Account&, const Account&) = default;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Account, balance_)

 private:
  int balance_ = 0;
};

struct WriteOnly {};
static void to_json(nlohmann::json& json, const WriteOnly&) {
  json = "written";
}

struct Unwilling {};
static void to_json(nlohmann::json& json, const Unwilling&) {
  json = "text";
  json["key"] = 1;  // throws: text has no keys
}

// Both ways lead to a value; ours is taken.
struct Both {
  int field = 0;
  friend bool operator==(const Both&, const Both&) = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Both, field)
static void to_value(rediscache::Value& out, const Both& both) {
  out = both.field;
}
static void from_value(const rediscache::Value& value, Both& out) {
  out.field = rediscache::value_to<int>(value);
}

enum class Colour { red, green };
NLOHMANN_JSON_SERIALIZE_ENUM(Colour, {{Colour::red, "red"}, {Colour::green, "green"}})

struct Team {
  User lead{};
  std::map<std::string, User> members{};
  nlohmann::json extra{};
  friend bool operator==(const Team&, const Team&) = default;
};
REDISCACHE_FIELDS(Team, lead, members, extra)

static constexpr rediscache::Value::Kind value_kind(const User*) {
  return rediscache::Value::Kind::dict;
}

struct Opaque {};

}  // namespace json_shop

namespace rediscache::test {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

template <class T>
std::string stored(const T& value) {
  const detail::Stored<T> held{"k", value};
  std::string scratch;
  return std::string{codec::ValueCodec{make_serializer("json")}.encode("k", held.view(), scratch)};
}

template <class T>
T loaded(std::string bytes) {
  detail::Loaded<T> room;
  codec::ValueCodec{make_serializer("json")}.decode("k", std::move(bytes), room.target());
  return room.take("k");
}

TEST(Nlohmann, TypesAreValues) {
  expect_round_trip(json_shop::User{"Ann", 33, {"a", "b"}},
                    Dict{{"age", 33}, {"name", "Ann"}, {"tags", List{"a", "b"}}});
  expect_round_trip(json_shop::Account{-5}, (Dict{{"balance_", -5}}));
  EXPECT_EQ(value_from(json_shop::WriteOnly{}), Value{"written"});
  static_assert(Storable<json_shop::WriteOnly> && !Loadable<json_shop::WriteOnly>);
}

TEST(Nlohmann, TypesGoThroughACache) {
  const json_shop::User ann{"Ann", 33, {}};
  EXPECT_EQ(stored(ann), R"({"age": 33, "name": "Ann", "tags": []})");
  EXPECT_EQ(loaded<json_shop::User>(stored(ann)), ann);
  EXPECT_EQ(loaded<std::optional<json_shop::User>>(stored(std::optional{ann})), ann);
  static_assert(requires(Cache& cache, const json_shop::User& user, const json& value) {
    cache.set("k", user);
    cache.set("k", value, std::chrono::seconds{5});
    { cache.get<json_shop::User>("k") } -> std::same_as<std::optional<json_shop::User>>;
    { cache.get("k", user) } -> std::same_as<json_shop::User>;
    { cache.get("k", value) } -> std::same_as<json>;
    { cache.get_or_set("k", value) } -> std::same_as<json>;
    cache.get_many<ordered_json>({"a", "b"});
    cache.set_many(std::map<std::string, json>{});
  });
}

TEST(Nlohmann, TypesNestInOursAndInContainers) {
  const json_shop::Team team{
      .lead = {"Ann", 33, {}}, .members = {{"bob", {"Bob", 4, {"x"}}}}, .extra = json{{"a", 1}}};
  EXPECT_TRUE(loaded<json_shop::Team>(stored(team)) == team);
  expect_round_trip(std::vector<json_shop::Account>{json_shop::Account{1}}, (List{Dict{{"balance_", 1}}}));
  using Either = std::variant<std::string, json_shop::User>;
  EXPECT_EQ(loaded<Either>(stored(Either{json_shop::User{}})), Either{json_shop::User{}});
  static_assert(!detail::distinct_alternatives<std::variant<int, json_shop::Account>>, "could be anything");
}

TEST(Nlohmann, LeavesWhatIsKnownWithoutIt) {
  expect_round_trip(json_shop::Both{7}, 7);
  expect_round_trip(json_shop::Colour::green, 1);
  expect_round_trip(std::vector<unsigned char>{1}, Bytes{std::byte{1}});
  expect_round_trip(std::map<int, std::string>{{1, "a"}}, (Dict{{1, "a"}}));
  static_assert(!Storable<char> && !Storable<wchar_t> && !Storable<long double> && !Storable<int*>);
  static_assert(!Storable<std::vector<char>> && !Storable<std::pair<int, char>> &&
                !Storable<json_shop::Opaque>);
  static_assert(!Loadable<std::string_view> && !Loadable<const char*> && !Loadable<json_shop::Opaque>);
  static_assert(!detail::TextLike<json> && !TimeoutLike<json>);
}

template <class Json>
class NlohmannJsonTest : public ::testing::Test {};
using BothJsons = ::testing::Types<json, ordered_json>;
TYPED_TEST_SUITE(NlohmannJsonTest, BothJsons, );

TYPED_TEST(NlohmannJsonTest, IsAValueOfEveryKind) {
  using Json = TypeParam;
  expect_round_trip(Json(nullptr), Value{});
  expect_round_trip(Json(true), true);
  expect_round_trip(Json(-7), -7);
  expect_round_trip(Json(7), 7);
  expect_round_trip(Json(std::numeric_limits<std::uint64_t>::max()),
                    std::numeric_limits<std::uint64_t>::max());
  expect_round_trip(Json(1.0), 1.0);
  expect_round_trip(Json("text"), "text");
  expect_round_trip(Json::binary({0, 255}), Bytes{std::byte{0}, std::byte{255}});
  expect_round_trip(Json::array({1, "a", nullptr}), List{1, "a", nullptr});
  expect_round_trip(Json::object({{"a", Json::array()}, {"b", Json::object()}}),
                    (Dict{{"a", List{}}, {"b", Dict{}}}));
  EXPECT_TRUE(value_to<Json>(Value{7}).is_number_unsigned()) << "as nlohmann's parser has it";
}

TYPED_TEST(NlohmannJsonTest, TellsAFloatFromAnInteger) {
  using Json = TypeParam;
  EXPECT_EQ(stored(Json(2.0)), "2.0");
  EXPECT_EQ(stored(Json(2)), "2");
  EXPECT_TRUE(loaded<Json>("2.0").is_number_float());
  EXPECT_TRUE(loaded<Json>("2").is_number_integer());
}

TYPED_TEST(NlohmannJsonTest, TakesIntegerKeysAsText) {
  using Json = TypeParam;
  EXPECT_EQ((value_to<Json>(Value{Dict{{1, "a"}, {UINT64_MAX, "b"}, {-1, "c"}}})).size(), 3U);
  EXPECT_EQ((value_to<Json>(Value{Dict{{-1, "a"}}})), Json::object({{"-1", "a"}}));
  EXPECT_EQ((value_to<Json>(Value{Dict{{UINT64_MAX, "a"}}})), Json::object({{"18446744073709551615", "a"}}));
  EXPECT_THAT((conversion_error<Json>(Value{Dict{{1.5, "a"}}})), HasSubstr("expected text, found floating"));
}

TYPED_TEST(NlohmannJsonTest, RefusesWhatAValueCannotHold) {
  using Json = TypeParam;
  EXPECT_THROW((void)value_from(Json::binary({1}, 7)), ValueError) << "a subtype";
  EXPECT_THROW((void)value_from(Json(Json::value_t::discarded)), ValueError);
}

TEST(Nlohmann, OrderedJsonKeepsItsOrder) {
  const ordered_json value{{"z", 1}, {"a", 2}, {"m", 3}};
  EXPECT_EQ(stored(value), R"({"z": 1, "a": 2, "m": 3})");
  EXPECT_EQ(loaded<ordered_json>(stored(value)).dump(), R"({"z":1,"a":2,"m":3})");
  EXPECT_EQ(stored(json(value)), R"({"a": 2, "m": 3, "z": 1})");
}

TEST(Nlohmann, ExceptionsAreOurs) {
  EXPECT_THAT(conversion_error<json_shop::User>(Value{Dict{{"name", "Ann"}}}), HasSubstr("'age' not found"));
  EXPECT_THAT(conversion_error<json_shop::User>(Value{7}), HasSubstr("type_error"));
  EXPECT_THAT(conversion_error<std::vector<json_shop::User>>(Value{List{7}}), HasSubstr("element 0: "));
  EXPECT_THROW((void)value_from(json_shop::Unwilling{}), ValueError);
  RedisCache cache{{.location = {"unix:///nonexistent/redis.sock"}}};
  const auto refused = thrown_by<EncodeError>([&] { cache.set("shelf", json_shop::Unwilling{}); });
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->key(), "shelf");
  const auto error = thrown_by<DecodeError>([] { (void)loaded<json_shop::User>("{}"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "k");
}

}  // namespace
}  // namespace rediscache::test
