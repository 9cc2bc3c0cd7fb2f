// The life of a lock on a real server: fencing tokens, renewal, losses, queues.
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "integration/cache_test.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class LockLifeTest : public CacheTest {
 protected:
  /// Options that remember why the lock was lost.
  LockOptions kept(std::chrono::milliseconds timeout) {
    return {.timeout = timeout, .on_lost = [this](const LostLock& lost) {
              const std::scoped_lock lock{mutex_};
              lost_.push_back(lost);
            }};
  }
  std::optional<LostReason> lost() {
    const std::scoped_lock lock{mutex_};
    EXPECT_LE(lost_.size(), 1U);
    return lost_.empty() ? std::nullopt : std::optional{lost_.front().reason};
  }
  [[nodiscard]] bool is_lost(LostReason reason) {
    return eventually([&] { return lost().has_value(); }) && lost() == reason;
  }
  LockStatistics counted() { return cache().statistics().locks; }
  std::uint64_t token_of(Lock& lock) {
    EXPECT_TRUE(lock.acquire());
    const std::uint64_t token = lock.fencing_token();
    lock.release();
    return token;
  }

 private:
  std::mutex mutex_;
  std::vector<LostLock> lost_;
};
REDISCACHE_TEST_EVERY_TRANSPORT(LockLifeTest, "plain");

const std::string fence = "{:1:job}:fence";

TEST_P(LockLifeTest, AcquireAndReleaseAreTwoCommands) {
  auto lock = cache().lock("job", {.timeout = 1min});
  ASSERT_TRUE(lock.acquire());
  lock.release();  // the server knows the scripts now
  raw().run({"CONFIG", "RESETSTAT"});
  ASSERT_TRUE(lock.acquire());
  lock.release();
  EXPECT_EQ(raw().calls("evalsha"), 2);
  EXPECT_EQ(raw().calls("eval"), 0);
  EXPECT_EQ(raw().calls("subscribe"), 0);
  EXPECT_EQ(raw().calls("publish"), 1) << "by the script";
}

TEST_P(LockLifeTest, FencingTokensGrow) {
  auto lock = cache().lock("job", {.timeout = 1min});
  std::uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const auto token = token_of(lock);
    ASSERT_GT(token, last);
    last = token;
  }
  EXPECT_LE(raw().pttl(fence), 24 * 3'600'000);
  EXPECT_GT(raw().pttl(fence), 23 * 3'600'000);
  raw().run({"FLUSHALL"});
  EXPECT_GT(token_of(lock), last);
}

TEST_P(LockLifeTest, FencingTokensGrowWhenTheClockHasGoneBack) {
  auto lock = cache().lock("job");
  const std::uint64_t first = token_of(lock);
  const std::uint64_t ahead = first + 3'600'000'000ULL * 24 * 365;  // what a clock a year ahead gave
  raw().run({"SET", fence, std::to_string(ahead)});
  EXPECT_EQ(token_of(lock), ahead + 1);
  EXPECT_EQ(token_of(lock), ahead + 2);
  const auto left = raw().pttl(fence);
  EXPECT_GT(left, 365LL * 24 * 3'600'000) << "it stays until the clock has caught up";
  EXPECT_LT(left, 367LL * 24 * 3'600'000);
  // Beyond what a double can count.
  raw().run({"SET", fence, "9007199254740993"});
  EXPECT_EQ(token_of(lock), 9007199254740994U);
  EXPECT_EQ(token_of(lock), 9007199254740995U);
}

TEST_P(LockLifeTest, AFenceThatCannotGrowLetsNobodyIn) {
  auto lock = cache().lock("job");
  raw().run({"SET", fence, "9223372036854775807"});
  EXPECT_THROW(static_cast<void>(lock.try_lock()), ResponseError);
  EXPECT_FALSE(raw().exists(":1:job"));
}

TEST_P(LockLifeTest, LivesOnWhileItIsHeld) {
  auto lock = cache().lock("job", kept(900ms));
  ASSERT_TRUE(lock.acquire());
  const auto token = lock.fencing_token();
  ASSERT_TRUE(eventually([&] { return counted().renewed >= 5; }));
  EXPECT_TRUE(lock.held());
  EXPECT_TRUE(lock.owned());
  EXPECT_EQ(lock.fencing_token(), token);
  lock.release();
  EXPECT_FALSE(lost());
}

TEST_P(LockLifeTest, RenewalNeverShortensALifeThatWasExtended) {
  auto lock = cache().lock("job", {.timeout = 900ms});
  auto other = cache().lock("other", {.timeout = 900ms});
  ASSERT_TRUE(lock.acquire());
  ASSERT_TRUE(other.acquire());
  ASSERT_TRUE(lock.extend(1h));
  ASSERT_TRUE(eventually([&] { return counted().renewed >= 3; }));
  EXPECT_GT(raw().pttl(":1:job"), 3'000'000);
  EXPECT_GT(lock.valid_until(), std::chrono::steady_clock::now() + 30min);
}

TEST_P(LockLifeTest, RunsOutWithoutRenewal) {
  LockOptions options = kept(30ms);
  options.renew = false;
  auto lock = cache().lock("job", options);
  ASSERT_TRUE(lock.acquire());
  EXPECT_TRUE(is_lost(LostReason::gone));
  EXPECT_FALSE(lock.held());
  EXPECT_TRUE(eventually([&] { return !raw().exists(":1:job"); }));
  EXPECT_THROW(lock.release(), LockNotOwnedError);
}

TEST_P(LockLifeTest, TellsThatTheDatabaseWasFlushed) {
  auto lock = cache().lock("job", kept(900ms));
  ASSERT_TRUE(lock.acquire());
  cache().clear();
  EXPECT_TRUE(is_lost(LostReason::gone));
  EXPECT_FALSE(lock.held());
  EXPECT_FALSE(lock.owned());
}

