// What is sent again when a connection breaks before the reply came: only what may run twice.
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

/// A server that takes every command and hangs up.
class RetryTest : public ::testing::Test {
 protected:
  /// How often the server saw a command of `call`, which must end in a ConnectionError.
  static std::size_t times_sent(const std::function<void(RedisCache&)>& call) {
    ScriptedServer server{Transport::local, {Script{}.expect_command().close()}};
    Options options = patient_options(server.url());
    options.max_retries = 2;
    options.breaker.failures = 0;  // each connection breaks at its first call
    RedisCache cache{options};
    const auto error = thrown_by<ConnectionError>([&] { call(cache); });
    if (error) {
      EXPECT_TRUE(error->maybe_executed());
      EXPECT_TRUE(error->connection_lost());
    }
    EXPECT_EQ(cache.statistics().client.retries, server.command_count() - 1);
    return server.command_count();
  }
};

TEST_F(RetryTest, ReadsAreSentAgain) {
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.get<int>("k"); }), 2);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.get_many<int>({"a", "b"}); }), 2);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.has_key("k"); }), 2);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.pttl("k"); }), 2);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.keys("*"); }), 2);
  EXPECT_EQ(times_sent([](RedisCache& cache) {
              auto range = cache.iter_keys("*");
              (void)range.begin();
            }),
            2);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.smembers<int>("k"); }), 2);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.lock("k").locked(); }), 2);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.execute("GETRANGE", "k", 0, 1); }), 2);
}

TEST_F(RetryTest, WritesThatLeaveTheSameTwiceAreSentAgain) {
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.set("k", 1); }), 2);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.touch("k", 10s); }), 2);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.del("k"); }), 2);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.delete_many({"a", "b"}); }), 2);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.persist("k"); }), 2);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.expire("k", 10s); }), 2);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.pexpire("k", 10ms); }), 2);
  EXPECT_EQ(times_sent([](RedisCache& cache) {
              (void)cache.expire_at("k", std::chrono::sys_seconds{4'000'000'000s});
            }),
            2);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.lock("k", {.blocking = false}).acquire(); }), 2)
      << "the token tells that the lock is ours already";
}

TEST_F(RetryTest, WritesThatAddUpAreNotSentAgain) {
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.incr("k"); }), 1);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.decr("k"); }), 1);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.incr("k", 1, {.ignore_key_check = true}); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.incr_version("k"); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.spop<int>("k"); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.execute("LPUSH", "k", "x"); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.execute("LTRIM", "k", 1, -1); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.execute("NEW.COMMAND", "k"); }), 1)
      << "of what is not known nothing is guessed";
  EXPECT_EQ(times_sent([](RedisCache& cache) {
              auto pipeline = cache.pipeline();
              (void)pipeline.incr("k", 1, {.ignore_key_check = true});
              pipeline.execute();
            }),
            1)
      << "a pipeline is as cautious as its most cautious command";
}

TEST_F(RetryTest, WritesWhoseAnswerWouldBeAnotherAreNotSentAgain) {
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.add("k", 1); }), 1);
  EXPECT_EQ(times_sent([](Cache& cache) { (void)cache.set("k", 1, {.nx = true}); }), 1);
}

TEST_F(RetryTest, ACallThatSucceedsLaterIsNoError) {
  ScriptedServer server{Transport::tcp,
                        {Script{}.expect_command().close(), Script{}.expect_command().send("+OK\r\n")}};
  Options options = patient_options(server.url());
  options.max_retries = 2;
  options.ignore_exceptions = true;
  RedisCache cache{options};
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_EQ(cache.statistics().omitted, 0);
  EXPECT_EQ(cache.statistics().client.retries, 1);
  EXPECT_EQ(cache.statistics().client.connections_lost, 1);
}

TEST_F(RetryTest, WithoutRetriesNothingIsSentAgain) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().close()}};
  RedisCache cache{patient_options(server.url())};
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<int>("k"); }));
  EXPECT_EQ(server.command_count(), 1);
}

TEST_F(RetryTest, DeletePatternThatStopsHalfwayGivesTheCountSoFarWhenIgnored) {
  const std::string first_page = "*2\r\n$1\r\n7\r\n*2\r\n$4\r\n:1:a\r\n$4\r\n:1:b\r\n";
  const std::string second_page = "*2\r\n$1\r\n9\r\n*1\r\n$4\r\n:1:c\r\n";
  ScriptedServer server{Transport::local,
                        {Script{}
                             .expect_command()  // SCAN
                             .send(first_page)
                             .expect_command()  // UNLINK a b
                             .send(":2\r\n")
                             .expect_command()  // SCAN
                             .send(second_page)
                             .expect_command()
                             .close()}};
  Options options = patient_options(server.url());
  options.ignore_exceptions = true;
  RedisCache cache{options};
  EXPECT_EQ(cache.delete_pattern("*"), 2);
  EXPECT_EQ(cache.statistics().omitted, 1);
}

TEST_F(RetryTest, SetManyIsSentAgainAsAWhole) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().send("+OK\r\n").expect_command().close(),
                         Script{}.expect_command().send("+OK\r\n").expect_command().send("+OK\r\n")}};
  Options options = patient_options(server.url());
  options.max_retries = 2;
  RedisCache cache{options};
  EXPECT_TRUE(cache.set_many(std::vector<std::pair<std::string, int>>{{"a", 1}, {"b", 2}}).empty());
  EXPECT_EQ(server.command_count(), 4);
}

}  // namespace
}  // namespace rediscache::test
