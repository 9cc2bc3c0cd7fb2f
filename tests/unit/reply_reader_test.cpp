// Replies out of a stream that comes in pieces of any size.
#include "resp/reply_reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/reply_feed.hpp"

namespace rediscache::test {
namespace {

using namespace std::string_literals;
using resp::ReplyReader;
using Progress = ReplyReader::Progress;
using ::testing::HasSubstr;

struct Script {
  std::string bytes;
  std::vector<Reply> replies;
};

Reply texts(std::initializer_list<std::string_view> words) {
  std::vector<Reply> elements;
  for (const auto word : words) {
    elements.push_back(Reply::text(word));
  }
  return Reply::array(std::move(elements));
}

std::vector<Script> scripts() {
  return {
      {"+OK\r\n", {Reply::status("OK")}},
      {"+\r\n", {Reply::status("")}},
      {"-ERR unknown command\r\n", {Reply::error("ERR unknown command")}},
      {":0\r\n", {Reply::integer(0)}},
      {":-1\r\n", {Reply::integer(-1)}},
      {":9223372036854775807\r\n", {Reply::integer(std::numeric_limits<std::int64_t>::max())}},
      {":-9223372036854775808\r\n", {Reply::integer(std::numeric_limits<std::int64_t>::min())}},
      {"$5\r\nhello\r\n", {Reply::text("hello")}},
      {"$0\r\n\r\n", {Reply::text("")}},
      {"$6\r\n\r\n\0$1\r\r\n"s, {Reply::text("\r\n\0$1\r"s)}},
      {"$-1\r\n", {Reply{}}},
      {"*-1\r\n", {Reply{}}},
      {"*0\r\n", {Reply::array({})}},
      {"*2\r\n$1\r\na\r\n$1\r\nb\r\n", {texts({"a", "b"})}},
      {"*5\r\n+s\r\n-e\r\n:7\r\n$-1\r\n*-1\r\n",
       {Reply::array({Reply::status("s"), Reply::error("e"), Reply::integer(7), Reply{}, Reply{}})}},
      {"*3\r\n*2\r\n$1\r\na\r\n$0\r\n\r\n*0\r\n*1\r\n*1\r\n:1\r\n",
       {Reply::array(
           {texts({"a", ""}), Reply::array({}), Reply::array({Reply::array({Reply::integer(1)})})})}},
      {"+OK\r\n$3\r\nabc\r\n:1\r\n*1\r\n+x\r\n$-1\r\n-E\r\n",
       {Reply::status("OK"), Reply::text("abc"), Reply::integer(1), Reply::array({Reply::status("x")}),
        Reply{}, Reply::error("E")}},
  };
}

TEST(ReplyReaderTest, ReadsEveryTypeInOneFeed) {
  for (const Script& script : scripts()) {
    ReplyReader reader{1 << 20};
    EXPECT_EQ(replies_of(reader, {script.bytes}), script.replies) << script.bytes;
    EXPECT_TRUE(reader.idle()) << script.bytes;
    EXPECT_EQ(reader.error(), "");
  }
}

TEST(ReplyReaderTest, ReadsEveryTypeByteByByte) {
  for (const Script& script : scripts()) {
    ReplyReader reader{1 << 20};
    std::vector<std::string> pieces;
    for (const char c : script.bytes) {
      pieces.emplace_back(1, c);
    }
    EXPECT_EQ(replies_of(reader, pieces), script.replies) << script.bytes;
    EXPECT_TRUE(reader.idle()) << script.bytes;
  }
}

TEST(ReplyReaderTest, ReadsEveryTypeCutAtEveryByte) {
  for (const Script& script : scripts()) {
    for (std::size_t cut = 1; cut < script.bytes.size(); ++cut) {
      ReplyReader reader{1 << 20};
      EXPECT_EQ(replies_of(reader, {script.bytes.substr(0, cut), script.bytes.substr(cut)}), script.replies)
          << script.bytes << " cut at " << cut;
      EXPECT_TRUE(reader.idle()) << script.bytes << " cut at " << cut;
    }
  }
}

TEST(ReplyReaderTest, ReadsAllScriptsOneAfterTheOtherFromOneStream) {
  std::string stream;
  std::vector<Reply> expected;
  for (const Script& script : scripts()) {
    stream += script.bytes;
    expected.insert(expected.end(), script.replies.begin(), script.replies.end());
  }
  for (const std::size_t step : {1U, 2U, 3U, 7U, 64U}) {
    ReplyReader reader{1 << 20};
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      pieces.push_back(stream.substr(at, step));
    }
    EXPECT_EQ(replies_of(reader, pieces), expected) << "in pieces of " << step;
  }
}

TEST(ReplyReaderTest, LeavesTheReplyUntouchedUntilItIsComplete) {
  ReplyReader reader{1 << 20};
  Reply reply = Reply::text("before");
  feed(reader, "*2\r\n$1\r\na\r\n");
  EXPECT_EQ(reader.next(reply), Progress::incomplete);
  EXPECT_EQ(reply, Reply::text("before"));
  feed(reader, "$1\r\nb\r\n");
  EXPECT_EQ(reader.next(reply), Progress::complete);
  EXPECT_EQ(reply, texts({"a", "b"}));
}

TEST(ReplyReaderTest, IsIdleOnlyBetweenReplies) {
  ReplyReader reader{1 << 20};
  Reply reply;
  EXPECT_TRUE(reader.idle());
  EXPECT_EQ(reader.next(reply), Progress::incomplete);
  EXPECT_TRUE(reader.idle());
  feed(reader, "+O");
  EXPECT_FALSE(reader.idle()) << "bytes nobody has read";
  EXPECT_EQ(reader.next(reply), Progress::incomplete);
  EXPECT_FALSE(reader.idle()) << "half a reply";
  feed(reader, "K\r\n+NEXT\r\n");
  EXPECT_EQ(reader.next(reply), Progress::complete);
  EXPECT_FALSE(reader.idle()) << "another reply waits";
  EXPECT_EQ(reader.next(reply), Progress::complete);
  EXPECT_TRUE(reader.idle());
  EXPECT_EQ(reader.next(reply), Progress::incomplete);
  EXPECT_TRUE(reader.idle()) << "asked once more than there are replies";
}

TEST(ReplyReaderTest, RefusesWhatIsNoReply) {
  for (const std::string_view bytes :
       {"HTTP/1.1 400 Bad Request\r\n", "?1\r\n", "\r\n", "$abc\r\n", "$-2\r\nxx\r\n", "*-2\r\n", "*abc\r\n",
        "$99999999999999999999\r\n", "*99999999999999999999\r\n", "*1\r\n!\r\n",
        "*2\r\n$1\r\na\r\n$-7\r\n"}) {
    ReplyReader reader{1 << 20};
    feed(reader, bytes);
    Reply reply = Reply::text("before");
    EXPECT_EQ(reader.next(reply), Progress::broken) << bytes;
    EXPECT_THAT(reader.error(), HasSubstr("not a reply of a Redis server")) << bytes;
    EXPECT_FALSE(reader.idle()) << bytes;
    EXPECT_EQ(reply, Reply::text("before")) << bytes;
  }
}

TEST(ReplyReaderTest, OnceBrokenStaysBroken) {
  ReplyReader reader{1 << 20};
  Reply reply;
  feed(reader, "?\r\n");
  EXPECT_EQ(reader.next(reply), Progress::broken);
  const std::string error = reader.error();
  EXPECT_EQ(reader.next(reply), Progress::broken);
  EXPECT_EQ(reader.error(), error);
  EXPECT_FALSE(reader.idle());
}

TEST(ReplyReaderDeathTest, OnceBrokenStillHasRoomForWhatComesAndStaysBroken) {
  const auto break_with = [](const std::string& bytes) {
    ReplyReader reader{1 << 20};
    Reply reply;
    feed(reader, bytes.substr(0, 10));
    (void)reader.next(reply);
    feed(reader, bytes.substr(10));
    if (reader.next(reply) != Progress::broken) {
      std::_Exit(1);
    }
    if (reader.space().empty()) {
      std::_Exit(2);
    }
    reader.received(1);
    std::_Exit(reader.next(reply) == Progress::broken ? 0 : 3);
  };
  EXPECT_EXIT(break_with("?and more so\r\n"), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(break_with("$20000\r\n" + std::string(20002, 'x')), ::testing::ExitedWithCode(0), "");
}

TEST(ReplyReaderTest, GivesTheRepliesThatCameBeforeWhatIsBroken) {
  ReplyReader reader{1 << 20};
  feed(reader, "+OK\r\n:1\r\n?\r\n");
  Reply reply;
  EXPECT_EQ(reader.next(reply), Progress::complete);
  EXPECT_EQ(reply, Reply::status("OK"));
  EXPECT_EQ(reader.next(reply), Progress::complete);
  EXPECT_EQ(reply, Reply::integer(1));
  EXPECT_EQ(reader.next(reply), Progress::broken);
}

std::string nested(int arrays) {
  std::string bytes;
  for (int i = 0; i < arrays; ++i) {
    bytes += "*1\r\n";
  }
  return bytes + ":1\r\n";
}

TEST(ReplyReaderTest, ReadsAsManyNestedArraysAsItMayAndRefusesMore) {
  constexpr int deepest = static_cast<int>(ReplyReader::deepest_array);
  for (const int depth : {1, 7, 8, 9, 10, deepest}) {
    ReplyReader reader{1 << 20};
    const auto replies = replies_of(reader, {nested(depth)});
    ASSERT_EQ(replies.size(), 1U) << depth;
    const Reply* inner = &replies[0];
    for (int i = 0; i < depth; ++i) {
      ASSERT_EQ(inner->type(), Reply::Type::array) << depth;
      ASSERT_EQ(inner->as_array().size(), 1U);
      inner = &inner->as_array()[0];
    }
    EXPECT_EQ(*inner, Reply::integer(1)) << depth;
  }
  ReplyReader reader{1 << 20};
  feed(reader, nested(deepest + 1));
  Reply reply;
  EXPECT_EQ(reader.next(reply), Progress::refused);
  EXPECT_THAT(reader.error(), HasSubstr("nests arrays more than 128 deep"));
}

TEST(ReplyReaderTest, ReadsElementsBehindAnArrayAtEveryDepth) {
  const std::string stream = "*2\r\n*2\r\n*2\r\n*2\r\n:1\r\n*0\r\n:3\r\n$-1\r\n:5\r\n";
  const auto pair = [](Reply first, Reply second) {
    std::vector<Reply> both;
    both.push_back(std::move(first));
    both.push_back(std::move(second));
    return Reply::array(std::move(both));
  };
  const Reply expected = pair(
      pair(pair(pair(Reply::integer(1), Reply::array({})), Reply::integer(3)), Reply{}), Reply::integer(5));
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, stream.size()}) {
    ReplyReader reader{1 << 20};
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      pieces.push_back(stream.substr(at, step));
    }
    EXPECT_EQ(replies_of(reader, pieces), std::vector{expected}) << "in pieces of " << step;
  }
}

}  // namespace
}  // namespace rediscache::test
