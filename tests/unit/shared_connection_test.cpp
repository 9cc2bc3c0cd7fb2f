// One connection that several threads use, against a server that does what it is told.
#include "net/shared_connection.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/server.hpp"
#include "support/child.hpp"
#include "unit/shared_call.hpp"

namespace rediscache::test {
namespace {

using net::Gate;
using net::SharedConnection;
using ::testing::HasSubstr;

const Script answers_again = Script{}.expect_command().send("$5\r\nagain\r\n").repeat();

/// After whatever happened, the next call has a connection of its own, and its own reply.
void expect_works_again(SharedConnection& connection, const ScriptedServer& server) {
  Reply reply;
  const auto failure = get(connection, "again", reply);
  ASSERT_FALSE(failure) << failure->message;
  EXPECT_EQ(reply, Reply::text("again"));
  EXPECT_EQ(server.connection_count(), 2U);
  EXPECT_EQ(connection.lost(), 1U);
}

/// In the order in which the server was asked.
std::vector<SharedCall*> in_order(const ScriptedServer& server, SharedCall& a, SharedCall& b) {
  return server.commands().at(0).at(1) == "a" ? std::vector{&a, &b} : std::vector{&b, &a};
}

TEST(SharedConnectionTest, GivesEachCallerItsOwnReplyWhereverTheyAreCut) {
  const std::string replies = "$5\r\nfirst\r\n*2\r\n:7\r\n$6\r\nsecond\r\n";
  for (std::size_t cut = 0; cut < replies.size(); ++cut) {
    ScriptedServer server{Transport::local,
                          {Script{}
                               .expect_command()
                               .expect_command()
                               .send(replies.substr(0, cut))
                               .pause()
                               .send(replies.substr(cut))}};
    Gate gate{eager_settings_for(server)};
    const net::Crowd crowd;
    SharedConnection connection{gate, crowd};
    SharedCall a{connection, "a"};
    SharedCall b{connection, "b"};
    ASSERT_TRUE(has_read(server, 2));
    const auto calls = in_order(server, a, b);
    EXPECT_TRUE(cut < 11 || eventually([&] { return calls[0]->ended(); })) << "its reply was there whole";
    server.resume();
    ASSERT_FALSE(calls[0]->failure()) << cut;
    EXPECT_EQ(calls[0]->reply(), Reply::text("first"));
    ASSERT_FALSE(calls[1]->failure()) << cut;
    EXPECT_EQ(calls[1]->reply().as_array().at(1), Reply::text("second"));
  }
}

TEST(SharedConnectionTest, TellsThoseWhoseRepliesDidNotComeWholeAndOnlyThose) {
  const std::string replies = "$5\r\nfirst\r\n$6\r\nsecond\r\n";
  for (std::size_t cut = 0; cut < replies.size(); ++cut) {
    const ScriptedServer server{
        Transport::local,
        {Script{}.expect_command().expect_command().send(replies.substr(0, cut)).close(), answers_again}};
    Gate gate{eager_settings_for(server)};
    const net::Crowd crowd;
    SharedConnection connection{gate, crowd};
    SharedCall a{connection, "a"};
    SharedCall b{connection, "b"};
    ASSERT_TRUE(has_read(server, 2));
    const auto calls = in_order(server, a, b);
    EXPECT_EQ(calls[0]->outcome(), cut < 11 ? "connection, maybe executed" : "first") << cut;
    EXPECT_EQ(calls[1]->outcome(), "connection, maybe executed") << cut;
    EXPECT_TRUE(calls[1]->failure()->connection_lost);
    expect_works_again(connection, server);
  }
}

TEST(SharedConnectionTest, TellsAllInFlightWhenTheServerTalksNonsense) {
  const ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().expect_command().send("HTTP/1.1 200 OK\r\n\r\n"), answers_again}};
  Gate gate{eager_settings_for(server)};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  SharedCall a{connection, "a"};
  SharedCall b{connection, "b"};
  for (SharedCall* const call : {&a, &b}) {
    EXPECT_EQ(call->outcome(), "connection, maybe executed");
    EXPECT_THAT(call->failure()->message, HasSubstr("not a reply of a Redis server"));
  }
  expect_works_again(connection, server);
}

