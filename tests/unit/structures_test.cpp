// Calls on structures without a server: what is sent, whether it may be sent again, and replies that make no
// sense.
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "cache/score_text.hpp"
#include "support/structure_calls.hpp"
#include "support/thrown.hpp"
#include "unit/bytes_of.hpp"
#include "unit/fake_client.hpp"

namespace rediscache::test {
namespace {

using ::testing::ElementsAre;

/// A cache whose commands are written down and answered with 1.
class StructureTest : public ::testing::Test {
 protected:
  RedisCache cache_{options_answered_by([this](const Commands& commands, std::span<Reply> replies) {
    sent_ = bytes_of(commands);
    kind_ = commands.strictest_kind();
    first_key_ = commands.first_key(0);
    at_length_ = commands.at_length();
    replies[0] = answer_;
    return std::optional<Failure>{};
  })};

  std::string sent_{};
  std::string first_key_{};
  CommandKind kind_ = CommandKind::never_again;
  bool at_length_ = false;
  Reply answer_ = Reply::integer(1);
};

TEST_F(StructureTest, EveryCallHasItsKind) {
  for (const StructureCall& call : every_structure_call()) {
    SCOPED_TRACE(call.name);
    kind_ = CommandKind::never_again;
    try {
      (void)call.omitted(cache_);
    } catch (const ResponseError&) {  // NOLINT(bugprone-empty-catch): 1 is no answer to it
    }
    EXPECT_EQ(kind_, call.kind);
  }
}

TEST_F(StructureTest, CallsForAllThatThereIsStayOffSharedConnections) {
  const std::set<std::string_view> long_ones{"smembers",   "sdiff",       "sinter",        "sunion",
                                             "sdiffstore", "sinterstore", "sunionstore",   "sscan",
                                             "sscan_iter", "hkeys",       "hgetall",       "hscan_iter",
                                             "zrange",     "zrevrange",   "zrangebyscore", "zrevrangebyscore",
                                             "lrange"};
  std::set<std::string_view> found;
  for (const StructureCall& call : every_structure_call()) {
    at_length_ = false;
    try {
      (void)call.omitted(cache_);
    } catch (const ResponseError&) {  // NOLINT(bugprone-empty-catch): 1 is no answer to it
    }
    if (at_length_) {
      found.insert(call.name);
    }
  }
  EXPECT_EQ(found, long_ones);
}

TEST_F(StructureTest, EveryCallThatGetsAReplyOfAnotherTypeSaysSo) {
  for (const StructureCall& call : every_structure_call()) {
    SCOPED_TRACE(call.name);
    answer_ = Reply::array({Reply::array({})});
    EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)call.omitted(cache_); }));
  }
}

TEST_F(StructureTest, KeysAreMadeOneByOne) {
  answer_ = Reply::array({});
  (void)cache_.sinter<int>({"a", "b"}, {.version = 2});
  EXPECT_EQ(sent_, wire({"SINTER", ":2:a", ":2:b"}));
  EXPECT_EQ(first_key_, ":2:a");
  answer_ = Reply::integer(1);
  cache_.sunionstore("d", {"a", "b"}, {.version = 2, .version_dest = 3});
  EXPECT_EQ(sent_, wire({"SUNIONSTORE", ":3:d", ":2:a", ":2:b"}));
  cache_.sdiffstore("d", "a", {.version = 2});
  EXPECT_EQ(sent_, wire({"SDIFFSTORE", ":2:d", ":2:a"}));
  cache_.smove("a", "b", 5, {.version = 2});
  EXPECT_EQ(sent_, wire({"SMOVE", ":2:a", ":2:b", "5"}));
  cache_.hdel("a:b", {"f", "g"}, {.version = 2});
  EXPECT_EQ(sent_, wire({"HDEL", "a:b", ":2:f", ":2:g"}));
  EXPECT_EQ(first_key_, "a:b");
}

