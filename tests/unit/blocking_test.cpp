// How long commands may make the server wait, by their arguments.
#include "proto/blocking.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using BlockingArguments = std::vector<std::string_view>;

std::optional<std::chrono::milliseconds> blocks(std::string_view name, const BlockingArguments& arguments) {
  return proto::blocking_time(name, arguments);
}

TEST(BlockingTimeTest, IsWhereTheCommandHasIt) {
  EXPECT_EQ(blocks("BLPOP", {"a", "b", "8"}), 8s);
  EXPECT_EQ(blocks("brpop", {"a", "0.25"}), 250ms);
  EXPECT_EQ(blocks("BZPOPMAX", {"a", "1e1"}), 10s);
  EXPECT_EQ(blocks("BRPOPLPUSH", {"a", "b", "2"}), 2s);
  EXPECT_EQ(blocks("BLMOVE", {"a", "b", "LEFT", "RIGHT", "3"}), 3s);
  EXPECT_EQ(blocks("BLMPOP", {"4", "1", "a", "LEFT"}), 4s);
  EXPECT_EQ(blocks("BZMPOP", {"5", "1", "a", "MIN"}), 5s);
  EXPECT_EQ(blocks("XREAD", {"COUNT", "2", "block", "6", "STREAMS", "s", "$"}), 6ms);
  EXPECT_EQ(blocks("XREADGROUP", {"GROUP", "BLOCK", "streams", "BLOCK", "7", "STREAMS", "s", ">"}), 7ms);
  EXPECT_EQ(blocks("WAIT", {"1", "8"}), 8ms);
  EXPECT_EQ(blocks("WAITAOF", {"1", "1", "9"}), 9ms);
}

TEST(BlockingTimeTest, OfZeroIsForEver) {
  EXPECT_EQ(blocks("BLPOP", {"a", "0"}), 0ms);
  EXPECT_EQ(blocks("WAIT", {"1", "0"}), 0ms);
  EXPECT_EQ(blocks("XREAD", {"BLOCK", "0", "STREAMS", "s", "$"}), 0ms);
}

TEST(BlockingTimeTest, ThatIsNoTimeIsNotAnswered) {
  for (const std::string_view text : {"", "x", "-1", "1x", "nan", "0x10", " 1"}) {
    EXPECT_EQ(blocks("BLPOP", {"a", text}), std::nullopt) << text;
  }
  EXPECT_EQ(blocks("BLPOP", {}), std::nullopt);
  EXPECT_EQ(blocks("WAIT", {"1"}), std::nullopt);
  EXPECT_EQ(blocks("XREAD", {"BLOCK"}), std::nullopt);
  EXPECT_EQ(blocks("XREAD", {"STREAMS", "BLOCK", "5"}), std::nullopt) << "a stream of that name";
  EXPECT_EQ(blocks("LPOP", {"a", "5"}), std::nullopt);
}

TEST(BlockingTimeTest, IsBoundedHoweverLarge) {
  for (const std::string_view text : {"1e308", "inf", "99999999999999999999"}) {
    const auto time = blocks("BLPOP", {"a", text});
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(*time, 24h * 365) << text;
  }
}

}  // namespace
}  // namespace rediscache::test
