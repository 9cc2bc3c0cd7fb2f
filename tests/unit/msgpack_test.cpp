// MessagePack that is refused, and forms that Python does not write. Python's bytes are in tests/golden.
#include <limits>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

#include "codec/msgpack_reader.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using codec::read_msgpack;
using namespace std::string_view_literals;
using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

std::string msgpack_error(std::string_view bytes) {
  const auto error = thrown_by<ValueError>([&] { (void)read_msgpack(bytes); });
  return error ? error->what() : "(nothing)";
}

std::string msgpack_of(const Value& value) {
  std::string scratch;
  return std::string{make_serializer("msgpack")->encode(ValueView{value}, scratch)};
}

TEST(Msgpack, ReadsLongerFormsThanNeeded) {
  EXPECT_EQ(read_msgpack("\xcf\0\0\0\0\0\0\0\x07"sv), Value{7});
  EXPECT_EQ(read_msgpack("\xd3\xff\xff\xff\xff\xff\xff\xff\xff"sv), Value{-1});
  EXPECT_EQ(read_msgpack("\xca\x3f\x80\0\0"sv), Value{1.0});
  EXPECT_EQ(read_msgpack("\xdb\0\0\0\x01"
                         "a"sv),
            Value{"a"});
  EXPECT_EQ(read_msgpack("\xdf\0\0\0\x01\x01\xdd\0\0\0\0"sv), (Value{Dict{{1, List{}}}}));
}

TEST(Msgpack, RefusesWhatIsNone) {
  EXPECT_THAT(msgpack_error(""), HasSubstr("ends too early"));
  EXPECT_THAT(msgpack_error("\xc0\xc0"), HasSubstr("more follows"));
  EXPECT_THAT(msgpack_error("\xc1"), HasSubstr("does not exist"));
  EXPECT_THAT(msgpack_error("\xd4\x01\x02"), HasSubstr("extension"));
  EXPECT_THAT(msgpack_error("\xa1\xff"), HasSubstr("UTF-8"));
  EXPECT_THAT(msgpack_error("\xa3\xed\xa0\x80"), HasSubstr("UTF-8"));
}

TEST(Msgpack, BelievesNoClaimedLength) {
  EXPECT_THAT(msgpack_error("\xdd\xff\xff\xff\xff\xc0"), HasSubstr("ends too early"));
  EXPECT_THAT(msgpack_error("\xc6\xff\xff\xff\xff\x01"), HasSubstr("ends too early"));
  EXPECT_THAT(msgpack_error("\xdf\xff\xff\xff\xff\xc0\xc0"), HasSubstr("ends too early"));
}

TEST(Msgpack, RefusesToNestTooDeep) {
  EXPECT_THAT(msgpack_error(std::string(1001, '\x91') + '\xc0'), HasSubstr("deeper than 1000"));
  EXPECT_EQ(read_msgpack(std::string(1000, '\x91') + '\xc0').kind(), Value::Kind::list);
}

TEST(Msgpack, LetsTheLastOfRepeatedKeysWin) {
  EXPECT_EQ(read_msgpack("\x83\x01\x02\x03\x04\x01\x05"), (Value{Dict{{1, 5}, {3, 4}}}));
  std::string many = "\xde";
  many += '\0';
  many += '\x28';
  for (char i = 0; i < 40; ++i) {
    many += std::string{static_cast<char>(i % 20), i};
  }
  ASSERT_EQ(read_msgpack(many).as_dict().size(), 20);
  EXPECT_EQ(read_msgpack(many).as_dict().front().second, Value{20});
}

TEST(Msgpack, KnowsAKeyInEachOfItsSpellings) {
  using namespace std::string_literals;
  EXPECT_EQ(read_msgpack("\x83\x07\x01\xcc\x07\x02\xce\x00\x00\x00\x07\x03"s), (Value{Dict{{7, 3}}}));
  EXPECT_EQ(read_msgpack("\x82\xa1k\x01\xd9\x01k\x02"), (Value{Dict{{"k", 2}}}));
}

TEST(Msgpack, RefusesKeysWithoutAHash) {
  EXPECT_THAT(msgpack_error("\x81\x90\x01"), HasSubstr("a list or a dict as a key"));
  EXPECT_THAT(msgpack_error("\x81\x80\x01"), HasSubstr("a list or a dict as a key"));
}

TEST(Msgpack, RefusesToWriteWhatItHasNot) {
  EXPECT_THROW((void)msgpack_of(Value::set({})), ValueError);
  EXPECT_THROW((void)msgpack_of(List{Value::integer_of("18446744073709551616")}), ValueError);
  EXPECT_THROW((void)msgpack_of("\xed\xa0\x80"), ValueError);
  EXPECT_EQ(msgpack_of(std::numeric_limits<std::uint64_t>::max()), "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
}

}  // namespace
}  // namespace rediscache::test
