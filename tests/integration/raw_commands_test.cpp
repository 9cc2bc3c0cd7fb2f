// Commands that the caller spells out: which connection they go over, and what it is afterwards.
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using ::testing::HasSubstr;

class RawCommandTest : public ::testing::Test {
 protected:
  RedisServer server_{RedisServer::Settings{.tcp = true, .config = {"repl-diskless-sync-delay 0"}}};
  RedisCache cache_{patient_options(server_.unix_url())};
};

TEST_F(RawCommandTest, OfTwoWordsIsSplitAsRedisPyDoes) {
  EXPECT_EQ(cache_.execute("CONFIG GET", "maxmemory")->as_array().at(0).as_text(), "maxmemory");
  EXPECT_EQ(cache_.execute(" client  getname ")->as_text(), "rediscache");
  EXPECT_TRUE(cache_.execute("SCRIPT EXISTS", "x"));
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)cache_.execute(""); }));
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)cache_.execute("  "); }));
}

TEST_F(RawCommandTest, ThatWouldChangeASharedConnectionIsRefusedHoweverItIsSpelled) {
  for (const std::string_view command :
       {"CLIENT REPLY", "client no-touch", "CLIENT NO-EVICT", "CLIENT TRACKING", "SCRIPT DEBUG", "REPLCONF",
        "replconf", "MULTI ", "SELECT"}) {
    const auto error = thrown_by<InvalidArgument>([&] { (void)cache_.execute(command, "ON"); });
    ASSERT_TRUE(error) << command;
    EXPECT_THAT(error->what(), HasSubstr("would change a connection")) << command;
  }
}

TEST_F(RawCommandTest, ThatIsNotKnownGoesOverAConnectionOfItsOwnThatIsClosed) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().send("$1\r\n1\r\n").expect_command().send("$1\r\n3\r\n"),
                         Script{}.expect_command().send("+QUEUED\r\n").expect_command().send("+NEVER\r\n")}};
  RedisCache cache{patient_options(server.url())};
  EXPECT_EQ(cache.get<int>("k"), 1);
  EXPECT_EQ(cache.execute("NEW.MODE", "ON")->as_text(), "QUEUED");
  EXPECT_EQ(cache.get<int>("k"), 3);
  EXPECT_EQ(server.connection_count(), 2U);
  EXPECT_EQ(cache.statistics().client.connections_lost, 0);
  EXPECT_EQ(cache.statistics().client.connections_idle, 1);
}

TEST_F(RawCommandTest, GoesOverTheConnectionsThatThereAre) {
  const std::set<std::string> internal{"pfdebug", "restore-asking"};
  std::vector<std::string> names{"flushdb", "flushall"};
  const auto commands = cache_.execute("COMMAND");
  ASSERT_TRUE(commands);
  for (const Reply& command : commands->as_array()) {
    const bool has_key = command.as_array().at(3).as_integer() > 0;
    const std::string& name = command.as_array().at(0).as_text();
    if (has_key && !internal.contains(name)) {
      names.push_back(name);
    }
  }
  std::vector<std::string> alone;
  for (const std::string& name : names) {
    const auto before = cache_.statistics().client.connections_opened;
    try {
      (void)cache_.execute(name, "k");
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch): mostly too few arguments, and that is an answer
    }
    if (cache_.statistics().client.connections_opened > before) {
      alone.push_back(name);
    }
  }
  EXPECT_LE(alone.size(), 1U) << "the first connection that calls share: " << ::testing::PrintToString(alone);
}

TEST_F(RawCommandTest, WaitCountsTheReplicasThatHaveWhatWasWrittenBefore) {
  RedisServer replica{RedisServer::Settings{.tcp = true}};
  RawClient raw = replica.connect();
  raw.run({"REPLICAOF", "127.0.0.1", std::to_string(server_.tcp_address().port)});
  ASSERT_TRUE(eventually(
      [&] { return raw.text({"INFO", "replication"})->find("master_link_status:up") != std::string::npos; }));
  ASSERT_TRUE(cache_.set("k", 1));
  EXPECT_EQ(cache_.execute("WAIT", 1, 15'000)->as_integer(), 1);
  replica.stop_process();
  ASSERT_TRUE(cache_.set("k", 2));
  EXPECT_EQ(cache_.execute("WAIT", 1, 100)->as_integer(), 0);
  replica.continue_process();
  EXPECT_EQ(cache_.execute("WAIT", 1, 15'000)->as_integer(), 1);
}

TEST(ClosesAtClientTest, IsConnectedToWithoutAndRemembered) {
  ScriptedServer server{Transport::tcp,
                        {Script{}.close_at_client().expect_command().send("$1\r\n7\r\n").repeat()}};
  Options options = patient_options(server.url());
  options.breaker.failures = 1;
  options.close_connection = true;
  RedisCache cache{options};
  EXPECT_EQ(cache.get<int>("k"), 7);
  EXPECT_EQ(server.connection_count(), 2U);
  cache.close();
  EXPECT_EQ(cache.get<int>("k"), 7);
  EXPECT_EQ(server.connection_count(), 4U) << "once could have been chance";
  cache.close();
  EXPECT_EQ(cache.get<int>("k"), 7);
  EXPECT_EQ(server.connection_count(), 5U) << "it is known by now";
  EXPECT_EQ(cache.statistics().client.connect_failures, 0);
}

TEST(ClosesAtClientTest, NeedsNoSecondTryWhereItIsSwitchedOff) {
  ScriptedServer server{Transport::tcp,
                        {Script{}.close_at_client().expect_command().send("$1\r\n7\r\n").repeat()}};
  Options options = patient_options(server.url());
  options.client_info = false;
  RedisCache cache{options};
  EXPECT_EQ(cache.get<int>("k"), 7);
  EXPECT_EQ(server.connection_count(), 1U);
}

}  // namespace
}  // namespace rediscache::test
