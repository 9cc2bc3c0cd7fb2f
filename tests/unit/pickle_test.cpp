// Pickles that are refused, and those that no Python of today writes. What Python does write, and we byte for
// byte, is in tests/golden.
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

#include "codec/pickle_reader.hpp"
#include "codec/value_codec.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using codec::read_pickle;
using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

std::string pickle_error(std::string_view pickle) {
  const auto error = thrown_by<ValueError>([&] { (void)read_pickle(pickle); });
  return error ? error->what() : "(nothing)";
}

std::string pickle_of(const Value& value) {
  std::string scratch;
  return std::string{make_serializer("pickle")->encode(ValueView{value}, scratch)};
}

TEST(Pickle, NamesTheClassThatItNeeds) {
  EXPECT_THAT(pickle_error("cdjango.utils.timezone\nX\n."), HasSubstr("django.utils.timezone.X"));
  EXPECT_THAT(pickle_error("(ishop.models\nOrder\n."), HasSubstr("shop.models.Order"));
  EXPECT_THAT(pickle_error("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R."), HasSubstr("os.system"));
  EXPECT_THAT(pickle_error("ccopy_reg\n_reconstructor\n(cshop.models\nOrder\n"),
              HasSubstr("shop.models.Order"));
  EXPECT_THAT(pickle_error("cbuiltins\nfrozenset\n."), HasSubstr("builtins.frozenset"));
  EXPECT_THAT(pickle_error("ca\x01\nb\n."), HasSubstr(R"("a\x01.b")"));
}

