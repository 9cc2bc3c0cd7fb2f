// Many calls over one connection, played by scripts.
#include "proto/multiplexer.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/bytes_of.hpp"
#include "unit/multiplexer_conversation.hpp"

namespace rediscache::test {
namespace {

using proto::Call;
using proto::Multiplexer;
using ::testing::HasSubstr;

const std::string get_a = wire({"GET", "a"});
const std::string get_b = wire({"GET", "b"});
const std::string get_c = wire({"GET", "c"});

TEST(MultiplexerTest, CarriesOneCall) {
  Conversation{}
      .submit("a", {{"GET", "a"}})
      .write(get_a)
      .feed("$1\r\nv\r\n")
      .done("a", {Reply::text("v")})
      .play_in_every_way();
}

TEST(MultiplexerTest, GivesEachCallItsOwnReplyInOrder) {
  Conversation{}
      .submit("a", {{"GET", "a"}})
      .submit("b", {{"GET", "b"}})
      .submit("c", {{"GET", "c"}})
      .write(get_a + get_b + get_c)
      .feed("$1\r\nA\r\n$1\r\nB\r\n$1\r\nC\r\n")
      .done("a", {Reply::text("A")})
      .done("b", {Reply::text("B")})
      .done("c", {Reply::text("C")})
      .play_in_every_way();
}

TEST(MultiplexerTest, TakesNewCallsWhileOthersAreInFlight) {
  Conversation{}
      .submit("a", {{"GET", "a"}})
      .write(get_a)
      .submit("b", {{"GET", "b"}})
      .feed("+A\r\n")
      .done("a", {Reply::status("A")})
      .write(get_b)
      .submit("c", {{"GET", "c"}})
      .write(get_c)
      .feed(":1\r\n")
      .done("b", {Reply::integer(1)})
      .feed("$-1\r\n")
      .done("c", {Reply{}})
      .play_in_every_way();
}

TEST(MultiplexerTest, CarriesPipelinesBesideSingleCommands) {
  Conversation{}
      .submit("p", {{"SET", "a", "1"}, {"GET", "a"}, {"DEL", "a"}})
      .submit("b", {{"GET", "b"}})
      .write(wire({"SET", "a", "1"}) + get_a + wire({"DEL", "a"}) + get_b)
      .feed("+OK\r\n$1\r\n1\r\n:1\r\n")
      .done("p", {Reply::status("OK"), Reply::text("1"), Reply::integer(1)})
      .feed("*1\r\n:2\r\n")
      .done("b", {Reply::array({Reply::integer(2)})})
      .play_in_every_way();
}

TEST(MultiplexerTest, TakesAnswersToAPipelineThatIsStillBeingWritten) {
  Conversation{}
      .submit("p", {{"GET", "a"}, {"GET", "b"}})
      .write(get_a + "*2\r\n")
      .feed("+A\r\n")
      .write(get_b.substr(4))
      .feed("+B\r\n")
      .done("p", {Reply::status("A"), Reply::status("B")})
      .play_in_every_way();
}

TEST(MultiplexerTest, PassesErrorRepliesOnAsReplies) {
  Conversation{}
      .submit("p", {{"GET", "a"}, {"GET", "b"}})
      .write(get_a + get_b)
      .feed("-WRONGTYPE x\r\n+B\r\n")
      .done("p", {Reply::error("WRONGTYPE x"), Reply::status("B")})
      .play_in_every_way();
}

TEST(MultiplexerTest, CarriesLargeCommandsAndReplies) {
  const std::string value(40'000, 'v');
  Conversation{}
      .submit("a", {{"SET", "k", value, "PX", "1"}})
      .submit("b", {{"GET", "b"}})
      .write(wire({"SET", "k", value, "PX", "1"}) + get_b)
      .feed("+OK\r\n$40000\r\n" + value + "\r\n")
      .done("a", {Reply::status("OK")})
      .done("b", {Reply::text(value)})
      .play_in_every_way(997);
}

/// A multiplexer with calls, for what is no script.
class MultiplexerStates : public ::testing::Test {
 protected:
  std::optional<Failure> feed(std::string_view bytes) {
    const auto room = multiplexer_.input();
    bytes.copy(room.data(), bytes.size());
    return multiplexer_.received(bytes.size());
  }
  void write_all() {
    std::array<std::string_view, 64> pieces;
    const std::size_t used = multiplexer_.output(pieces);
    for (std::size_t i = 0; i < used; ++i) {
      multiplexer_.wrote(pieces[i].size());
    }
  }

  Multiplexer multiplexer_{1 << 20};
  Participant a_{{{"GET", "a"}}};
  Participant b_{{{"GET", "b"}}};
  Participant pipeline_{{{"GET", "x"}, {"GET", "y"}}};
};

TEST_F(MultiplexerStates, BlameThePipelineForAReplyThatIsTooLargeBeforeAllWasSent) {
  multiplexer_.submit(pipeline_.call);
  multiplexer_.wrote(get_a.size());
  const auto failure = feed("$9999999\r\n");
  ASSERT_TRUE(failure);
  EXPECT_TRUE(failure->caused_by_call);
}

TEST_F(MultiplexerStates, FailCallsOfWhichHalfOrNothingWasWritten) {
  multiplexer_.submit(a_.call);
  multiplexer_.submit(b_.call);
  multiplexer_.wrote(3);
  multiplexer_.fail(Failure{});
  for (const Participant* participant : {&a_, &b_}) {
    ASSERT_EQ(participant->call.state, Call::State::failed);
    EXPECT_FALSE(participant->call.failure->maybe_executed);
  }
}

TEST_F(MultiplexerStates, CountWhatIsInFlight) {
  EXPECT_TRUE(multiplexer_.idle());
  multiplexer_.submit(a_.call);
  multiplexer_.submit(b_.call);
  EXPECT_EQ(multiplexer_.in_flight(), 2U);
  write_all();
  EXPECT_FALSE(multiplexer_.has_output());
  EXPECT_EQ(multiplexer_.in_flight(), 2U);
  EXPECT_FALSE(feed("+A\r\n"));
  EXPECT_EQ(multiplexer_.in_flight(), 1U);
  EXPECT_FALSE(multiplexer_.idle());
  EXPECT_FALSE(feed("+B\r\n"));
  EXPECT_EQ(multiplexer_.in_flight(), 0U);
  EXPECT_TRUE(multiplexer_.idle());
}

TEST_F(MultiplexerStates, AreNotIdleWithHalfAReplyLeft) {
  multiplexer_.submit(a_.call);
  write_all();
  EXPECT_FALSE(feed("+A\r\n+more"));
  EXPECT_TRUE(a_.call.finished());
  EXPECT_FALSE(multiplexer_.idle()) << "the next call would get what was nobody's";
}

TEST_F(MultiplexerStates, RefuseAReplyNobodyAskedFor) {
  const auto failure = feed("+surprise\r\n");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::connection);
  EXPECT_TRUE(failure->connection_lost);
  EXPECT_THAT(failure->message, HasSubstr("nobody had asked for"));
}

TEST_F(MultiplexerStates, CarryTheTextOfAnErrorNobodyAskedFor) {
  const auto failure = feed("-ERR max number of clients reached\r\n");
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("ERR max number of clients reached"));
}

TEST_F(MultiplexerStates, RefuseAReplyTooMany) {
  multiplexer_.submit(a_.call);
  write_all();
  const auto failure = feed("+A\r\n+surprise\r\n");
  EXPECT_TRUE(a_.call.finished());
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("nobody had asked for"));
}

