// A service that starts before its server.
#include <chrono>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"
#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class StartupTest : public CacheTest {};
REDISCACHE_TEST_EVERY_TRANSPORT(StartupTest, "plain");

TEST_P(StartupTest, TheFirstCallWaitsForTheServer) {
  Options own = options();
  own.call_timeout = 1ms;  // not enough for a second try
  own.retry_on_startup = 20s;
  own.ignore_exceptions = true;
  RedisCache cache{own};
  server().kill();
  bool stored = false;
  {
    const std::jthread caller{[&] { stored = cache.set("k", 1); }};
    EXPECT_TRUE(eventually([&] { return cache.statistics().client.connect_failures >= 2; }));
    restart_server();
  }
  EXPECT_TRUE(stored);
  EXPECT_GE(cache.statistics().client.retries, 2);
}

TEST_P(StartupTest, OnceAnsweredItWaitsNoMore) {
  Options own = options();
  own.retry_on_startup = 1h;
  RedisCache cache{own};
  cache.set("k", 1);
  server().kill();
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<int>("k"); }));
}

TEST_P(StartupTest, ItDoesNotWaitForEver) {
  Options own = options();
  own.call_timeout = 20ms;
  own.retry_on_startup = 100ms;
  RedisCache cache{own};
  server().kill();
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<int>("k"); }));
  EXPECT_GE(cache.statistics().client.retries, 1);
}

TEST(StartupOfAServerTest, ThatStillLoadsIsWaitedFor) {
  const std::string loading = "-LOADING Redis is loading the dataset in memory\r\n";
  Script script;
  for (int i = 0; i < 6; ++i) {
    script.expect_command().send(loading);
  }
  ScriptedServer server{Transport::local, {script.expect_command().send(":6\r\n")}};
  Options own = patient_options(server.url());  // which allow no retry
  own.retry_on_startup = 20s;
  RedisCache cache{own};
  EXPECT_EQ(cache.incr("k", 1, {.ignore_key_check = true}), 6);
}

TEST(StartupOfAServerTest, WrongCredentialsAreToldAtOnce) {
  ScriptedServer server{Transport::local, {Script{}.expect_bytes(1).send("-WRONGPASS no\r\n").close()}};
  Options own = patient_options(server.url());
  own.password = "secret";
  own.retry_on_startup = 1h;
  RedisCache cache{own};
  EXPECT_TRUE(thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); }));
  EXPECT_EQ(server.connection_count(), 1U);
}

}  // namespace
}  // namespace rediscache::test
