// A cache that answers from this process while its server is down.
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/failover_cache.hpp>
#include <rediscache/locmem_cache.hpp>

#include "integration/deadlines.hpp"
#include "support/server_suite.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FailoverTest : public ServerSuite {
 protected:
  [[nodiscard]] static Options options() {
    Options options = patient_options(server().unix_url());
    options.breaker = {.failures = 1, .first_pause = 1ms, .longest_pause = 1ms};
    options.ignore_exceptions = true;
    return options;
  }
  [[nodiscard]] FailoverOptions watched() {
    return {.on_change = [this](const Failure* failure) { changes_.emplace_back(failure ? "down" : "up"); }};
  }
  /// Returns when calls reach the server again.
  [[nodiscard]] bool recovered(FailoverCache& cache) {
    return eventually([&] {
      (void)cache.has_key("probe");
      return !cache.statistics().down;
    });
  }

  std::vector<std::string> changes_;
  // Starting a server forks, which takes the locks of all shards, and the thread sanitizer counts 64 at most.
  std::shared_ptr<LocMemCache> local_ = std::make_shared<LocMemCache>(LocMemOptions{.shards = 8});
  RedisCache redis_{options()};
  FailoverCache cache_{redis_, local_, watched()};
};

TEST_F(FailoverTest, IsRedisWhileThatAnswers) {
  EXPECT_TRUE(cache_.set("k", 1));
  EXPECT_EQ(raw().get(":1:k"), "1");
  raw().run({"SET", ":1:k", "2"});
  EXPECT_EQ(cache_.get<int>("k"), 2);
  EXPECT_EQ(local_->statistics().entries, 0U);
  EXPECT_EQ(cache_.statistics().local_calls, 0U);
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache_.incr("missing"); }));
  EXPECT_THAT(changes_, IsEmpty());
}

TEST_F(FailoverTest, AnswersByItselfWhileTheServerIsDead) {
  cache_.set("k", "of Redis");
  server().kill();
  EXPECT_EQ(cache_.get<std::string>("k"), std::nullopt) << "this process begins with nothing";
  EXPECT_TRUE(cache_.set("k", "of this process"));
  EXPECT_EQ(cache_.get<std::string>("k"), "of this process");
  EXPECT_THAT(cache_.set_many<int>({{"a", 1}, {"b", 2}}), IsEmpty());
  EXPECT_EQ(cache_.get_many<int>({"a", "b", "c"}).size(), 2U);
  EXPECT_EQ(cache_.incr("a"), 2);
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache_.incr("missing"); }));
  EXPECT_TRUE(cache_.touch("a", 10s));
  EXPECT_LE(cache_.pttl("a").remaining(), 10s);
  EXPECT_TRUE(cache_.persist("a"));
  EXPECT_TRUE(cache_.expire("a", 10s));
  EXPECT_TRUE(cache_.expire_at("b", std::chrono::sys_seconds{1s}));
  EXPECT_FALSE(cache_.has_key("b"));
  EXPECT_EQ(cache_.incr_version("a"), 2);
  EXPECT_THAT(cache_.keys("*"), ElementsAre("k"));
  std::vector<std::string> walked;
  KeyScan scan = cache_.iter_keys("*", {.version = 2});
  for (const std::string& key : scan) {
    walked.push_back(key);
  }
  EXPECT_THAT(walked, ElementsAre("a"));
  EXPECT_TRUE(scan.complete());
  EXPECT_EQ(cache_.delete_many({"k", "x"}), 1);
  cache_.set("k", 1);
  EXPECT_EQ(cache_.delete_pattern("k*"), 1);
  EXPECT_TRUE(cache_.add("k", 1));
  EXPECT_TRUE(cache_.del("k"));
  cache_.set("k", 1);
  cache_.clear();
  EXPECT_FALSE(cache_.has_key("k"));
  EXPECT_TRUE(cache_.statistics().down);
  EXPECT_EQ(cache_.statistics().outages, 1U);
  EXPECT_THAT(changes_, ElementsAre("down"));
  EXPECT_EQ(redis_.statistics().omitted, 0U) << "nothing was ignored: the failures were seen";
}

TEST_F(FailoverTest, ForgetsTheOutageWhenTheServerIsBack) {
  server().kill();
  cache_.set("k", "of the outage");
  restart_server();
  ASSERT_TRUE(recovered(cache_));
  EXPECT_THAT(changes_, ElementsAre("down", "up"));
  EXPECT_EQ(local_->statistics().entries, 0U);
  EXPECT_EQ(cache_.get<std::string>("k"), std::nullopt) << "it never reached the server";
  cache_.set("k", "of Redis");
  EXPECT_EQ(raw().get(":1:k"), "of Redis");
  server().kill();
  EXPECT_EQ(cache_.get<std::string>("k"), std::nullopt) << "nor does the next outage show it";
  EXPECT_THAT(changes_, ElementsAre("down", "up", "down"));
  EXPECT_EQ(cache_.statistics().outages, 2U);
}

