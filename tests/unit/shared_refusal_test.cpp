// A shared connection on which the reply, or the request, of one call is refused: the others take no harm.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/shared_call.hpp"

namespace rediscache::test {
namespace {

using net::Gate;
using net::SharedConnection;
using ::testing::HasSubstr;

class SharedRefusalTest : public ::testing::Test {
 protected:
  /// Two calls whose requests are on their way together; the first to be answered gets `first`, and then
  /// comes `rest`.
  struct Outcome {
    std::string refused;  ///< what the call that was answered first says
    std::string neighbour;
    bool neighbour_lost_its_connection = false;
    std::string next{};  ///< of a call after both
    std::size_t connections = 0;
    BreakerState breaker{};
  };
  [[nodiscard]] static Outcome outcome_of(const Script& script) {
    const ScriptedServer server{Transport::local,
                                {script, Script{}.expect_command().send("$4\r\nnext\r\n").repeat()}};
    net::ServerSettings settings = eager_settings_for(server);
    settings.max_reply_bytes = 1000;
    settings.breaker.failures = 1;
    Gate gate{settings};
    const net::Crowd crowd;
    SharedConnection connection{gate, crowd};
    SharedCall a{connection, "a"};
    SharedCall b{connection, "b"};
    EXPECT_TRUE(has_read(server, 2));
    const bool a_is_first = server.commands().at(0).at(1) == "a";
    SharedCall& first = a_is_first ? a : b;
    SharedCall& second = a_is_first ? b : a;
    EXPECT_TRUE(first.failure());
    EXPECT_TRUE(first.failure() && first.failure()->caused_by_call);
    Outcome outcome{.refused = first.failure() ? first.failure()->message : "",
                    .neighbour = second.outcome(),
                    .neighbour_lost_its_connection = second.failure() && second.failure()->connection_lost};
    Reply reply;
    EXPECT_FALSE(get(connection, "next", reply));
    outcome.next = reply.as_text();
    outcome.connections = server.connection_count();
    outcome.breaker = gate.statistics().breaker;
    return outcome;
  }
};

TEST_F(SharedRefusalTest, OfATooLargeReplyLeavesTheNeighbourItsOwn) {
  std::string nils = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) {
    nils += "$-1\r\n";
  }
  for (const std::string& reply : {"$5000\r\n" + std::string(5000, 'x') + "\r\n", nils}) {
    const Outcome outcome = outcome_of(Script{}
                                           .expect_command()
                                           .expect_command()
                                           .send(reply + "$3\r\nown\r\n")
                                           .expect_command()
                                           .send("$4\r\nnext\r\n"));
    EXPECT_THAT(outcome.refused, HasSubstr("max_reply_bytes (1000)"));
    EXPECT_EQ(outcome.neighbour, "own");
    EXPECT_EQ(outcome.next, "next");
    EXPECT_EQ(outcome.connections, 1U);
    EXPECT_EQ(outcome.breaker, BreakerState::closed);
  }
}

TEST_F(SharedRefusalTest, OfARequestAtWhichTheServerClosesIsNotTheNeighboursEnd) {
  const Outcome outcome = outcome_of(Script{}
                                         .expect_command()
                                         .expect_command()
                                         .send("-ERR Protocol error: invalid bulk length\r\n")
                                         .close());
  EXPECT_THAT(outcome.refused, HasSubstr("invalid bulk length"));
  EXPECT_EQ(outcome.neighbour, "connection") << "certainly not executed, so it may be sent again";
  EXPECT_TRUE(outcome.neighbour_lost_its_connection);
  EXPECT_EQ(outcome.next, "next");
  EXPECT_EQ(outcome.breaker, BreakerState::closed);
}

}  // namespace
}  // namespace rediscache::test