TEST_F(MultiplexerStates, RefuseAReplyToACallOfWhichNothingWasSent) {
  multiplexer_.submit(a_.call);
  const auto failure = feed("-ERR max number of clients reached\r\n");
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("ERR max number of clients reached"));
  EXPECT_FALSE(a_.call.finished());
  multiplexer_.fail(*failure);
  ASSERT_EQ(a_.call.state, Call::State::failed);
  EXPECT_FALSE(a_.call.failure->maybe_executed);
}

TEST_F(MultiplexerStates, RefuseAReplyToACallThatIsStillBeingWritten) {
  multiplexer_.submit(a_.call);
  multiplexer_.wrote(3);
  const auto failure = feed("+OK\r\n");
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("before the command was sent"));
  EXPECT_FALSE(a_.call.finished());
}

TEST_F(MultiplexerStates, PassOnWhyTheServerRefusesACallThatIsStillBeingWritten) {
  multiplexer_.submit(a_.call);
  multiplexer_.wrote(3);
  const auto failure = feed("-ERR Protocol error: invalid bulk length\r\n");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::response);
  EXPECT_EQ(failure->message, "ERR Protocol error: invalid bulk length");
  EXPECT_TRUE(failure->caused_by_call);
  multiplexer_.fail(*failure);
  ASSERT_EQ(a_.call.state, Call::State::failed);
  EXPECT_FALSE(a_.call.failure->maybe_executed);
}

TEST_F(MultiplexerStates, AreOverAfterAProtocolErrorThoughItIsAReply) {
  multiplexer_.submit(a_.call);
  write_all();
  EXPECT_FALSE(feed("-ERR Protocol error: invalid bulk length\r\n"));
  EXPECT_EQ(a_.call.state, Call::State::done);
  EXPECT_FALSE(multiplexer_.idle()) << "the server closes the connection";
}

TEST_F(MultiplexerStates, RefuseAllRepliesOfAPipelineBeforeItsLastByte) {
  multiplexer_.submit(pipeline_.call);
  multiplexer_.wrote(pipeline_.commands.bytes() - 1);
  EXPECT_FALSE(feed("+X\r\n"));
  EXPECT_TRUE(feed("+Y\r\n"));
  EXPECT_FALSE(pipeline_.call.finished());
}

TEST_F(MultiplexerStates, SayWhyAStreamMakesNoSense) {
  multiplexer_.submit(a_.call);
  write_all();
  const auto failure = feed("HTTP/1.1 400 Bad Request\r\n");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::connection);
  EXPECT_TRUE(failure->connection_lost);
  EXPECT_THAT(failure->message, HasSubstr("not a reply of a Redis server"));
}

TEST_F(MultiplexerStates, AreResetBySubmittingAgain) {
  multiplexer_.submit(a_.call);
  multiplexer_.fail(Failure{});
  ASSERT_TRUE(a_.call.finished());
  Multiplexer another{1 << 20};
  another.submit(a_.call);
  EXPECT_EQ(a_.call.state, Call::State::queued);
  EXPECT_FALSE(a_.call.failure);
  EXPECT_EQ(a_.call.answered, 0U);
}

}  // namespace
}  // namespace rediscache::test