TEST_F(FailoverTest, BeginsAnOutageWithNothing) {
  local_->set("k", "left by a call that was slow to end");
  server().kill();
  EXPECT_EQ(cache_.get<std::string>("k"), std::nullopt);
}

TEST_F(FailoverTest, CallsThatAskNobodyDoNotEndAnOutage) {
  server().kill();
  cache_.set("k", 1);
  EXPECT_THAT(cache_.set_many(std::vector<std::pair<std::string, int>>{}), IsEmpty());
  EXPECT_EQ(cache_.delete_many(std::vector<std::string>{}), 0);
  EXPECT_THAT(cache_.get_many<int>(std::vector<std::string>{}), IsEmpty());
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { cache_.set("k", 1, {.nx = true, .xx = true}); }));
  EXPECT_TRUE(cache_.statistics().down);
  EXPECT_EQ(cache_.get<int>("k"), 1);
}

TEST_F(FailoverTest, AnswersThatAreErrorsEndAnOutage) {
  server().kill();
  cache_.set("k", 1);
  restart_server();
  raw().run({"SET", ":1:text", "no number"});
  ASSERT_TRUE(eventually([&] {
    try {
      cache_.incr("text");
    } catch (const NotAnInteger&) {
      return true;
    } catch (const KeyNotFound&) {  // still in this process
    }
    return false;
  }));
  EXPECT_FALSE(cache_.statistics().down);
}

TEST_F(FailoverTest, ErrorsThatWillComeAgainAreNoOutage) {
  raw().run({"LPUSH", ":1:list", "x"});
  EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)cache_.get<std::string>("list"); }))
      << "in spite of ignore_exceptions";
  EXPECT_FALSE(cache_.statistics().down);
  FailoverCache all{redis_, local_, {.is_outage = [](const Failure&) { return true; }}};
  EXPECT_EQ(all.get<std::string>("list"), std::nullopt);
  EXPECT_TRUE(all.statistics().down);
}

TEST_F(FailoverTest, AWalkThatLosesTheServerThrows) {
  for (int i = 0; i < 100; ++i) {
    cache_.set("key:" + std::to_string(i), i);
  }
  KeyScan scan = cache_.iter_keys("key:*", {.itersize = 10});
  auto at = scan.begin();
  ASSERT_FALSE(at == scan.end());
  server().kill();
  EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] {
    while (at != scan.end()) {
      ++at;
    }
  }));
  EXPECT_FALSE(scan.complete());
}

TEST_F(FailoverTest, AnObserverThatThrowsIsNotHeard) {
  FailoverCache cache{
      redis_, local_, {.on_change = [](const Failure*) { throw std::runtime_error{"from the observer"}; }}};
  server().kill();
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_EQ(cache.get<int>("k"), 1);
}

TEST_F(FailoverTest, TwoCachesAreNeeded) {
  EXPECT_TRUE(thrown_by<InvalidOptions>([&] { FailoverCache{redis_, nullptr}; }));
  EXPECT_TRUE(thrown_by<InvalidOptions>([&] { FailoverCache{std::shared_ptr<Cache>{}, local_}; }));
}

TEST_F(FailoverTest, ThreadsSeeNothingOfAServerThatComesAndGoes) {
  FailoverCache cache{redis_, local_};
  std::atomic<bool> done = false;
  std::atomic<int> thrown = 0;
  std::atomic<int> foreign = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      const std::string key = "key:" + std::to_string(thread);
      while (!done) {
        try {
          cache.set(key, thread);
          const auto value = cache.get<int>(key);
          foreign += value && *value != thread ? 1 : 0;
        } catch (const Error&) {
          ++thrown;
        }
      }
    });
  }
  for (int i = 0; i < 3; ++i) {
    server().kill();
    EXPECT_TRUE(eventually([&] { return cache.statistics().down; }));
    restart_server();
    EXPECT_TRUE(eventually([&] { return raw().get(":1:key:7") == "7"; }));
  }
  done = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(thrown, 0);
  EXPECT_EQ(foreign, 0);
  EXPECT_GE(cache.statistics().outages, 3U);
}

}  // namespace
}  // namespace rediscache::test
