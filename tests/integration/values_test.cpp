// Values of every type come back as they went in.
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "integration/cache_test.hpp"

namespace shop {

struct Address {
  std::string street;
  std::optional<int> number;

  friend bool operator==(const Address&, const Address&) = default;
};
REDISCACHE_FIELDS(Address, street, number)

struct User {
  std::string name;
  int age = 0;
  double balance = 0;
  bool active = false;
  std::vector<std::string> tags;
  std::map<std::string, Address> addresses;

  friend bool operator==(const User&, const User&) = default;
};
REDISCACHE_FIELDS(User, name, age, balance, active, tags, addresses)

}  // namespace shop

namespace rediscache::test {
namespace {

class ValuesTest : public CacheTest {
 protected:
  template <class T>
  void expect_to_come_back(const T& value) {
    SCOPED_TRACE(::testing::PrintToString(value).substr(0, 100));
    ASSERT_TRUE(cache().set("k", value));
    const std::optional<T> found = cache().get<T>("k");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(*found, value);
  }
};
REDISCACHE_TEST_EVERY_SETUP(ValuesTest);

class PlainValuesTest : public ValuesTest {};
REDISCACHE_TEST_EVERY_TRANSPORT(PlainValuesTest, "plain");

class JsonValuesTest : public ValuesTest {};
REDISCACHE_TEST_EVERY_TRANSPORT(JsonValuesTest, "json");

Bytes every_byte() {
  Bytes bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<std::byte>(i));
  }
  return bytes;
}

TEST_P(ValuesTest, OfTextComeBack) {
  for (const std::string& text :
       {std::string{}, std::string{"hello"}, std::string("a\0b", 3), std::string{"\r\n\t\b\f\x1f\x7f"},
        std::string{"\"quoted\\\" /slash"}, std::string{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        std::string{"42"}, std::string{"-1"}, std::string{"1.0"}, std::string{"null"}, std::string{"true"},
        std::string{"{}"}, std::string{"$-1\r\n"}}) {
    expect_to_come_back(text);
  }
}

TEST_P(ValuesTest, OfEveryKindOfTextAreStoredAlike) {
  const std::string owned = "text";
  const char* const pointer = "text";
  cache().set("a", owned);
  cache().set("b", pointer);
  cache().set("c", std::string_view{owned});
  cache().set("d", "text");
  for (const char* key : {"a", "b", "c", "d"}) {
    EXPECT_EQ(raw().get(cache().make_key(key)), is_json() ? "\"text\"" : "text");
    EXPECT_EQ(cache().get(key, ""), "text");
  }
}

TEST_P(ValuesTest, OfMegabytesComeBack) {
  for (const std::size_t size : std::initializer_list<std::size_t>{16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1,
                                                                   1024 * 1024, 5 * 1024 * 1024}) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
      text[i] = static_cast<char>('a' + i % 26);
    }
    ASSERT_TRUE(cache().set("k", text));
    EXPECT_TRUE(cache().get<std::string>("k") == text) << size;
    EXPECT_EQ(raw().integer({"STRLEN", ":1:k"}), static_cast<std::int64_t>(is_json() ? size + 2 : size));
  }
}

TEST_P(PlainValuesTest, OfAnyBytesComeBack) {
  expect_to_come_back(every_byte());
  expect_to_come_back(Bytes{});
  expect_to_come_back(std::vector<unsigned char>{0, 255, 10, 13});
  std::string text;
  for (const std::byte byte : every_byte()) {
    text.push_back(static_cast<char>(byte));
  }
  expect_to_come_back(text);
  EXPECT_EQ(raw().get(":1:k"), text);
}

TEST_P(JsonValuesTest, ThatAreNoTextAreRefusedAndChangeNothing) {
  cache().set("k", "old");
  const auto bytes = thrown_by<EncodeError>([&] { cache().set("k", every_byte()); });
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->key(), "k");
  EXPECT_EQ(bytes->code(), ErrorCode::encode);
  EXPECT_TRUE(thrown_by<EncodeError>([&] { cache().set("k", "no \xff UTF-8"); }));
  EXPECT_TRUE(thrown_by<EncodeError>([&] { cache().add("k", std::vector<Bytes>{every_byte()}); }));
  EXPECT_EQ(cache().get<std::string>("k"), "old");
}

TEST_P(ValuesTest, OfBoolComeBack) {
  expect_to_come_back(true);
  expect_to_come_back(false);
}

