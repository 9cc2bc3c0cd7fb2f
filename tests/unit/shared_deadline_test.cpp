// What becomes of calls on a shared connection whose time is over, and of the others on it.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/shared_call.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using net::Gate;
using net::SharedConnection;
using ::testing::HasSubstr;

TEST(SharedDeadlineTest, WithdrawsWhatWasNotSent) {
  ScriptedServer server{Transport::local,
                        {Script{}
                             .expect_command()
                             .expect_command()
                             .expect_command()
                             .expect_command()
                             .pause()
                             .send("+1\r\n+2\r\n+3\r\n+4\r\n")
                             .expect_command()
                             .send("+5\r\n")}};
  auto settings = eager_settings_for(server);
  Gate gate{settings};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  std::vector<std::unique_ptr<SharedCall>> calls;
  for (std::size_t i = 1; i <= 4; ++i) {
    calls.push_back(std::make_unique<SharedCall>(connection, std::to_string(i)));
    ASSERT_TRUE(has_read(server, i));
  }
  // So many sends are outstanding that this one waits.
  SharedCall withdrawn{connection, "withdrawn", soon()};
  EXPECT_EQ(withdrawn.outcome(), "timeout");
  EXPECT_FALSE(withdrawn.failure()->connection_lost);
  server.resume();
  for (std::size_t i = 1; i <= 4; ++i) {
    EXPECT_EQ(calls[i - 1]->outcome(), std::to_string(i));
  }
  Reply reply;
  ASSERT_FALSE(get(connection, "fifth", reply));
  EXPECT_EQ(reply, Reply::status("5"));
  EXPECT_EQ(server.commands().back().at(1), "fifth");
  EXPECT_EQ(server.connection_count(), 1U);
}

TEST(SharedDeadlineTest, ThrowsAwayTheReplyToWhomHasLeft) {
  const ScriptedServer server{
      Transport::local, {Script{}.expect_command().expect_command().send("$4\r\nleft\r\n$4\r\nnext\r\n")}};
  Gate gate{eager_settings_for(server)};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  Reply reply;
  const auto failure = get(connection, "left", reply, soon());
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::timeout);
  EXPECT_TRUE(failure->maybe_executed);
  EXPECT_FALSE(failure->connection_lost);
  ASSERT_FALSE(get(connection, "next", reply));
  EXPECT_EQ(reply, Reply::text("next"));
  EXPECT_EQ(connection.lost(), 0U);
}

TEST(SharedDeadlineTest, LeavesTheReadingToWhomHasTime) {
  for (const bool first_leaves : {true, false}) {
    ScriptedServer server{Transport::local,
                          {Script{}.expect_command().expect_command().pause().send("+1\r\n+2\r\n")}};
    Gate gate{eager_settings_for(server)};
    const net::Crowd crowd;
    SharedConnection connection{gate, crowd};
    // The first one reads.
    SharedCall first{connection, "1", first_leaves ? base::Deadline::in(200ms) : late()};
    ASSERT_TRUE(has_read(server, 1));
    SharedCall second{connection, "2", first_leaves ? late() : base::Deadline::in(200ms)};
    ASSERT_TRUE(has_read(server, 2));
    EXPECT_EQ((first_leaves ? first : second).outcome(), "timeout, maybe executed");
    server.resume();
    EXPECT_EQ((first_leaves ? second : first).outcome(), first_leaves ? "2" : "1");
    EXPECT_EQ(server.connection_count(), 1U);
  }
}

TEST(SharedDeadlineTest, ClosesAConnectionOnWhichNothingComesAndTellsEverybody) {
  const ScriptedServer server{Transport::local,
                              {Script{}.expect_command().expect_command().stay_silent(),
                               Script{}.expect_command().send("+again\r\n")}};
  auto settings = eager_settings_for(server);
  settings.call_patience = 100ms;
  Gate gate{settings};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  SharedCall left{connection, "left", soon()};
  ASSERT_TRUE(has_read(server, 1));
  SharedCall patient{connection, "patient"};
  EXPECT_EQ(left.outcome(), "timeout, maybe executed");
  EXPECT_EQ(patient.outcome(), "timeout, maybe executed");
  EXPECT_THAT(patient.failure()->message, HasSubstr("did not answer"));
  EXPECT_TRUE(patient.failure()->connection_lost);
  Reply reply;
  ASSERT_FALSE(get(connection, "again", reply));
  EXPECT_EQ(reply, Reply::status("again"));
  EXPECT_EQ(connection.lost(), 1U);
}

TEST(SharedDeadlineTest, KeepsAConnectionWhoseLateRepliesHaveComeMeanwhile) {
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().pause().send("+late\r\n").expect_command().send("+next\r\n")}};
  auto settings = eager_settings_for(server);
  settings.call_patience = 100ms;
  Gate gate{settings};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  Reply reply;
  ASSERT_TRUE(get(connection, "late", reply, soon()));
  server.resume();
  // Nobody looks until that reply has been due for long.
  const auto overdue = base::Clock::now() + 400ms;
  ASSERT_TRUE(eventually([&] { return base::Clock::now() > overdue; }));
  ASSERT_FALSE(get(connection, "next", reply));
  EXPECT_EQ(reply, Reply::status("next"));
  EXPECT_EQ(connection.lost(), 0U);
  EXPECT_EQ(server.connection_count(), 1U);
}

TEST(SharedDeadlineTest, DoesNotFailOthersBecauseOneHadNoTimeToConnect) {
  // Two connections are never ready; those who try have little time.
  const ScriptedServer server{Transport::local,
                              {Script{}.expect_bytes(1).stay_silent(), Script{}.expect_bytes(1).stay_silent(),
                               Script{}.expect_command().send("+last\r\n").repeat()}};
  auto settings = eager_settings_for(server);
  settings.connect_timeout = 20s;
  settings.breaker.failures = 0;
  Gate gate{settings};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  SharedCall first{connection, "first", base::Deadline::in(200ms)};
  ASSERT_TRUE(eventually([&] { return server.connection_count() == 1; }));
  SharedCall second{connection, "second", base::Deadline::in(500ms)};
  ASSERT_TRUE(eventually([&] { return server.connection_count() == 2; }));
  SharedCall last{connection, "last"};
  EXPECT_EQ(first.outcome(), "timeout");
  // The second may be sent by the last, in the moment before it leaves.
  EXPECT_EQ(last.outcome(), "last");
}

TEST(SharedDeadlineTest, EndsAConnectionOnARequestThatWasHalfWritten) {
  const ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().send("+first\r\n").pause(), Script{}.expect_command().send("+again\r\n")}};
  Gate gate{eager_settings_for(server)};
  const net::Crowd crowd;
  SharedConnection connection{gate, crowd};
  Reply reply;
  ASSERT_FALSE(get(connection, "first", reply));
  const std::string value(8 << 20, 'v');  // more than any socket buffers
  Commands commands;
  commands.begin("SET", CommandKind::idempotent_write, 2).key("half").in_place(value);
  const auto failure = connection.exchange(commands, {&reply, 1}, soon(), false);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::timeout);
  EXPECT_TRUE(failure->maybe_executed);
  EXPECT_TRUE(failure->connection_lost);
  ASSERT_FALSE(get(connection, "again", reply));
  EXPECT_EQ(reply, Reply::status("again"));
  EXPECT_EQ(server.connection_count(), 2U);
}

}  // namespace
}  // namespace rediscache::test
