// Between values and what is stored.
#include "codec/value_codec.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/detail/stored.hpp>
#include <rediscache/error.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using codec::ValueCodec;
using ::testing::HasSubstr;
using ::testing::Not;

ValueCodec codec_of(std::string_view serializer) {
  return ValueCodec{make_serializer(serializer)};
}

std::string encoded(std::string_view serializer, const ValueView& value) {
  std::string scratch = "left over";
  return std::string{codec_of(serializer).encode("key", value, scratch)};
}

/// What a get<T> does with stored bytes.
template <class T>
T loaded(std::string_view serializer, std::string stored) {
  detail::Loaded<T> loaded;
  codec_of(serializer).decode("some key", std::move(stored), loaded.target());
  return loaded.take("some key");
}

TEST(ValueCodecTest, StoresIntegersAsBareTextWhateverTheSerializer) {
  for (const std::string_view serializer : {"plain", "json"}) {
    EXPECT_EQ(encoded(serializer, 0), "0");
    EXPECT_EQ(encoded(serializer, -42), "-42");
    EXPECT_EQ(encoded(serializer, std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(encoded(serializer, std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
    EXPECT_EQ(encoded(serializer, std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    const Value value{7};
    EXPECT_EQ(encoded(serializer, ValueView{value}), "7");
  }
}

TEST(ValueCodecTest, LeavesEverythingElseToTheSerializer) {
  EXPECT_EQ(encoded("json", std::string_view{"x"}), "\"x\"");
  EXPECT_EQ(encoded("plain", std::string_view{"x"}), "x");
  EXPECT_EQ(encoded("json", true), "true");
  EXPECT_EQ(encoded("json", 1.0), "1.0");
  EXPECT_EQ(encoded("json", ValueView{}), "null");
}

TEST(ValueCodecTest, ReadsBareIntegersWhateverTheSerializer) {
  for (const std::string_view serializer : {"plain", "json"}) {
    EXPECT_EQ(loaded<std::int64_t>(serializer, "-9223372036854775808"),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(loaded<std::uint64_t>(serializer, "18446744073709551615"),
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(loaded<int>(serializer, "7"), 7);
    EXPECT_EQ(loaded<double>(serializer, "7"), 7.0);
    EXPECT_EQ(loaded<Value>(serializer, "7"), Value{7});
    EXPECT_EQ(loaded<std::optional<int>>(serializer, "7"), 7);
    EXPECT_EQ(loaded<std::optional<int>>(serializer, "null"), std::nullopt);
  }
}

TEST(ValueCodecTest, OfASerializerThatTellsKindsABareNumberIsAnIntegerWhateverWasAskedFor) {
  EXPECT_THROW((void)loaded<std::string>("json", "7"), DecodeError);
  EXPECT_EQ(loaded<std::string>("plain", "7"), "7");
  EXPECT_THROW((void)loaded<Bytes>("json", "7"), DecodeError);
  EXPECT_EQ(loaded<Bytes>("plain", "7"), Bytes{std::byte{'7'}});
}

TEST(ValueCodecTest, RefusesIntegersThatDoNotFitTheType) {
  for (const std::string_view serializer : {"plain", "json"}) {
    EXPECT_EQ(loaded<std::uint8_t>(serializer, "255"), 255);
    EXPECT_THROW((void)loaded<std::uint8_t>(serializer, "256"), DecodeError);
    EXPECT_THROW((void)loaded<std::int8_t>(serializer, "-129"), DecodeError);
    EXPECT_THROW((void)loaded<unsigned>(serializer, "-1"), DecodeError);
    EXPECT_THROW((void)loaded<std::int64_t>(serializer, "9223372036854775808"), DecodeError);
  }
}

TEST(ValueCodecTest, NamesTheKeyOfAValueThatDoesNotEncode) {
  const Value value{Value::List{"s3cret", Bytes{std::byte{1}}}};
  std::string scratch;
  const auto error =
      thrown_by<EncodeError>([&] { (void)codec_of("json").encode("some\nkey", ValueView{value}, scratch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "some\nkey");
  EXPECT_THAT(error->what(), HasSubstr(R"(key "some\x0akey": )"));
  EXPECT_THAT(error->what(), Not(HasSubstr("s3cret")));
}

template <class T>
std::string codec_error(std::string_view serializer, std::string stored) {
  const auto error = thrown_by<DecodeError>([&] { (void)loaded<T>(serializer, std::move(stored)); });
  return error ? error->what() : "";
}

TEST(ValueCodecTest, NamesTheKeyOfBytesThatDoNotDecode) {
  EXPECT_EQ(codec_error<int>("plain", "s3cret"),
            "key \"some key\": expected integer, and the 6 bytes stored are not");
  EXPECT_EQ(codec_error<std::vector<int>>("json", R"(["s3cret"])"),
            "key \"some key\": element 0: expected integer, found text");
  EXPECT_THAT(codec_error<std::string>("json", "s3cret"), HasSubstr("key \"some key\": not JSON"));
}

TEST(ValueCodecTest, NeverShowsTheValueInAnError) {
  const std::string number = "31415926535";
  const std::string larger = "18446744073709551557";
  const std::string huge = "314159265358979323846264338327";
  for (const std::string_view serializer : {"plain", "json"}) {
    EXPECT_THAT(codec_error<std::int8_t>(serializer, number), Not(HasSubstr(number)));
    EXPECT_THAT(codec_error<unsigned>(serializer, "-" + number), Not(HasSubstr(number)));
    EXPECT_THAT(codec_error<std::int64_t>(serializer, larger), Not(HasSubstr(larger)));
    EXPECT_THAT(codec_error<std::vector<int>>(serializer, "[" + number + "]"), Not(HasSubstr(number)));
    EXPECT_THAT(codec_error<std::vector<std::int64_t>>(serializer, "[" + larger + "]"),
                Not(HasSubstr(larger)));
    EXPECT_THAT(codec_error<std::vector<int>>(serializer, "[" + huge + "]"),
                Not(HasSubstr(huge.substr(0, 20))));
  }
}

TEST(ValueCodecTest, BuildsOneValueAfterTheOtherInTheSameScratch) {
  const ValueCodec codec = codec_of("json");
  std::string scratch;
  EXPECT_EQ(codec.encode("a", std::string_view{"first"}, scratch), "\"first\"");
  EXPECT_EQ(codec.encode("b", 1, scratch), "1");
  EXPECT_EQ(codec.encode("c", 0.5, scratch), "0.5");
  EXPECT_EQ(codec.encode("d", true, scratch), "true");
  EXPECT_EQ(codec.encode("e", std::string_view{"x"}, scratch), "\"x\"");
}

}  // namespace
}  // namespace rediscache::test