TEST_P(LockLifeTest, TellsThatAnotherTookIt) {
  auto lock = cache().lock("job", kept(900ms));
  ASSERT_TRUE(lock.acquire());
  raw().run({"SET", ":1:job", "another"});
  EXPECT_TRUE(is_lost(LostReason::taken));
  EXPECT_EQ(raw().pttl(":1:job"), -1) << "what another holds is not touched";
  EXPECT_EQ(counted().lost, 1U);
}

TEST_P(LockLifeTest, TellsThatTheServerIsGone) {
  auto lock = cache().lock("job", kept(400ms));
  ASSERT_TRUE(lock.acquire());
  server().kill();
  EXPECT_TRUE(is_lost(LostReason::unreachable));
  EXPECT_FALSE(lock.held());
  EXPECT_GE(counted().renewals_failed, 1U);
}

TEST_P(LockLifeTest, SurvivesAServerThatIsSilentForAWhile) {
  auto lock = cache().lock("job", kept(5s));
  ASSERT_TRUE(lock.acquire());
  ASSERT_TRUE(lock.extend(600ms, true));  // so that it is renewed soon
  ASSERT_TRUE(lock.extend(4s));
  server().stop_process();
  const bool failed = eventually([&] { return counted().renewals_failed >= 1; });
  server().continue_process();
  ASSERT_TRUE(failed);
  EXPECT_TRUE(eventually([&] { return counted().renewed >= 1; }));
  EXPECT_TRUE(lock.owned());
  EXPECT_FALSE(lost());
}

TEST_P(LockLifeTest, AThousandAreRenewed) {
  std::vector<Lock> locks;
  for (int i = 0; i < 1000; ++i) {
    locks.push_back(cache().lock("job:" + std::to_string(i), kept(3s)));
    ASSERT_TRUE(locks.back().acquire());
  }
  raw().run({"SCRIPT", "FLUSH"});
  ASSERT_TRUE(eventually([&] { return counted().renewed >= 2000; }));
  for (const Lock& lock : locks) {
    EXPECT_TRUE(lock.held());
  }
  EXPECT_FALSE(lost());
  EXPECT_GT(raw().pttl(":1:job:0"), 0);
  EXPECT_GT(raw().pttl(":1:job:999"), 0);
}

TEST_P(LockLifeTest, AChildHoldsNoneOfItsParentsLocks) {
  auto lock = cache().lock("job", kept(1h));
  ASSERT_TRUE(lock.acquire());
  EXPECT_TRUE(holds_in_child([&] {
    bool good = !lock.held() && !lock.owned() && lock.locked();
    try {
      lock.release();
      good = false;
    } catch (const LockNotOwnedError&) {
    }
    good = good && !lock.try_lock();
    auto own = cache().lock("own", {.timeout = 900ms});
    good = good && own.acquire();
    const auto before = cache().statistics().locks.renewed;
    good = good && eventually([&] { return cache().statistics().locks.renewed > before + 2; });
    return good && own.held() && own.owned();
  }));
  EXPECT_TRUE(lock.held());
  EXPECT_TRUE(lock.owned());
  lock.release();
  EXPECT_FALSE(lost());
}

TEST_P(LockLifeTest, FairWaitersGetItInTheOrderInWhichTheyCame) {
  constexpr int waiters = 4;
  auto first = cache().lock("job", {.timeout = 1min, .fair = true});
  ASSERT_TRUE(first.acquire());
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::thread> threads;
  RedisCache& shared = cache();
  for (int i = 0; i < waiters; ++i) {
    threads.emplace_back([&, i] {
      auto lock = shared.lock("job", {.timeout = 1min, .sleep = 5ms, .fair = true});
      EXPECT_TRUE(lock.acquire());
      const std::scoped_lock guard{mutex};
      order.push_back(i);
    });
    ASSERT_TRUE(eventually([&] { return raw().integer({"ZCARD", "{:1:job}:queue"}) == i + 1; }));
  }
  EXPECT_FALSE(shared.lock("job", {.fair = true}).try_lock());
  first.release();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_FALSE(raw().exists("{:1:job}:queue"));
  EXPECT_FALSE(raw().exists("{:1:job}:seen"));
}

TEST_P(LockLifeTest, WhoLeavesTheQueueOrDiedInItHoldsNobodyUp) {
  auto holder = cache().lock("job", {.timeout = 1min});
  ASSERT_TRUE(holder.acquire());
  raw().run({"ZADD", "{:1:job}:queue", "-5", "rc:dead"});
  raw().run({"HSET", "{:1:job}:seen", "rc:dead", "1"});
  auto impatient = cache().lock("job", {.sleep = 5ms, .blocking_timeout = 20ms, .fair = true});
  EXPECT_FALSE(impatient.acquire());
  EXPECT_TRUE(eventually([&] { return !raw().exists("{:1:job}:queue"); }));
  holder.release();
  EXPECT_TRUE(impatient.acquire());
}

TEST_P(LockLifeTest, AWaiterSeenInTheFutureCountsAsSeenNow) {
  raw().run({"ZADD", "{:1:job}:queue", "-5", "rc:alive"});
  raw().run({"HSET", "{:1:job}:seen", "rc:alive", "99999999999999"});
  auto lock = cache().lock("job", {.timeout = 1min, .fair = true});
  EXPECT_FALSE(lock.try_lock()) << "somebody came earlier";
  EXPECT_LT(std::stoll(raw().text({"HGET", "{:1:job}:seen", "rc:alive"}).value_or("")), 99999999999999LL);
}

}  // namespace
}  // namespace rediscache::test