TEST(SharedConnectionTest, GoesNoFurtherWithAServerThatSaidMoreThanItWasAsked) {
  const ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().send("$1\r\na\r\n$4\r\nmore\r\n").stay_silent(), answers_again}};
  Gate gate{eager_settings_for(server)};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  Reply reply;
  ASSERT_FALSE(get(connection, "a", reply));
  EXPECT_EQ(reply, Reply::text("a"));
  // What was too much came with the reply, or is found when it has to be quiet.
  Commands commands;
  commands.begin("INCR", CommandKind::accumulating_write, 1).key("again");
  const auto failure = connection.exchange(commands, {&reply, 1}, late(), true);
  ASSERT_FALSE(failure) << failure->message;
  EXPECT_EQ(reply, Reply::text("again"));
}

TEST(SharedConnectionTest, TellsAtOnceWhoeverLostItsConnectionThoughAnotherConnects) {
  // More than may be outstanding, so that one is left in the queue when the connection breaks; and the next
  // connection is never ready.
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().expect_command().expect_command().expect_command().pause().close(),
       Script{}.expect_bytes(1).stay_silent()}};
  auto settings = eager_settings_for(server);
  settings.connect_timeout = std::chrono::seconds{20};
  Gate gate{settings};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  std::vector<std::unique_ptr<SharedCall>> calls;
  for (std::size_t i = 1; i <= 4; ++i) {
    calls.push_back(std::make_unique<SharedCall>(connection, std::to_string(i)));
    ASSERT_TRUE(has_read(server, i));
  }
  SharedCall queued{connection, "queued", base::Deadline::in(std::chrono::seconds{3})};
  server.resume();
  ASSERT_TRUE(eventually([&] { return server.connection_count() == 2; }));
  for (const auto& call : calls) {
    EXPECT_TRUE(eventually([&] { return call->ended(); }, std::chrono::seconds{2}));
    EXPECT_EQ(call->outcome(), "connection, maybe executed");
  }
  EXPECT_FALSE(queued.ended()) << "it has its deadline still before it";
  EXPECT_EQ(queued.outcome(), "timeout");
}

TEST(SharedConnectionTest, WaitsForTheFirstAnswersSoThatItMeasuresTheWayThoughNoCallIsEverAlone) {
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().pause().send("+first\r\n").expect_command().send("+next\r\n")}};
  Gate gate{settings_for(server)};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  SharedCall first{connection, "first"};
  ASSERT_TRUE(has_read(server, 1));
  // Nothing was sent of it, or it might have been executed.
  SharedCall second{connection, "second", soon()};
  EXPECT_EQ(second.outcome(), "timeout");
  SharedCall next{connection, "next"};
  server.resume();
  EXPECT_EQ(first.outcome(), "first");
  EXPECT_EQ(next.outcome(), "next");
}

TEST(SharedConnectionTest, IsClosedWhenIdleAndOnlyThen) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().pause().send("$1\r\na\r\n"), answers_again}};
  Gate gate{eager_settings_for(server)};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  {
    SharedCall a{connection, "a"};
    ASSERT_TRUE(has_read(server, 1));
    connection.close_idle();
    EXPECT_TRUE(connection.open());
    server.resume();
    EXPECT_EQ(a.outcome(), "a");
  }
  connection.close_idle();
  EXPECT_FALSE(connection.open());
  Reply reply;
  ASSERT_FALSE(get(connection, "again", reply));
  EXPECT_EQ(server.connection_count(), 2U);
  EXPECT_EQ(connection.lost(), 0U);
}

TEST(SharedConnectionTest, IsLeftToTheParentByAChildForkedWithCallsInFlight) {
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().expect_command().pause().send("$2\r\nok\r\n$2\r\nok\r\n"), answers_again}};
  auto settings = eager_settings_for(server);
  settings.shared_connections = 1;
  net::Server shared{settings};
  const auto ask = [&shared](Reply& reply) {
    Commands commands;
    commands.begin("GET", CommandKind::read, 1).key("k");
    return !shared.exchange(commands, {&reply, 1}, late(), false);
  };
  std::vector<Reply> replies(2);
  {
    const std::jthread first{[&] { EXPECT_TRUE(ask(replies[0])); }};
    const std::jthread second{[&] { EXPECT_TRUE(ask(replies[1])); }};
    ASSERT_TRUE(has_read(server, 2));
    EXPECT_TRUE(holds_in_child([&] {
      Reply reply;
      return ask(reply) && reply == Reply::text("again");
    }));
    server.resume();
  }
  EXPECT_EQ(replies[0], Reply::text("ok"));
  EXPECT_EQ(replies[1], Reply::text("ok"));
}

}  // namespace
}  // namespace rediscache::test
