// One connection against a server that does what it is told.
#include "net/connection.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/handshake.hpp"
#include "support/wait.hpp"
#include "unit/bytes_of.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

using net::Connection;
using ::testing::HasSubstr;
using ::testing::Not;

std::unique_ptr<Connection> open(const ScriptedServer& server) {
  auto connection = Connection::open(settings_for(server), late());
  EXPECT_TRUE(connection) << connection.failure().message;
  return std::move(connection.value());
}

TEST(ConnectionTest, CarriesOneExchangeAfterTheOther) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("$1\r\nv\r\n").repeat()}};
  const auto connection = open(server);
  for (int i = 0; i < 3; ++i) {
    Reply reply;
    EXPECT_FALSE(get(*connection, reply));
    EXPECT_EQ(reply, Reply::text("v"));
    EXPECT_TRUE(connection->reusable());
    EXPECT_TRUE(connection->alive());
  }
}

TEST(ConnectionTest, ReadsAReplyThatComesInPieces) {
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().send("$10\r\nhel").pause().send("lo wo").send("rl\r").send("\n")}};
  const auto connection = open(server);
  Reply reply;
  server.resume();
  EXPECT_FALSE(get(*connection, reply));
  EXPECT_EQ(reply, Reply::text("hello worl"));
}

TEST(ConnectionTest, FailsWhenTheReplyEndsInTheMiddle) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("$5\r\nhel").close()}};
  const auto connection = open(server);
  Reply reply;
  const auto failure = get(*connection, reply);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::connection);
  EXPECT_EQ(failure->command, "GET");
  EXPECT_EQ(failure->server, "unix:" + server.address().path);
  EXPECT_THAT(failure->message, HasSubstr("closed the connection"));
  EXPECT_TRUE(failure->connection_lost);
  EXPECT_TRUE(failure->maybe_executed);
  EXPECT_FALSE(connection->reusable());
}

TEST(ConnectionTest, FailsWithoutASignalWhenThePeerHadClosedBefore) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n").close()}};
  const auto connection = open(server);
  Reply reply;
  ASSERT_FALSE(get(*connection, reply));
  ASSERT_TRUE(eventually([&] { return !connection->alive(); }));
  EXPECT_TRUE(connection->reusable()) << "as far as the protocol knows";
  const auto failure = get(*connection, reply);
  ASSERT_TRUE(failure) << "and SIGPIPE would have ended this program";
  EXPECT_EQ(failure->code, ErrorCode::connection);
  EXPECT_TRUE(failure->connection_lost);
  EXPECT_FALSE(failure->maybe_executed) << "nothing could be written";
}

TEST(ConnectionTest, FailsWhenTheDeadlinePasses) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().stay_silent()}};
  const auto connection = open(server);
  Reply reply;
  const auto failure = get(*connection, reply, soon());
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::timeout);
  EXPECT_TRUE(failure->connection_lost);
  EXPECT_TRUE(failure->maybe_executed);
  EXPECT_FALSE(connection->reusable()) << "the late reply would be the next caller's";
}

TEST(ConnectionTest, FailsWhenTheDeadlineHadPassedBefore) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().stay_silent()}};
  const auto connection = open(server);
  Reply reply;
  const auto failure = get(*connection, reply, base::Deadline{base::Clock::now()});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::timeout);
}

TEST(ConnectionTest, FailsOnWhatIsNoReply) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("HTTP/1.1 200 OK\r\n\r\n")}};
  const auto connection = open(server);
  Reply reply;
  const auto failure = get(*connection, reply);
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("not a reply of a Redis server"));
  EXPECT_FALSE(connection->reusable());
}

TEST(ConnectionTest, IsNotReusableWhenMoreCameThanWasAskedFor) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n+MORE\r\n")}};
  const auto connection = open(server);
  Reply reply;
  // The second reply comes with the first or right after it.
  if (!get(*connection, reply)) {
    EXPECT_TRUE(eventually([&] { return !connection->reusable() || !connection->alive(); }));
  } else {
    EXPECT_FALSE(connection->reusable());
  }
}

constexpr std::size_t large_bytes = 8 << 20;  // more than any socket buffers

TEST(ConnectionTest, SendsALargeCommandToASlowReader) {
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().send("+first\r\n").pause().expect_command().send("+second\r\n")}};
  const auto connection = open(server);
  Reply reply;
  ASSERT_FALSE(get(*connection, reply));
  const std::string value(large_bytes, 'v');
  Commands commands;
  commands.begin("SET", CommandKind::idempotent_write, 2).key("k").in_place(value);
  const std::jthread slow{[&] { server.resume(); }};
  EXPECT_FALSE(connection->exchange(commands, {&reply, 1}, late()));
  EXPECT_EQ(reply, Reply::status("second"));
  ASSERT_EQ(server.commands().size(), 2U);
  EXPECT_EQ(server.commands()[1], (ScriptedServer::Command{"SET", "k", value}));
}

