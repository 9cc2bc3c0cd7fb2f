// The command encoder: the bytes, and the pieces they are sent in.
#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/command.hpp>

#include "unit/bytes_of.hpp"

namespace rediscache::test {
namespace {

using namespace std::string_literals;

constexpr auto reading = CommandKind::read;

TEST(CommandsTest, StartEmpty) {
  const Commands commands;
  EXPECT_TRUE(commands.empty());
  EXPECT_EQ(commands.size(), 0U);
  EXPECT_EQ(commands.bytes(), 0U);
  EXPECT_EQ(bytes_of(commands), "");
  EXPECT_EQ(commands.strictest_kind(), CommandKind::read);
}

TEST(CommandsTest, AreEncodedAsArraysOfBulkStrings) {
  Commands commands;
  commands.begin("SET", CommandKind::idempotent_write, 2).key("greeting").arg("hello");
  EXPECT_EQ(bytes_of(commands), "*3\r\n$3\r\nSET\r\n$8\r\ngreeting\r\n$5\r\nhello\r\n");
  EXPECT_EQ(commands.size(), 1U);
  EXPECT_FALSE(commands.empty());
  EXPECT_EQ(commands.bytes(), bytes_of(commands).size());
}

TEST(CommandsTest, WithoutArgumentsAreTheirName) {
  Commands commands;
  commands.begin("FLUSHDB", CommandKind::idempotent_write, 0);
  EXPECT_EQ(bytes_of(commands), "*1\r\n$7\r\nFLUSHDB\r\n");
}

TEST(CommandsTest, KnowWhetherOneOfThemAnswersAtLength) {
  Commands commands;
  commands.begin("GET", reading, 1).key("k");
  EXPECT_FALSE(commands.at_length());
  commands.begin("KEYS", reading, 1).arg("*").answers_at_length();
  EXPECT_TRUE(commands.at_length());
  commands.begin("GET", reading, 1).key("k");
  EXPECT_TRUE(commands.at_length());
  Commands copied;
  copied.append(commands, 1);
  EXPECT_TRUE(copied.at_length()) << "whoever copies one cannot know less";
  commands.clear();
  EXPECT_FALSE(commands.at_length());
}

TEST(CommandsTest, KeepEmptyAndBinaryArguments) {
  Commands commands;
  commands.begin("SET", reading, 2).key("").arg("\r\n\0$"s);
  EXPECT_EQ(bytes_of(commands), "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n\r\n\0$\r\n"s);
}

TEST(CommandsTest, SpellNumbersInDecimal) {
  Commands commands;
  commands.begin("X", reading, 4)
      .arg(std::int64_t{0})
      .arg(std::int64_t{-1})
      .arg(std::numeric_limits<std::int64_t>::min())
      .arg(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(bytes_of(commands),
            "*5\r\n$1\r\nX\r\n$1\r\n0\r\n$2\r\n-1\r\n$20\r\n-9223372036854775808\r\n$19\r\n"
            "9223372036854775807\r\n");
}

TEST(CommandsTest, FollowEachOtherInOrder) {
  Commands commands;
  commands.begin("GET", reading, 1).key("a");
  commands.begin("INCRBY", CommandKind::accumulating_write, 2).key("b").arg(2);
  commands.begin("PING", reading, 0);
  EXPECT_EQ(bytes_of(commands),
            "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*3\r\n$6\r\nINCRBY\r\n$1\r\nb\r\n$1\r\n2\r\n*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(commands.size(), 3U);
  EXPECT_EQ(commands.name(0), "GET");
  EXPECT_EQ(commands.name(1), "INCRBY");
  EXPECT_EQ(commands.name(2), "PING");
  EXPECT_EQ(commands.kind(0), reading);
  EXPECT_EQ(commands.kind(1), CommandKind::accumulating_write);
}

TEST(CommandsTest, AreAsStrictAsTheStrictestOfThem) {
  Commands commands;
  EXPECT_EQ(commands.begin("GET", reading, 0).strictest_kind(), reading);
  EXPECT_EQ(commands.begin("SET", CommandKind::idempotent_write, 0).strictest_kind(),
            CommandKind::idempotent_write);
  EXPECT_EQ(commands.begin("INCR", CommandKind::accumulating_write, 0).strictest_kind(),
            CommandKind::accumulating_write);
  EXPECT_EQ(commands.begin("GET", reading, 0).strictest_kind(), CommandKind::accumulating_write);
  EXPECT_EQ(commands.begin("X", CommandKind::never_again, 0).strictest_kind(), CommandKind::never_again);
}

TEST(CommandsTest, KnowTheFirstKeyOfEach) {
  Commands commands;
  commands.begin("DEL", reading, 2).key("first").key("second");
  commands.begin("EVAL", reading, 3).arg("script").arg(1).key("k");
  commands.begin("PING", reading, 0);
  commands.begin("SET", reading, 2).key("").arg("v");
  EXPECT_EQ(commands.first_key(0), "first");
  EXPECT_EQ(commands.first_key(1), "k");
  EXPECT_EQ(commands.first_key(2), "");
  EXPECT_EQ(commands.first_key(3), "");
}

TEST(CommandsTest, KnowTheFirstKeyBehindALargeArgument) {
  const std::string large(Commands::in_place_bytes, 'v');
  Commands commands;
  commands.begin("SET", reading, 2).key("a").in_place(large);
  commands.begin("X", reading, 2).in_place(large).key("b");
  EXPECT_EQ(commands.first_key(0), "a");
  EXPECT_EQ(commands.first_key(1), "b");
}

TEST(CommandsTest, WithTooFewArgumentsAreRefused) {
  Commands commands;
  commands.begin("GET", reading, 1);
  std::array<std::string_view, 4> pieces;
  EXPECT_THROW((void)commands.segments(0, pieces), std::logic_error);
  EXPECT_THROW(commands.begin("GET", reading, 0), std::logic_error);
}

TEST(CommandsTest, WithTooManyArgumentsAreRefused) {
  Commands commands;
  EXPECT_THROW(commands.arg("before any begin()"), std::logic_error);
  commands.begin("GET", reading, 1).key("k");
  EXPECT_THROW(commands.arg("x"), std::logic_error);
  EXPECT_THROW(commands.arg(std::int64_t{1}), std::logic_error);
  EXPECT_THROW(commands.key("x"), std::logic_error);
  EXPECT_THROW(commands.in_place(std::string(Commands::in_place_bytes, 'x')), std::logic_error);
  EXPECT_EQ(bytes_of(commands), "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n") << "and what was there stays";
}

TEST(CommandsTest, AreForgottenByClear) {
  const std::string large(Commands::in_place_bytes, 'v');
  Commands commands;
  commands.begin("SET", CommandKind::never_again, 2).key("k").in_place(large);
  commands.begin("GET", reading, 1);
  commands.clear();
  EXPECT_TRUE(commands.empty());
  EXPECT_EQ(commands.bytes(), 0U);
  EXPECT_EQ(commands.strictest_kind(), reading);
  commands.begin("GET", reading, 1).key("a");
  EXPECT_EQ(bytes_of(commands), "*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
  EXPECT_EQ(commands.first_key(0), "a");
}

TEST(CommandsTest, GrowBeyondTheirInlineRoom) {
  Commands commands;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "key:" + std::to_string(i);
    commands.begin("GET", reading, 1).key(key);
    expected += "*2\r\n$3\r\nGET\r\n$" + std::to_string(key.size()) + "\r\n" + key + "\r\n";
  }
  EXPECT_EQ(bytes_of(commands), expected);
  EXPECT_EQ(commands.size(), 500U);
  EXPECT_EQ(commands.first_key(0), "key:0");
  EXPECT_EQ(commands.first_key(499), "key:499");
}

TEST(CommandsTest, HoldArgumentsOfEverySizeAroundTheInlineRoom) {
  for (std::size_t size = 300; size < 900; ++size) {
    const std::string value(size, 'x');
    Commands commands;
    commands.begin("ECHO", reading, 1).arg(value);
    ASSERT_EQ(bytes_of(commands), "*2\r\n$4\r\nECHO\r\n$" + std::to_string(size) + "\r\n" + value + "\r\n")
        << size;
  }
}

TEST(CommandsTest, CopySmallArgumentsGivenInPlace) {
  std::string value(Commands::in_place_bytes - 1, 'a');
  Commands commands;
  commands.begin("SET", reading, 2).key("k").in_place(value);
  const std::string expected = bytes_of(commands);
  value.assign(value.size(), 'b');
  EXPECT_EQ(bytes_of(commands), expected);
}

TEST(CommandsTest, ReferToLargeArgumentsGivenInPlace) {
  const std::string value(Commands::in_place_bytes, 'a');
  Commands commands;
  commands.begin("SET", reading, 4).key("k").in_place(value).arg("PX").arg(5);
  EXPECT_EQ(bytes_of(commands),
            "*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$16384\r\n" + value + "\r\n$2\r\nPX\r\n$1\r\n5\r\n");
  EXPECT_EQ(commands.bytes(), bytes_of(commands).size());
  std::array<std::string_view, 4> pieces;
  ASSERT_EQ(commands.segments(0, pieces), 3U);
  EXPECT_EQ(pieces[1].data(), value.data()) << "not a copy";
  EXPECT_EQ(pieces[1].size(), value.size());
}

TEST(CommandsTest, CopyLargeArgumentsThatAreNotGivenInPlace) {
  std::string value(Commands::in_place_bytes, 'a');
  Commands commands;
  commands.begin("SET", reading, 2).key("k").arg(value);
  const std::string expected = bytes_of(commands);
  value.assign(value.size(), 'b');
  EXPECT_EQ(bytes_of(commands), expected);
}

TEST(CommandsTest, ComeInSegmentsFromEveryByteOnWithAnyNumberOfSlots) {
  const std::string first(Commands::in_place_bytes, 'a');
  const std::string second(Commands::in_place_bytes + 3, 'b');
  Commands commands;
  commands.begin("SET", reading, 2).key("x").in_place(first);
  commands.begin("GET", reading, 1).key("y");
  commands.begin("X", reading, 3).in_place(second).in_place(first).arg("end");
  const std::string whole = bytes_of(commands);
  ASSERT_EQ(whole.size(), commands.bytes());
  for (const std::size_t slots : {1U, 2U, 3U, 16U}) {
    std::vector<std::string_view> pieces(slots);
    // Every position near an edge between pieces, and a sample of those far from one.
    for (std::size_t skip = 0; skip <= whole.size();
         skip += skip % 16384 > 200 && skip % 16384 < 16100 ? 97 : 1) {
      const std::size_t used = commands.segments(skip, pieces);
      ASSERT_LE(used, slots);
      std::size_t at = skip;
      for (std::size_t i = 0; i < used; ++i) {
        ASSERT_FALSE(pieces[i].empty()) << "skip " << skip;
        ASSERT_EQ(whole.compare(at, pieces[i].size(), pieces[i]), 0) << "skip " << skip << " piece " << i;
        at += pieces[i].size();
      }
      ASSERT_EQ(used == 0, skip == whole.size()) << "skip " << skip;
      if (used < slots) {
        ASSERT_EQ(at, whole.size()) << "skip " << skip;
      }
    }
  }
}

TEST(CommandsTest, GiveNoSegmentsBeyondTheirEnd) {
  Commands commands;
  commands.begin("PING", reading, 0);
  std::array<std::string_view, 2> pieces;
  EXPECT_EQ(commands.segments(commands.bytes(), pieces), 0U);
  EXPECT_EQ(commands.segments(commands.bytes() + 1, pieces), 0U);
  EXPECT_EQ(commands.segments(0, {}), 0U);
}

std::vector<std::string> keys_of(const Commands& commands, std::size_t index) {
  std::vector<std::string> keys;
  commands.each_key(index, [&](std::string_view key) { keys.emplace_back(key); });
  return keys;
}

TEST(CommandsTest, KnowAllTheirKeys) {
  Commands commands;
  commands.begin("PING", reading, 0);
  commands.begin("MGET", reading, 4).key("a").key("").key("prefix:", "rest").key(std::string(1000, 'x'));
  commands.begin("MSET", reading, 6).key("k").arg("1").key("l").arg("2").key("m").arg("3");
  commands.begin("EVAL", reading, 4).arg("text").arg(2).key("\r\n$3").key("z");
  EXPECT_EQ(keys_of(commands, 0), (std::vector<std::string>{}));
  EXPECT_EQ(keys_of(commands, 1), (std::vector<std::string>{"a", "", "prefix:rest", std::string(1000, 'x')}));
  EXPECT_EQ(keys_of(commands, 2), (std::vector<std::string>{"k", "l", "m"}));
  EXPECT_EQ(keys_of(commands, 3), (std::vector<std::string>{"\r\n$3", "z"}));
  EXPECT_EQ(commands.key_count(0), 0U);
  EXPECT_EQ(commands.key_count(1), 4U);
  EXPECT_EQ(commands.key_count(2), 3U);
  EXPECT_EQ(commands.first_key(2), "k");
}

TEST(CommandsTest, GiveTheirArgumentsBack) {
  const std::string large(Commands::in_place_bytes, 'x');
  Commands commands;
  commands.begin("A", reading, 1).in_place(large);
  commands.begin("B", reading, 4).key("k").in_place(large).arg("").in_place(large);
  commands.begin("C", reading, 0);
  EXPECT_EQ(commands.arguments(0), (std::vector<std::string_view>{large}));
  EXPECT_EQ(commands.arguments(1), (std::vector<std::string_view>{"k", large, "", large}));
  EXPECT_TRUE(commands.arguments(2).empty());
}

TEST(CommandsTest, AreCopiedWithTheirKeysAndLargeArguments) {
  const std::string large(Commands::in_place_bytes, 'x');
  Commands from;
  from.begin("GET", reading, 1).key("first");
  from.begin("SET", CommandKind::accumulating_write, 3).key("k").in_place(large).arg("NX");
  from.begin("MSET", reading, 4).key("a").in_place(large).key("b").arg("2");
  Commands to;
  to.begin("PING", reading, 0);
  to.append(from, 2).append(from, 1);
  EXPECT_EQ(to.size(), 3U);
  EXPECT_EQ(bytes_of(to), "*1\r\n$4\r\nPING\r\n*5\r\n$4\r\nMSET\r\n$1\r\na\r\n$16384\r\n" + large +
                              "\r\n$1\r\nb\r\n$1\r\n2\r\n*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$16384\r\n" + large +
                              "\r\n$2\r\nNX\r\n");
  EXPECT_EQ(to.bytes(), bytes_of(to).size());
  EXPECT_EQ(to.strictest_kind(), CommandKind::accumulating_write);
  EXPECT_EQ(keys_of(to, 1), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(keys_of(to, 2), (std::vector<std::string>{"k"}));
}

std::vector<std::string_view> views_of_keys(const Commands& commands) {
  std::vector<std::string_view> keys;
  commands.each_key(0, [&](std::string_view key) { keys.push_back(key); });
  return keys;
}

TEST(CommandsTest, ManyKeysAreAsOneAfterTheOther) {
  for (const std::size_t longest : {5U, 9U, 10U, 96U, 97U, 98U, 1000U, 50'000U}) {
    const std::vector<std::string> rests{"a", "", std::string(longest, 'k'), "\r\n$3", std::string(94, 'l')};
    const std::vector<std::string_view> views(rests.begin(), rests.end());
    Commands one_by_one;
    one_by_one.begin("MGET", reading, rests.size());
    for (const std::string_view rest : views) {
      one_by_one.key("pre", rest);
    }
    Commands together;
    together.begin("MGET", reading, rests.size()).keys("pre", views);
    EXPECT_EQ(bytes_of(together), bytes_of(one_by_one)) << longest;
    EXPECT_EQ(together.first_key(0), "prea");
    EXPECT_EQ(keys_of(together, 0), keys_of(one_by_one, 0)) << longest;
  }
}

TEST(CommandsTest, ManyKeysMayFollowOthersAndWhatIsNoKey) {
  const std::vector<std::string_view> rests{"b", "c"};
  const std::vector<std::uint32_t> which{1, 0};
  Commands from;
  from.begin("DEL", reading, 2).key("x").key("y");
  const std::vector<std::string_view> encoded = views_of_keys(from);
  Commands commands;
  commands.begin("A", reading, 6).arg("first").key("a").keys("", rests).encoded_keys(encoded, which);
  commands.begin("B", reading, 6).key("a").arg("between").keys("", rests).encoded_keys(encoded, which);
  commands.begin("C", reading, 1).keys("", {}).arg("none");
  EXPECT_EQ(keys_of(commands, 0), (std::vector<std::string>{"a", "b", "c", "y", "x"}));
  EXPECT_EQ(keys_of(commands, 1), (std::vector<std::string>{"a", "b", "c", "y", "x"}));
  EXPECT_EQ(commands.key_count(2), 0U);
  EXPECT_EQ(commands.arguments(1), (std::vector<std::string_view>{"a", "between", "b", "c", "y", "x"}));
}

TEST(CommandsTest, MoreKeysThanAnnouncedAreRefused) {
  const std::vector<std::string_view> rests{"b", "c"};
  Commands commands;
  EXPECT_THROW(commands.keys("", rests), std::logic_error);
  commands.begin("MGET", reading, 1);
  EXPECT_THROW(commands.keys("", rests), std::logic_error);
}

TEST(CommandsTest, KeysThatAreEncodedAlreadyAreTakenAsTheyAre) {
  const std::string large(12345, 'k');
  Commands from;
  from.begin("MGET", reading, 4).key("a").key("").key("$1\r\n", "b").key(large);
  Commands to;
  to.begin("MGET", reading, 4);
  const std::vector<std::string_view> keys = views_of_keys(from);
  to.encoded_keys(keys, std::vector<std::uint32_t>{0, 1, 2, 3});
  EXPECT_EQ(bytes_of(to), bytes_of(from));
  EXPECT_EQ(keys_of(to, 0), keys_of(from, 0));
  EXPECT_THROW(to.encoded_keys(keys, std::vector<std::uint32_t>{0}), std::logic_error);
  Commands some;
  some.begin("MGET", reading, 2).encoded_keys(keys, std::vector<std::uint32_t>{3, 1});
  EXPECT_EQ(keys_of(some, 0), (std::vector<std::string>{large, ""}));
}

}  // namespace
}  // namespace rediscache::test
