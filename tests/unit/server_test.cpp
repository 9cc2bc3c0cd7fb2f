// Which connection a call takes to a server.
#include "net/server.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

/// Counts the commands of a connection as it answers them.
const Script answers_ok = Script{}.expect_command().send("+OK\r\n").repeat();

class ServerTest : public ::testing::Test {
 protected:
  void call(const Commands& commands) {
    std::vector<Reply> replies(commands.size());
    const auto failure = server_.exchange(commands, replies, late(), false);
    EXPECT_FALSE(failure) << failure->message;
  }

  ScriptedServer scripted_{Transport::local, {answers_ok}};
  net::Server server_{settings_for(scripted_)};
};

TEST_F(ServerTest, ShortCallsShareOneConnection) {
  Commands commands;
  commands.begin("GET", CommandKind::read, 1).key("k");
  call(commands);
  call(commands);
  EXPECT_EQ(scripted_.connection_count(), 1U);
}

TEST_F(ServerTest, ACallThatAnswersAtLengthHasAConnectionOfItsOwn) {
  Commands short_one;
  short_one.begin("GET", CommandKind::read, 1).key("k");
  call(short_one);
  Commands with_a_long_one;
  with_a_long_one.begin("GET", CommandKind::read, 1).key("k");
  with_a_long_one.begin("SMEMBERS", CommandKind::read, 1).key("k").answers_at_length();
  call(with_a_long_one);
  EXPECT_EQ(scripted_.connection_count(), 2U);
}

TEST_F(ServerTest, ALongPipelineHasAConnectionOfItsOwn) {
  Commands commands;
  commands.begin("GET", CommandKind::read, 1).key("k");
  call(commands);
  for (int i = 0; i < 16; ++i) {
    commands.begin("GET", CommandKind::read, 1).key("k");
  }
  call(commands);
  EXPECT_EQ(scripted_.connection_count(), 2U);
}

TEST_F(ServerTest, ALargeRequestHasAConnectionOfItsOwn) {
  Commands commands;
  commands.begin("GET", CommandKind::read, 1).key("k");
  call(commands);
  commands.clear();
  commands.begin("SET", CommandKind::idempotent_write, 2).key("k").arg(std::string(20'000, 'v'));
  call(commands);
  EXPECT_EQ(scripted_.connection_count(), 2U);
}

}  // namespace
}  // namespace rediscache::test