TEST_P(ValuesTest, OfFloatingPointComeBackExactly) {
  using Limits = std::numeric_limits<double>;
  for (const double value : {0.0, 1.0, -1.5, 0.1, 1.0 / 3, 1e16, 1e-5, 1e300, 123456789.123, Limits::max(),
                             Limits::min(), Limits::denorm_min(), -Limits::max()}) {
    expect_to_come_back(value);
  }
  cache().set("k", -0.0);
  EXPECT_TRUE(std::signbit(cache().get<double>("k").value()));
  cache().set("k", 0.1F);
  EXPECT_EQ(cache().get<float>("k"), 0.1F);
}

TEST_P(ValuesTest, OfFloatingPointMayBeNoNumber) {
  const double infinity = std::numeric_limits<double>::infinity();
  expect_to_come_back(infinity);
  expect_to_come_back(-infinity);
  cache().set("k", std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(std::isnan(cache().get<double>("k").value()));
  cache().set("k", std::vector<double>{infinity, -infinity, std::numeric_limits<double>::quiet_NaN()});
  const auto list = cache().get<std::vector<double>>("k").value();
  ASSERT_EQ(list.size(), 3);
  EXPECT_EQ(list[0], infinity);
  EXPECT_EQ(list[1], -infinity);
  EXPECT_TRUE(std::isnan(list[2]));
}

TEST_P(ValuesTest, OfOptionalTypesComeBack) {
  expect_to_come_back(std::optional<int>{42});
  expect_to_come_back(std::optional<int>{});
  expect_to_come_back(std::optional<std::string>{"text"});
  expect_to_come_back(std::optional<double>{1.5});
  expect_to_come_back(std::vector<std::optional<int>>{1, std::nullopt, 3});
}

TEST_P(ValuesTest, ThatAreNoneAreThereAllTheSame) {
  EXPECT_TRUE(cache().set("k", std::nullopt));
  EXPECT_TRUE(cache().has_key("k"));
  const auto found = cache().get<std::optional<int>>("k");
  ASSERT_TRUE(found) << "the entry is there";
  EXPECT_FALSE(*found) << "and holds none";
}

TEST_P(ValuesTest, OfContainersComeBack) {
  expect_to_come_back(std::vector<int>{});
  expect_to_come_back(std::vector<int>{1, -2, 3});
  expect_to_come_back(std::vector<std::string>{"a", "", "c\n"});
  expect_to_come_back(std::vector<std::vector<bool>>{{true, false}, {}});
  expect_to_come_back(std::map<std::string, int>{});
  expect_to_come_back(std::map<std::string, int>{{"a", 1}, {"", 2}, {"\xc3\xa9", 3}});
  expect_to_come_back(std::map<int, std::string>{{-1, "minus"}, {7, "seven"}});
  expect_to_come_back(
      std::map<std::string, std::map<std::string, std::vector<double>>>{{"a", {{"b", {1.5}}}}});
}

TEST_P(ValuesTest, OfOwnStructsComeBack) {
  const shop::User user{.name = "Zo\xc3\xab",
                        .age = 33,
                        .balance = 12.5,
                        .active = true,
                        .tags = {"a", "b"},
                        .addresses = {{"home", {"Main St", 5}}, {"work", {"Side St", std::nullopt}}}};
  ASSERT_TRUE(cache().set("k", user));
  EXPECT_TRUE(cache().get<shop::User>("k") == user);
  EXPECT_EQ(cache().get_many<shop::User>({"k"}).at("k").addresses.at("home").number, 5);
}

TEST_P(ValuesTest, OfKindValueComeBack) {
  const Value value{Value::Dict{{"list", Value::List{1, 2.5, true, nullptr, "text"}},
                                {"dict", Value::Dict{{"inner", Value::List{}}}},
                                {"big", std::numeric_limits<std::uint64_t>::max()}}};
  cache().set("k", value);
  EXPECT_TRUE(cache().get<Value>("k") == value);
}

TEST_P(ValuesTest, NestDeeply) {
  Value nested{1};
  for (int i = 0; i < 100; ++i) {
    nested = Value{Value::List{std::move(nested)}};
  }
  cache().set("k", nested);
  EXPECT_TRUE(cache().get<Value>("k") == nested);
}

}  // namespace
}  // namespace rediscache::test