TEST_F(StructureTest, OptionsOfSortedSetsAreSpelt) {
  cache_.zadd("z", {{"a", 1}, {"b", 0.1}}, {.xx = true, .ch = true, .gt = true});
  EXPECT_EQ(sent_, wire({"ZADD", ":1:z", "XX", "GT", "CH", "1", "a", "0.1", "b"}));
  cache_.zadd("z", {{"a", 1}}, {.nx = true, .incr = true, .lt = true});
  EXPECT_EQ(sent_, wire({"ZADD", ":1:z", "NX", "LT", "INCR", "1", "a"}));
  answer_ = Reply::array({});
  (void)cache_.zrange<Scored<int>>("z", 0, -1);
  EXPECT_EQ(sent_, wire({"ZRANGE", ":1:z", "0", "-1", "WITHSCORES"}));
  (void)cache_.zrangebyscore<int>("z", "(1.5", "+inf");
  EXPECT_EQ(sent_, wire({"ZRANGEBYSCORE", ":1:z", "(1.5", "inf"}));
  (void)cache_.zrangebyscore<Scored<int>>("z", "-inf", 2, {.start = 3});
  EXPECT_EQ(sent_, wire({"ZRANGEBYSCORE", ":1:z", "-inf", "2", "WITHSCORES", "LIMIT", "3", "-1"}));
  (void)cache_.zrevrangebyscore<int>("z", 9, 1, {.num = 0});
  EXPECT_EQ(sent_, wire({"ZREVRANGEBYSCORE", ":1:z", "9", "1", "LIMIT", "0", "0"}));
}

TEST_F(StructureTest, PagesAskForWhatMatches) {
  answer_ = Reply::array({Reply::text("0"), Reply::array({})});
  (void)cache_.sscan<int>("s", {.match = "a*", .count = 7});
  EXPECT_EQ(sent_, wire({"SSCAN", ":1:s", "0", "MATCH", "a*", "COUNT", "7"}));
  auto scan = cache_.hscan_iter<int>("h", {.match = "a*", .version = 2});
  EXPECT_TRUE(scan.begin() == scan.end());
  EXPECT_TRUE(scan.complete());
  EXPECT_EQ(sent_, wire({"HSCAN", "h", "0", "MATCH", ":2:a*", "COUNT", "1000"}));
}

TEST_F(StructureTest, RepliesOfWrongShapeAreNoValues) {
  answer_ = Reply::array({Reply::text("a"), Reply::text("1"), Reply::text("b")});
  EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)cache_.zrange<Scored<std::string>>("z", 0, -1); }));
  EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)cache_.hgetall<std::string>("h"); }));
  EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)cache_.sscan<std::string>("s"); }));
  answer_ = Reply::text("nan");
  EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)cache_.zscore("z", "a"); }));
  answer_ = Reply::text("1.5x");
  EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)cache_.zincrby("z", 1, "a"); }));
}

TEST(ScoreText, IsTheShortestThatReadsBack) {
  std::string scratch;
  EXPECT_EQ(cache::score_text(0.1, scratch), "0.1");
  EXPECT_EQ(cache::score_text(-3, scratch), "-3");
  EXPECT_EQ(cache::score_text(1e300, scratch), "1e+300");
  EXPECT_EQ(cache::score_text(-std::numeric_limits<double>::infinity(), scratch), "-inf");
  EXPECT_EQ(cache::bound_text(ScoreBound::exclusive(2.5), scratch), "(2.5");
}

TEST(ScoreText, IsReadAsServersWriteIt) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(cache::parse_score("0.10000000000000001"), 0.1);
  EXPECT_EQ(cache::parse_score("1e+22"), 1e22);
  EXPECT_EQ(cache::parse_score("inf"), infinity);
  EXPECT_EQ(cache::parse_score("+inf"), infinity);
  EXPECT_EQ(cache::parse_score("-inf"), -infinity);
  for (const char* const text : {"", "+", "+-1", "nan", "1 ", " 1", "x", "(1"}) {
    EXPECT_EQ(cache::parse_score(text), std::nullopt) << text;
  }
}

TEST(ScoreBoundText, ThatIsNoneIsRefused) {
  EXPECT_TRUE(ScoreBound{"(5"}.is_exclusive());
  EXPECT_EQ(ScoreBound{"5"}.score(), 5);
  EXPECT_EQ(ScoreBound{7}.score(), 7);
  for (const char* const text : {"", "(", "((1", "[1", "one", "nan"}) {
    EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)ScoreBound{text}; })) << text;
  }
}

}  // namespace
}  // namespace rediscache::test
