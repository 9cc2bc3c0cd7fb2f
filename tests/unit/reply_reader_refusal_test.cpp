// Replies beyond a limit: refused at once, skipped by counting, and the replies behind them read.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/reply_reader.hpp"
#include "unit/reply_feed.hpp"

namespace rediscache::test {
namespace {

using resp::ReplyReader;
using ::testing::HasSubstr;

constexpr std::size_t refusal_limit = 1000;

std::string deep_reply(int arrays) {
  std::string bytes;
  for (int i = 0; i < arrays; ++i) {
    bytes += "*2\r\n+x\r\n";
  }
  return bytes + ":1\r\n";
}

std::string long_array(int elements, const std::string& element) {
  std::string bytes = "*" + std::to_string(elements) + "\r\n";
  for (int i = 0; i < elements; ++i) {
    bytes += element;
  }
  return bytes;
}

struct RefusedCase {
  std::string name;
  std::string bytes;
};

std::vector<RefusedCase> refused_cases() {
  return {
      {"bulk", "$5000\r\n" + std::string(5000, 'x') + "\r\n"},
      {"large bulk", "$50000\r\n" + std::string(50'000, '$') + "\r\n"},
      {"bulk in an array", "*3\r\n:1\r\n$5000\r\n" + std::string(5000, '*') + "\r\n:2\r\n"},
      {"status", "+" + std::string(5000, 'x') + "\r\n"},
      {"status with a carriage return", "+" + std::string(3000, '\r') + "\r\n"},
      {"error in an array", "*2\r\n-" + std::string(5000, 'x') + "\r\n:1\r\n"},
      {"array of integers", long_array(500, ":1\r\n")},
      {"array of texts", long_array(20, "$300\r\n" + std::string(300, 'x') + "\r\n")},
      {"array of nils", long_array(500, "$-1\r\n")},
      {"array of empty arrays", long_array(500, "*0\r\n")},
      {"array of arrays", long_array(40, long_array(3, "*2\r\n+a\r\n$1\r\nb\r\n"))},
      {"too deep", deep_reply(200)},
      {"an array at the end of another", "*2\r\n:1\r\n" + long_array(500, "*-1\r\n")},
  };
}

/// What a stream in pieces of `step` bytes gives: "refused", or the number that a reply is.
std::vector<std::string> outcomes(ReplyReader& reader, const std::string& stream, std::size_t step) {
  std::vector<std::string> out;
  Reply reply;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    feed(reader, std::string_view{stream}.substr(at, step));
    for (auto progress = reader.next(reply); progress != ReplyReader::Progress::incomplete;
         progress = reader.next(reply)) {
      if (progress == ReplyReader::Progress::broken) {
        out.push_back("broken: " + reader.error());
        return out;
      }
      out.push_back(progress == ReplyReader::Progress::refused ? "refused"
                                                               : std::to_string(reply.as_integer()));
    }
  }
  return out;
}

TEST(RefusedReply, LeavesTheRepliesAroundItAlone) {
  for (const RefusedCase& each : refused_cases()) {
    const std::string stream = ":7\r\n" + each.bytes + ":8\r\n" + each.bytes + each.bytes + ":9\r\n";
    for (const std::size_t step :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{4096}, stream.size()}) {
      ReplyReader reader{refusal_limit};
      EXPECT_EQ(outcomes(reader, stream, step),
                (std::vector<std::string>{"7", "refused", "8", "refused", "refused", "9"}))
          << each.name << " in pieces of " << step;
      EXPECT_TRUE(reader.idle()) << each.name;
      EXPECT_FALSE(reader.receiving_much()) << each.name;
    }
  }
}

TEST(RefusedReply, IsToldBeforeItHasArrived) {
  for (const std::string_view beginning : {"$1000000000\r\n", "*1000000000\r\n", "*1\r\n$1000000000\r\n"}) {
    ReplyReader reader{refusal_limit};
    Reply reply = Reply::text("before");
    feed(reader, beginning);
    EXPECT_EQ(reader.next(reply), ReplyReader::Progress::refused) << beginning;
    EXPECT_THAT(reader.error(), HasSubstr("max_reply_bytes (1000)"));
    EXPECT_EQ(reply, Reply::text("before"));
    EXPECT_TRUE(reader.receiving_much());
    EXPECT_FALSE(reader.idle());
    EXPECT_EQ(reader.next(reply), ReplyReader::Progress::incomplete);
  }
}

TEST(RefusedReply, TakesTheOthersOfItsCallAlong) {
  const std::string stream = "$5000\r\n" + std::string(5000, 'x') + "\r\n:1\r\n*2\r\n:2\r\n:3\r\n:4\r\n";
  for (const std::size_t step : {std::size_t{1}, stream.size()}) {
    ReplyReader reader{refusal_limit};
    std::vector<std::string> out;
    Reply reply;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      feed(reader, std::string_view{stream}.substr(at, step));
      for (auto progress = reader.next(reply); progress != ReplyReader::Progress::incomplete;
           progress = reader.next(reply)) {
        if (progress == ReplyReader::Progress::refused) {
          reader.skip(2);
        }
        out.push_back(progress == ReplyReader::Progress::refused ? "refused"
                                                                 : std::to_string(reply.as_integer()));
      }
    }
    EXPECT_EQ(out, (std::vector<std::string>{"refused", "4"})) << "in pieces of " << step;
  }
}

TEST(RefusedReply, ThatTurnsOutToBeNoneBreaksTheStream) {
  for (const std::string_view rest : {"?", "$abc\r\n", "*-2\r\n", "$-2\r\n", "*9223372036854775807\r\n"}) {
    ReplyReader reader{refusal_limit};
    Reply reply;
    feed(reader, "*1000000000\r\n");
    ASSERT_EQ(reader.next(reply), ReplyReader::Progress::refused);
    feed(reader, rest);
    EXPECT_EQ(reader.next(reply), ReplyReader::Progress::broken) << rest;
    EXPECT_THAT(reader.error(), HasSubstr("not a reply of a Redis server"));
  }
}

}  // namespace
}  // namespace rediscache::test
