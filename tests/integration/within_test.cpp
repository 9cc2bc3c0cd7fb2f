// Views whose calls have a deadline of their own, against servers that do not answer.
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

/// No test should reach this; the deadlines in question are a thousandth of it.
constexpr auto long_time = 15s;

class WithinDeadlineTest : public ::testing::Test {
 protected:
  /// How long a call took that ended as a TimeoutError.
  template <class Call>
  [[nodiscard]] static std::chrono::steady_clock::duration time_of_timeout(Call&& call) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(thrown_by<TimeoutError>(std::forward<Call>(call)));
    return std::chrono::steady_clock::now() - began;
  }
};

TEST_F(WithinDeadlineTest, EndsACallThatTheCacheWouldGoOnWaitingFor) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().stay_silent()}};
  RedisCache cache{patient_options(server.url())};
  EXPECT_LT(time_of_timeout([&] { (void)cache.within(20ms).get<int>("k"); }), long_time);
}

TEST_F(WithinDeadlineTest, OmitsItWhenFailuresAreIgnored) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().stay_silent()}};
  Options own = patient_options(server.url());
  own.ignore_exceptions = true;
  RedisCache cache{own};
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(cache.within(20ms).get("k", 7), 7);
  EXPECT_LT(std::chrono::steady_clock::now() - began, long_time);
  EXPECT_EQ(cache.statistics().omitted, 1U);
}

TEST_F(WithinDeadlineTest, GivesACallMoreTimeThanTheCacheWould) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().pause().send(":7\r\n").stay_silent()}};
  Options own = patient_options(server.url());
  own.call_timeout = 1ms;
  RedisCache cache{own};
  Counter counted;
  {
    const std::jthread caller{[&] { counted = cache.within(20s).incr("k", 1, {.ignore_key_check = true}); }};
    EXPECT_TRUE(eventually([&] { return server.command_count() == 1; }));
    server.resume();
  }
  EXPECT_EQ(counted, 7);
}

TEST_F(WithinDeadlineTest, LeavesOtherCallsOnTheConnectionAlone) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().pause().send("$1\r\n1\r\n").stay_silent()}};
  Options own = patient_options(server.url());
  own.shared_connections = 1;
  RedisCache cache{own};
  std::optional<int> answered;
  {
    // The other call waits for its reply, and this one for its turn to be sent.
    const std::jthread caller{[&] { answered = cache.get<int>("other"); }};
    EXPECT_TRUE(eventually([&] { return server.command_count() == 1; }));
    EXPECT_LT(time_of_timeout([&] { (void)cache.within(20ms).get<int>("k"); }), long_time);
    server.resume();
  }
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(cache.statistics().client.connections_opened, 1U);
  EXPECT_EQ(cache.statistics().client.connections_lost, 0U);
}

TEST_F(WithinDeadlineTest, IsNotExtendedByAServerThatHasNotStartedYet) {
  Options own = patient_options("unix:///nowhere/redis.sock");
  own.retry_on_startup = 1h;
  RedisCache cache{own};
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] { (void)cache.within(20ms).get<int>("k"); }));
  EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] {
    Pipeline pipeline = cache.within(20ms).pipeline();
    (void)pipeline.del("k");
    pipeline.execute();
  }));
  EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] { (void)cache.within(20ms).lock("l").locked(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - began, long_time);
}

TEST_F(WithinDeadlineTest, OfNoTimeSendsNothing) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().send("$1\r\n1\r\n").repeat()}};
  RedisCache cache{patient_options(server.url())};
  for (std::size_t calls = 0; calls < 3; ++calls) {
    EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache.within(0s).get<int>("k"); }));
    EXPECT_EQ(server.command_count(), calls) << "whether there is a connection or not";
    EXPECT_EQ(cache.get<int>("k"), 1) << "and the cache works on";
  }
}

}  // namespace
}  // namespace rediscache::test
