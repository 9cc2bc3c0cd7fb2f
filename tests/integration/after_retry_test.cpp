// What a call that was sent again answers when nobody knows whether the first sending was executed.
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class AfterRetryTest : public ::testing::Test {
 protected:
  /// Makes a call to a server that hangs up at its first command and then says `answer`. What of it was
  /// presumed to be done already.
  static std::uint64_t after_retry(std::string_view answer, const std::function<void(RedisCache&)>& call,
                                   const std::string& client = "DefaultClient") {
    ScriptedServer server{Transport::local,
                          {Script{}.expect_command().close(), Script{}.expect_command().send(answer)}};
    Options options = patient_options(server.url());
    options.max_retries = 1;
    options.client_class = client;
    RedisCache cache{options};
    call(cache);
    EXPECT_EQ(server.command_count(), 2);
    return cache.statistics().client.presumed_done;
  }
  /// What a call does that the server hangs up at every time.
  static std::size_t times_sent(const std::function<void(RedisCache&)>& call) {
    ScriptedServer server{Transport::local, {Script{}.expect_command().close()}};
    Options options = patient_options(server.url());
    options.max_retries = 2;
    options.breaker.failures = 0;
    RedisCache cache{options};
    const auto error = thrown_by<ConnectionInterrupted>([&] { call(cache); });
    EXPECT_TRUE(error && error->maybe_executed());
    return server.command_count();
  }
};

TEST_F(AfterRetryTest, WhatLeavesAStateIsDone) {
  const std::string nothing = ":0\r\n";
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_TRUE(cache.del("k")); }), 1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_TRUE(cache.set("k", 1, 0s)); }), 1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_EQ(cache.delete_many({"a", "b"}), 2); }), 1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_TRUE(cache.touch("k", 5s)); }), 1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_TRUE(cache.touch("k", never)); }), 1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_TRUE(cache.persist("k")); }), 1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_TRUE(cache.expire("k", 5s)); }), 1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_TRUE(cache.pexpire("k", 5ms)); }), 1);
  EXPECT_EQ(after_retry(nothing,
                        [](RedisCache& cache) {
                          EXPECT_TRUE(cache.expire_at("k", std::chrono::sys_seconds{4'000'000'000s}));
                        }),
            1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_EQ(cache.hset("h", "f", 1), 1); }), 1);
  EXPECT_EQ(after_retry(nothing, [](RedisCache& cache) { EXPECT_EQ(cache.hdel("h", {"a", "b", "c"}), 3); }),
            1);
}

TEST_F(AfterRetryTest, UnderTheHerdPolicyToo) {
  const auto herd = [](const std::function<void(RedisCache&)>& call) {
    return after_retry(":0\r\n", call, "HerdClient");
  };
  EXPECT_EQ(herd([](RedisCache& cache) { EXPECT_TRUE(cache.touch("k", 5s)); }), 1);
  EXPECT_EQ(herd([](RedisCache& cache) { EXPECT_TRUE(cache.touch("k", never)); }), 1);
  EXPECT_EQ(herd([](RedisCache& cache) { EXPECT_TRUE(cache.persist("k")); }), 1);
}

TEST_F(AfterRetryTest, APositiveAnswerIsGivenAsItIs) {
  EXPECT_EQ(after_retry(":1\r\n", [](RedisCache& cache) { EXPECT_EQ(cache.delete_many({"a", "b"}), 1); }), 0);
  EXPECT_EQ(after_retry(":1\r\n", [](RedisCache& cache) { EXPECT_TRUE(cache.del("k")); }), 0);
}

TEST_F(AfterRetryTest, ZeroIsZeroWhenTheFirstSendingWasAnswered) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().send("-LOADING x\r\n").expect_command().send(":0\r\n")}};
  Options options = patient_options(server.url());
  options.max_retries = 1;
  RedisCache cache{options};
  EXPECT_FALSE(cache.del("k"));
  EXPECT_EQ(cache.statistics().client.presumed_done, 0);
}

TEST_F(AfterRetryTest, DeletePatternCountsThePageAsAsked) {
  // SCAN goes over a connection of its own, UNLINK over one that calls share.
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().send("*2\r\n$1\r\n0\r\n*2\r\n$4\r\n:1:a\r\n$4\r\n:1:b\r\n"),
       Script{}.expect_command().close(), Script{}.expect_command().send(":0\r\n")}};
  Options options = patient_options(server.url());
  options.max_retries = 1;
  RedisCache cache{options};
  EXPECT_EQ(cache.delete_pattern("*"), 2);
  EXPECT_EQ(server.command_count(), 3);
}

TEST_F(AfterRetryTest, PipelinesTellForEachCommand) {
  const auto presumed = after_retry(":0\r\n:0\r\n:1\r\n", [](RedisCache& cache) {
    auto pipeline = cache.pipeline();
    auto deleted = pipeline.del("a");
    auto there = pipeline.has_key("b");
    auto touched = pipeline.touch("c", 5s);
    // The first connection reads one command of three; the second one all of them.
    EXPECT_TRUE(pipeline.execute());
    EXPECT_TRUE(deleted.value());
    EXPECT_FALSE(there.value()) << "a read says what is";
    EXPECT_TRUE(touched.value());
  });
  EXPECT_EQ(presumed, 1);
}

TEST_F(AfterRetryTest, WhoseAnswerIsThePurposeIsNotSentAgain) {
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.sadd("k", {1, 2}); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.srem("k", 1); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.smove("k", "l", 1); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.zadd("k", {{"a", 1}}); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.zrem("k", "a"); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.zremrangebyscore("k", 0, 9); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.lrem("k", 0, 1); }), 1);
  for (const char* const command : {"DEL", "UNLINK", "SADD", "HSET", "HDEL", "EXPIRE", "PERSIST", "PFADD"}) {
    EXPECT_EQ(times_sent([&](RedisCache& cache) { (void)cache.execute(command, "k", "x", "y"); }), 1)
        << command;
  }
}

TEST_F(AfterRetryTest, ClearIsNeverSentAgain) {
  EXPECT_EQ(times_sent([](RedisCache& cache) { cache.clear(); }), 1);
  EXPECT_EQ(times_sent([](RedisCache& cache) { (void)cache.execute("FLUSHDB"); }), 1);
}

TEST_F(AfterRetryTest, ARefusalAfterAnUncertainSendingStaysUncertain) {
  const auto failure = [](RedisCache& cache) {
    const auto error = thrown_by<ResponseError>([&] { (void)cache.set("k", 1); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->prefix(), "LOADING");
    EXPECT_TRUE(error->maybe_executed());
  };
  EXPECT_EQ(after_retry("-LOADING x\r\n", failure), 0);
}

}  // namespace
}  // namespace rediscache::test
