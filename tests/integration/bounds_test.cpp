// How much may be under way at once, and what a call that waited in vain tells.
#include <chrono>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class BoundsTest : public ::testing::Test {
 protected:
  /// Runs `call` while another one of `bytes` is under way.
  template <class Call>
  void beside_another(Options options, std::size_t bytes, Call call) {
    options.location = {server_.url()};
    RedisCache cache{options};
    {
      const std::jthread other{[&] { EXPECT_TRUE(cache.set("other", std::string(bytes, 'x'))); }};
      EXPECT_TRUE(eventually([&] { return server_.command_count() == 1; }));
      EXPECT_EQ(cache.statistics().client.calls_in_flight, 1U);
      EXPECT_GE(cache.statistics().client.bytes_in_flight, bytes);
      call(cache);
      server_.resume();
    }
    EXPECT_EQ(cache.statistics().client.calls_in_flight, 0U);
    EXPECT_EQ(cache.statistics().client.bytes_in_flight, 0U);
  }

  ScriptedServer server_{Transport::local, {Script{}.expect_command().pause().send("+OK\r\n").repeat()}};
};

TEST_F(BoundsTest, MoreCallsAtOnceThanAllowedFailWithoutBeingSent) {
  Options options = patient_options("");
  options.max_calls_in_flight = 1;
  beside_another(options, 1, [&](RedisCache& cache) {
    const auto error = thrown_by<ConnectionError>([&] { cache.set("k", 1); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("too much is under way (2 calls in flight"));
    EXPECT_THAT(error->what(), HasSubstr("Options::max_calls_in_flight allows 1 calls"));
    EXPECT_FALSE(error->maybe_executed());
    EXPECT_EQ(error->command(), "SET");
    EXPECT_EQ(server_.command_count(), 1U);
  });
}

TEST_F(BoundsTest, MoreBytesAtOnceThanAllowedFailWithoutBeingSent) {
  Options options = patient_options("");
  options.max_bytes_in_flight = 100'000;
  beside_another(options, 90'000, [&](RedisCache& cache) {
    const auto error = thrown_by<ConnectionError>([&] { cache.set("k", std::string(20'000, 'x')); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("Options::max_bytes_in_flight 100000 bytes"));
    EXPECT_EQ(server_.command_count(), 1U);
  });
}

TEST_F(BoundsTest, ALoneCallMayBeLarger) {
  Options options = patient_options(server_.url());
  options.max_bytes_in_flight = 10;
  RedisCache cache{options};
  server_.resume();
  EXPECT_TRUE(cache.set("k", std::string(1000, 'x')));
}

TEST_F(BoundsTest, ATimeoutTellsWhatWasGoingOn) {
  Options options = patient_options(server_.url());
  options.call_timeout = 200ms;
  options.socket_timeout = 100ms;
  RedisCache cache{options};
  const auto error = thrown_by<TimeoutError>([&] { (void)cache.incr("k"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(
      error->what(),
      MatchesRegex(".*(the deadline passed while waiting for the reply|the server did not answer for [0-9]+ "
                   "ms) \\[after [0-9]+ of the call's [0-9]+ ms, "
                   "at most 100 ms a try \\(socket_timeout\\); 1 calls in flight, [0-9]+ bytes of requests; "
                   "breaker closed, failures in a row: 1\\] \\(EVALSHA on unix:.*\\)"));
}

}  // namespace
}  // namespace rediscache::test