TEST(ConnectionTest, TellsWhetherACommandThatWasNotSentWholeMayHaveBeenExecuted) {
  for (const bool pipeline : {false, true}) {
    const ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n").pause()}};
    const auto connection = open(server);
    std::vector<Reply> replies(pipeline ? 2 : 1);
    ASSERT_FALSE(get(*connection, replies[0]));
    const std::string value(large_bytes, 'v');
    Commands commands;
    if (pipeline) {
      commands.begin("GET", CommandKind::read, 1).key("k");
    }
    commands.begin("SET", CommandKind::idempotent_write, 2).key("k").in_place(value);
    const auto failure = connection->exchange(commands, replies, soon());
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, ErrorCode::timeout);
    EXPECT_EQ(failure->maybe_executed, pipeline);
  }
}

TEST(ConnectionTest, ReadsAnswersWhileItIsStillSending) {
  const std::string value(100'000, 'v');
  const ScriptedServer server{Transport::local,
                              {Script{}.expect_command().send("$100000\r\n" + value + "\r\n").repeat()}};
  const auto connection = open(server);
  Commands commands;
  constexpr std::size_t count = 100;
  for (std::size_t i = 0; i < count; ++i) {
    commands.begin("ECHO", CommandKind::read, 1).in_place(value);
  }
  std::vector<Reply> replies(count);
  EXPECT_FALSE(connection->exchange(commands, replies, late())) << "each side would wait for the other";
  EXPECT_EQ(replies, std::vector<Reply>(count, Reply::text(value)));
  EXPECT_TRUE(connection->reusable());
}

TEST(ConnectionTest, ObeysTheLimitOfAReply) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("$1000001\r\n")}};
  net::ServerSettings settings = settings_for(server);
  settings.max_reply_bytes = 1'000'000;
  auto connection = Connection::open(settings, late());
  ASSERT_TRUE(connection);
  Reply reply;
  const auto failure = get(*connection.value(), reply);
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("max_reply_bytes"));
}

/// What opening a connection fails with; the server answers the bytes of the sign-in with `answer`.
Failure refused(std::string_view answer, proto::HandshakeOptions handshake) {
  const std::size_t asked = proto::Handshake{handshake}.commands().bytes();
  const ScriptedServer server{Transport::local,
                              {Script{}.expect_bytes(asked).send(answer).close(), Script{}.close()}};
  net::ServerSettings settings = settings_for(server);
  settings.handshake = std::move(handshake);
  const auto connection = Connection::open(settings, late());
  if (connection) {
    ADD_FAILURE() << "was not refused";
    return {};
  }
  EXPECT_EQ(connection.failure().server, settings.endpoint.name());
  EXPECT_FALSE(connection.failure().connection_lost) << "there never was one";
  EXPECT_FALSE(connection.failure().maybe_executed);
  return connection.failure();
}

TEST(OpeningAConnection, FailsWithTheServersReason) {
  const Failure failure = refused("-WRONGPASS invalid username-password pair\r\n+OK\r\n+OK\r\n",
                                  {.username = {}, .password = "s3cret", .database = 0, .client_name = {}});
  EXPECT_EQ(failure.code, ErrorCode::authentication);
  EXPECT_EQ(failure.command, "AUTH");
  EXPECT_THAT(failure.message, HasSubstr("WRONGPASS"));
  EXPECT_THAT(failure.message, Not(HasSubstr("s3cret")));
}

TEST(OpeningAConnection, FailsWhenTheServerClosesDuringSigningIn) {
  const Failure failure = refused("", {.username = {}, .password = {}, .database = 0, .client_name = {}});
  EXPECT_EQ(failure.code, ErrorCode::connection);
  EXPECT_THAT(failure.message, HasSubstr("signing in"));
}

TEST(OpeningAConnection, TellsWhatTheServerSaidBeforeItClosed) {
  const Failure failure = refused("-ERR max number of clients reached\r\n",
                                  {.username = {}, .password = {}, .database = 0, .client_name = {}});
  EXPECT_THAT(failure.message, HasSubstr("max number of clients reached"));
}

TEST(OpeningAConnection, FailsWhenTheServerStaysSilent) {
  const ScriptedServer server{Transport::local, {Script{}.stay_silent()}};
  const auto connection = Connection::open(settings_for(server), soon());
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.failure().code, ErrorCode::timeout);
}

}  // namespace
}  // namespace rediscache::test