TEST(Pickle, NamesItBesideTheKeyInACache) {
  const codec::ValueCodec codec{make_serializer("pickle")};
  Value value;
  const auto error =
      thrown_by<DecodeError>([&] { codec.decode("the key", "cdecimal\nDecimal\n.", ValueTarget{value}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "the key");
  EXPECT_THAT(error->what(), HasSubstr("decimal.Decimal"));
}

TEST(Pickle, CallsNothingEvenOfWhatItKnows) {
  EXPECT_THAT(pickle_error("cbuiltins\nset\n)\x81."), HasSubstr("builds an object"));
  EXPECT_THAT(pickle_error("cbuiltins\nset\nNb."), HasSubstr("builds an object"));
  EXPECT_THAT(pickle_error("cbuiltins\nset\n]R."), HasSubstr("cannot be called"));
}

TEST(Pickle, TakesSetsAndBytesAsOldProtocolsSpellThem) {
  EXPECT_EQ(read_pickle("c__builtin__\nset\n((lK\x01"
                        "atR."),
            Value::set({1}));
  EXPECT_EQ(read_pickle("c_codecs\nencode\n(V\xff\nVlatin1\ntR."), Value{Bytes{std::byte{0xff}}});
  EXPECT_THAT(pickle_error("c__builtin__\nset\n(K\x01tR."), HasSubstr("it calls builtins.set as"));
  EXPECT_THAT(pickle_error("c_codecs\nencode\n(Va\nVutf8\ntR."), HasSubstr("_codecs.encode"));
  EXPECT_THAT(pickle_error("c__builtin__\nbytes\n."), HasSubstr("which is no value"));
}

TEST(Pickle, RefusesWhatIsInsideItself) {
  EXPECT_THAT(pickle_error("]q\x01h\x01"
                           "a."),
              HasSubstr("inside itself"));
}

TEST(Pickle, CopiesWhatIsSharedUpToALimit) {
  EXPECT_EQ(read_pickle("(]q\x01K\x07"
                        "ah\x01t."),
            Value::tuple({List{7}, List{7}}));
  std::string laughs = "]q";
  laughs += '\0';
  for (char i = 0; i < 60; ++i) {
    laughs += std::string{"](h"} + i + 'h' + i + "eq" + static_cast<char>(i + 1);
  }
  EXPECT_THAT(pickle_error(laughs + '.'), HasSubstr("more than one value"));
  EXPECT_THAT(pickle_error("(" + laughs + "t."), HasSubstr("too often"));
}

TEST(Pickle, BelievesNoClaimedLength) {
  EXPECT_THAT(pickle_error("X\xff\xff\xff\x7f"
                           "abc."),
              HasSubstr("ends too early"));
  EXPECT_THAT(pickle_error(std::string{"\x8e\0\0\0\0\0\0\0\x80.", 10}), HasSubstr("ends too early"));
  EXPECT_THAT(pickle_error("Nr\xff\xff\xff\x7f."), HasSubstr("no pickler would use"));
  EXPECT_THAT(pickle_error("\x8b\xff\xff\xff\xff."), HasSubstr("negative length"));
}

TEST(Pickle, RefusesWhatIsNone) {
  for (const std::string_view pickle :
       {"",           ".",     "N",          "NN.",   "(.",      "(N.",     "0.",        "a.",
        "]a.",        "(e.",   "Ne.",        "K",     "h\x01.",  "R.",      "t.",        "s.",
        "}Ns.",       "}(Nu.", "\x80\x06N.", "\xff.", "Ifoo\n.", "Ffoo\n.", "V\\u12\n.", "S'a\n.",
        "U\x01\xff.", "N.N",   "\x91.",      "}]Ns.", "P1\n.",   "(b."}) {
    EXPECT_THAT(pickle_error(pickle), HasSubstr("not a pickle of a plain value: ")) << pickle;
  }
}

TEST(Pickle, RefusesToNestTooDeep) {
  const std::string deep = std::string(1001, ']') + std::string(1000, 'a') + '.';
  EXPECT_THAT(pickle_error(deep), HasSubstr("deeper than 1000"));
  EXPECT_EQ(read_pickle(deep.substr(1, 1000) + deep.substr(1002)).kind(), Value::Kind::list);
  Value value = 1;
  for (int i = 0; i < 1100; ++i) {
    value = List{std::move(value)};
  }
  EXPECT_THROW((void)pickle_of(value), ValueError);
}

TEST(Pickle, LetsTheLastOfRepeatedKeysWin) {
  EXPECT_EQ(read_pickle("}(K\x01K\x02K\x03K\x04K\x01K\x05u."), (Value{Dict{{1, 5}, {3, 4}}}));
  std::string many = "}(";
  for (char i = 0; i < 40; ++i) {
    many += std::string{'K', static_cast<char>(i % 20), 'K', i};
  }
  const Value value = read_pickle(many + "u.");
  ASSERT_EQ(value.as_dict().size(), 20);
  EXPECT_EQ(value.as_dict().front().second, Value{20});
}

TEST(Pickle, RefusesToWriteWhatPythonHasNot) {
  EXPECT_THROW((void)pickle_of("\xff"), ValueError);
  EXPECT_THROW((void)pickle_of(Dict{{List{}, 1}}), ValueError);
}

TEST(Pickle, TellsTheKindOfEverything) {
  const auto serializer = make_serializer("pickle");
  std::string text;
  serializer->decode(pickle_of("7"), ValueTarget{text});
  EXPECT_EQ(text, "7");
  std::int64_t number = 0;
  EXPECT_THROW(serializer->decode(pickle_of("7"), ValueTarget{number}), ValueError);
  std::string none;
  EXPECT_THROW(serializer->decode(pickle_of(nullptr), ValueTarget{none}), ValueError);
}

TEST(HugeIntegers, AreBareTextInCaches) {
  const Value huge = Value::integer_of("-340282366920938463463374607431768211456");
  const codec::ValueCodec codec{make_serializer("pickle")};
  std::string scratch;
  const std::string stored{codec.encode("k", ValueView{huge}, scratch)};
  EXPECT_EQ(stored, "-340282366920938463463374607431768211456");
  Value read;
  codec.decode("k", std::string{stored}, ValueTarget{read});
  EXPECT_EQ(read, huge);
  std::int64_t number = 0;
  EXPECT_THROW(codec.decode("k", std::string{stored}, ValueTarget{number}), DecodeError);
}

TEST(HugeIntegers, AreOnlyThoseThatNeedIt) {
  EXPECT_EQ(Value::integer_of("18446744073709551615").kind(), Value::Kind::integer);
  EXPECT_EQ(Value::integer_of("000000000000000000000000001"), Value{1});
  EXPECT_EQ(Value::integer_of("18446744073709551616").as_digits(), "18446744073709551616");
  for (const char* const digits : {"", "-", "1.5", "+1", " 1", "0x1"}) {
    EXPECT_THROW((void)Value::integer_of(digits), ValueError) << digits;
  }
  EXPECT_THROW((void)Value::integer_of(std::string(4301, '1')), ValueError);
}

}  // namespace
}  // namespace rediscache::test
