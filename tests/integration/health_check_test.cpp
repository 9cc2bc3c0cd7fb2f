// A connection that was idle for long is tried out before a call gets it.
#include <chrono>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

TEST(HealthCheckTest, AsksAConnectionThatWasIdleForLong) {
  const RedisServer server;
  RawClient raw = server.connect();
  Options own = patient_options(server.unix_url());
  own.health_check_interval = 1ms;
  own.combine = false;
  RedisCache cache{own};
  cache.set("k", 1);
  const auto before = raw.calls("ping");
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(cache.get<int>("k"), 1);
    return raw.calls("ping") > before;
  }));
  EXPECT_EQ(cache.statistics().client.connections_opened, 1);
}

TEST(HealthCheckTest, ReplacesASharedConnectionThatWasIdleForLong) {
  const RedisServer server;
  Options own = patient_options(server.unix_url());
  own.health_check_interval = 20ms;
  RedisCache cache{own};
  cache.set("k", 1);
  const auto idle_since = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&] { return std::chrono::steady_clock::now() - idle_since > 100ms; }));
  EXPECT_EQ(cache.get<int>("k"), 1);
  EXPECT_EQ(cache.statistics().client.connections_opened, 2);
  EXPECT_EQ(cache.statistics().client.connections_lost, 0);
}

TEST(HealthCheckTest, SwitchedOffItAsksNothing) {
  const RedisServer server;
  RawClient raw = server.connect();
  Options own = patient_options(server.unix_url());
  own.health_check_interval = 0ms;
  RedisCache cache{own};
  const auto before = raw.calls("ping");
  for (int i = 0; i < 100; ++i) {
    cache.set("k", i);
  }
  EXPECT_EQ(raw.calls("ping"), before);
}

TEST(HealthCheckTest, ReplacesAConnectionOnWhichNobodyAnswers) {
  // After its first command the first connection swallows everything, as behind a firewall that forgot it.
  ScriptedServer server{Transport::tcp,
                        {Script{}.expect_command().send(":1\r\n").stay_silent(),
                         Script{}.expect_command().send(":2\r\n").repeat()}};
  Options own = patient_options(server.url());
  own.connect_timeout = 500ms;
  own.health_check_interval = 1ms;
  RedisCache cache{own};
  EXPECT_EQ(cache.incr("k", 1, {.ignore_key_check = true}), 1);
  const auto idle_since = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&] { return std::chrono::steady_clock::now() - idle_since > 50ms; }));
  EXPECT_EQ(cache.incr("k", 1, {.ignore_key_check = true}), 2)
      << "an incr that nobody answered would have failed";
  EXPECT_EQ(server.connection_count(), 2U);
}

}  // namespace
}  // namespace rediscache::test
