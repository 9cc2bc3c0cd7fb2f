// A server that dies, comes back, or stands still.
#include <chrono>
#include <string>
#include <vector>

#include "integration/cache_test.hpp"
#include "integration/deadlines.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class OutageTest : public CacheTest {};
REDISCACHE_TEST_EVERY_TRANSPORT(OutageTest, "plain");

TEST_P(OutageTest, AKilledServerIsAConnectionError) {
  cache().set("k", 1);
  server().kill();
  const auto error = thrown_by<ConnectionError>([&] { (void)cache().get<int>("k"); });
  ASSERT_TRUE(error);
  const Address& address =
      GetParam().transport == Transport::local ? server().unix_address() : server().tcp_address();
  EXPECT_EQ(error->server(), to_string(address));
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache().incr("k"); }));
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache().delete_pattern("*"); }));
}

TEST_P(OutageTest, ARestartedServerServesTheVeryNextCall) {
  cache().set("k", 1);
  restart_server();
  EXPECT_EQ(cache().get<int>("k"), std::nullopt);
  restart_server();
  EXPECT_TRUE(cache().set("k", 1));
  EXPECT_EQ(cache().get<int>("k"), 1);
}

TEST_P(OutageTest, ARestartedServerServesTheVeryNextIncr) {
  cache().set("k", 1);
  restart_server();
  raw().set(":1:k", "5");
  EXPECT_EQ(cache().incr("k"), 6) << "a dead idle connection is found before anything is written";
  restart_server();
  EXPECT_TRUE(cache().add("k", 1));
}

TEST_P(OutageTest, ARestartedServerServesTheNextCallWithoutRetries) {
  Options once = options();
  once.max_retries = 0;
  RedisCache cache{once};
  cache.set("k", 1);
  restart_server();
  EXPECT_TRUE(cache.add("k", 1)) << "what must not run twice meets no dead connection at all";
  EXPECT_EQ(cache.statistics().client.retries, 0);
}

TEST_P(OutageTest, AConnectionKilledByTheServerIsReplaced) {
  cache().set("k", 1);
  for (int i = 0; i < 5; ++i) {
    raw().run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    EXPECT_EQ(cache().incr("k"), i + 2);
  }
}

TEST_P(OutageTest, IgnoredItIsOverWhenTheServerIsBack) {
  Options own = options();
  own.ignore_exceptions = true;
  RedisCache cache{own};
  cache.set("k", 1);
  server().kill();
  EXPECT_EQ(cache.get("k", 7), 7);
  EXPECT_TRUE(cache.incr("k").omitted());
  EXPECT_EQ(cache.statistics().omitted, 2);
  restart_server();
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_EQ(cache.get("k", 7), 1);
  EXPECT_EQ(cache.statistics().omitted, 2);
}

TEST_P(OutageTest, AServerThatStandsStillIsATimeoutError) {
  Options own = impatient_options(options().location.front());
  own.connect_timeout = 20s;
  own.max_retries = 2;
  RedisCache cache{own};
  cache.set("k", 1);
  server().stop_process();
  const auto error = thrown_by<TimeoutError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::timeout);
  EXPECT_EQ(error->command(), "GET");
  EXPECT_TRUE(error->maybe_executed());
  EXPECT_TRUE(std::string{error->what()}.starts_with("Redis TimeoutError: ")) << error->what();
  server().continue_process();
  EXPECT_TRUE(eventually([&] {
    try {
      return cache.get<int>("k") == 1;
    } catch (const TimeoutError&) {
      return false;  // not awake yet
    }
  }));
}

TEST_P(OutageTest, WhatIsOmittedWhileTheServerStandsStillIsNotMixedUpLater) {
  Options own = impatient_options(options().location.front());
  own.ignore_exceptions = true;
  RedisCache cache{own};
  RedisCache patient{patient_options(options().location.front())};
  patient.set("a", "value of a");
  patient.set("b", "value of b");
  ASSERT_EQ(patient.get<std::string>("a"), "value of a");
  server().stop_process();
  EXPECT_EQ(cache.get("a", "omitted"), "omitted");
  EXPECT_EQ(cache.get("a", "omitted"), "omitted");
  server().continue_process();
  EXPECT_TRUE(eventually([&] { return cache.get("b", "omitted") != "omitted"; }));
  for (int i = 0; i < 20; ++i) {
    const std::string b = cache.get("b", "omitted");
    EXPECT_TRUE(b == "value of b" || b == "omitted") << b;
    const std::string a = cache.get("a", "omitted");
    EXPECT_TRUE(a == "value of a" || a == "omitted") << a;
  }
}

TEST(RefusedPortTest, IsAConnectionErrorThatNamesTheServer) {
  const std::string server = "127.0.0.1:" + std::to_string(free_port());
  RedisCache cache{patient_options("redis://" + server)};
  const auto error = thrown_by<ConnectionError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->server(), server);
  EXPECT_NE(std::string{error->what()}.find(server), std::string::npos) << error->what();
  EXPECT_FALSE(error->maybe_executed());
  EXPECT_EQ(cache.statistics().client.connect_failures, 1);
}

TEST(UnknownHostTest, IsAConnectionErrorThatNamesIt) {
  RedisCache cache{patient_options("redis://no-such-host.invalid:6379")};
  const auto error = thrown_by<ConnectionError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_NE(std::string{error->what()}.find("no-such-host.invalid"), std::string::npos) << error->what();
}

}  // namespace
}  // namespace rediscache::test
