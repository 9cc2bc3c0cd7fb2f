// Locks against scripted replies, with a timer and messages of the test's own.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/redis_cache.hpp>

#include "support/wait.hpp"
#include "unit/lock_server.hpp"
#include "unit/manual_timer.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

using Says = LockServer::Says;

class LockUnitTest : public ::testing::Test {
 protected:
  LockOptions kept(std::chrono::milliseconds timeout = 1h) {
    return {.timeout = timeout,
            .on_lost =
                [this](const LostLock& lost) {
                  const std::scoped_lock lock{mutex_};
                  lost_.push_back(lost.name + " " + std::string{to_string(lost.reason)});
                },
            .timer = timer_};
  }
  std::vector<std::string> lost() {
    const std::scoped_lock lock{mutex_};
    return lost_;
  }

  std::shared_ptr<ManualTimer> timer_ = std::make_shared<ManualTimer>();
  LockServer server_;
  RedisCache cache_{server_.options()};
  std::mutex mutex_;
  std::vector<std::string> lost_;
};

TEST_F(LockUnitTest, KnowsWhatItHoldsWithoutAsking) {
  auto lock = cache_.lock("job", kept(10s));
  EXPECT_FALSE(lock.held());
  EXPECT_THROW(static_cast<void>(lock.fencing_token()), LockNotOwnedError);
  EXPECT_EQ(lock.valid_until(), std::chrono::steady_clock::time_point::min());
  ASSERT_TRUE(lock.acquire());
  EXPECT_TRUE(lock.held());
  EXPECT_EQ(lock.fencing_token(), 9007199254740993U);
  EXPECT_LE(lock.valid_until(), std::chrono::steady_clock::now() + 10s);
  lock.release();
  EXPECT_FALSE(lock.held());
  EXPECT_EQ(cache_.statistics().locks.acquired, 1U);
  EXPECT_EQ(cache_.statistics().locks.released, 1U);
  auto for_ever = cache_.lock("job");
  ASSERT_TRUE(for_ever.acquire());
  EXPECT_EQ(for_ever.valid_until(), std::chrono::steady_clock::time_point::max());
}

TEST_F(LockUnitTest, IsRenewedByTheCallersTimerUntilItIsReleased) {
  auto lock = cache_.lock("job", kept());
  ASSERT_TRUE(lock.acquire());
  ASSERT_EQ(timer_->waiting(), 1U);
  EXPECT_LE(timer_->next(), std::chrono::steady_clock::now() + 20min);
  timer_->run();
  EXPECT_EQ(server_.times("renew"), 0) << "it is early: nothing is due";
  EXPECT_EQ(timer_->waiting(), 1U);
  lock.release();
  timer_->run();
  EXPECT_EQ(timer_->waiting(), 0U);
  EXPECT_TRUE(lost().empty());
}

/// Runs the timer until the server was asked to renew.
#define RUN_UNTIL_RENEWED(count)              \
  ASSERT_TRUE(eventually([&] {                \
    timer_->run();                            \
    return server_.times("renew") >= (count); \
  }))

TEST_F(LockUnitTest, TellsOnceThatItIsGone) {
  server_.renew = Says::no;
  auto lock = cache_.lock("job", kept(60ms));
  ASSERT_TRUE(lock.acquire());
  RUN_UNTIL_RENEWED(1);
  EXPECT_THAT(lost(), ElementsAre(":1:job gone"));
  EXPECT_FALSE(lock.held());
  EXPECT_THROW(static_cast<void>(lock.fencing_token()), LockNotOwnedError);
  EXPECT_THROW(lock.release(), LockNotOwnedError);
  EXPECT_THROW(lock.extend(1s), LockNotOwnedError);
  lock.unlock();
  timer_->run();
  EXPECT_THAT(lost(), ElementsAre(":1:job gone"));
  EXPECT_EQ(server_.times("release"), 0);
  EXPECT_EQ(cache_.statistics().locks.lost, 1U);
  EXPECT_TRUE(lock.try_lock()) << "it is free to be acquired anew";
}

TEST_F(LockUnitTest, TellsThatItIsTaken) {
  server_.renew = Says::other;
  auto lock = cache_.lock("job", kept(60ms));
  ASSERT_TRUE(lock.acquire());
  RUN_UNTIL_RENEWED(1);
  EXPECT_THAT(lost(), ElementsAre(":1:job taken"));
}

TEST_F(LockUnitTest, IsTriedAgainWhileThereIsTimeAndThenUnreachable) {
  server_.renew = Says::nothing;
  auto lock = cache_.lock("job", kept(300ms));
  ASSERT_TRUE(lock.acquire());
  RUN_UNTIL_RENEWED(2);
  EXPECT_TRUE(lost().empty());
  ASSERT_TRUE(eventually([&] {
    timer_->run();
    return !lost().empty();
  }));
  EXPECT_THAT(lost(), ElementsAre(":1:job unreachable"));
  EXPECT_FALSE(lock.held());
  EXPECT_GE(cache_.statistics().locks.renewals_failed, 2U);
}

TEST_F(LockUnitTest, SurvivesAFailedRenewal) {
  server_.renew = Says::nothing;
  auto lock = cache_.lock("job", kept(10s));
  ASSERT_TRUE(lock.acquire());
  ASSERT_TRUE(lock.extend(300ms, true));  // so that it is due soon
  RUN_UNTIL_RENEWED(1);
  server_.renew = Says::yes;
  const auto before = lock.valid_until();
  RUN_UNTIL_RENEWED(2);
  EXPECT_GT(lock.valid_until(), before + 5s);
  EXPECT_TRUE(lost().empty());
}

TEST_F(LockUnitTest, WithoutRenewalIsFoundToHaveRunOut) {
  LockOptions options = kept(20ms);
  options.renew = false;
  auto lock = cache_.lock("job", options);
  ASSERT_TRUE(lock.acquire());
  ASSERT_TRUE(eventually([&] {
    timer_->run();
    return !lost().empty();
  }));
  EXPECT_THAT(lost(), ElementsAre(":1:job gone"));
  EXPECT_EQ(server_.times("renew"), 0);
}

TEST_F(LockUnitTest, UnlockTellsOfALossThatItFinds) {
  server_.release = Says::other;
  auto lock = cache_.lock("job", kept());
  ASSERT_TRUE(lock.acquire());
  lock.unlock();
  EXPECT_THAT(lost(), ElementsAre(":1:job taken"));
}

TEST_F(LockUnitTest, MovesWhileItIsRenewed) {
  server_.renew = Says::no;
  auto first = cache_.lock("job", kept(60ms));
  ASSERT_TRUE(first.acquire());
  auto second = std::move(first);
  EXPECT_TRUE(second.held());
  RUN_UNTIL_RENEWED(1);
  EXPECT_FALSE(second.held());
  EXPECT_THAT(lost(), ElementsAre(":1:job gone"));
}

TEST_F(LockUnitTest, OnLostMayUseTheLock) {
  server_.renew = Says::no;
  std::optional<Lock> lock;
  LockOptions options = kept(60ms);
  bool threw = false;
  options.on_lost = [&](const LostLock&) {
    try {
      lock->release();
    } catch (const LockNotOwnedError&) {
      threw = true;
    }
  };
  lock.emplace(cache_.lock("job", options));
  ASSERT_TRUE(lock->acquire());
  RUN_UNTIL_RENEWED(1);
  EXPECT_TRUE(threw);
}

TEST_F(LockUnitTest, ReleaseWaitsForOnLostThatIsRunning) {
  server_.renew = Says::no;
  std::atomic<bool> begun{false};
  std::atomic<bool> may_end{false};
  std::atomic<bool> ended{false};
  std::atomic<bool> releasing{false};
  LockOptions options = kept(60ms);
  options.on_lost = [&](const LostLock&) {
    begun = true;
    EXPECT_TRUE(eventually([&] { return may_end.load(); }));
    ended = true;
  };
  auto lock = cache_.lock("job", options);
  ASSERT_TRUE(lock.acquire());
  std::thread renews{[&] { EXPECT_TRUE(eventually([&] { return timer_->run(), begun.load(); })); }};
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  std::thread lets_end{[&] {
    EXPECT_TRUE(eventually([&] { return releasing.load(); }));
    may_end = true;
  }};
  releasing = true;
  EXPECT_THROW(lock.release(), LockNotOwnedError);
  EXPECT_TRUE(ended);
  renews.join();
  lets_end.join();
}

TEST_F(LockUnitTest, ATryOfUnknownOutcomeIsUndoneInTheBackground) {
  server_.acquire = Says::nothing_but_did;
  auto lock = cache_.lock("job", {.timer = timer_});
  EXPECT_THROW(static_cast<void>(lock.try_lock()), TimeoutError);
  EXPECT_EQ(server_.times("release"), 0);
  server_.release = Says::nothing;
  EXPECT_EQ(timer_->run(), 1U);
  EXPECT_EQ(server_.times("release"), 1);
  server_.release = Says::no;  // it may still come
  EXPECT_EQ(timer_->run(), 1U);
  EXPECT_EQ(timer_->run(), 1U);
  server_.release = Says::yes;
  EXPECT_EQ(timer_->run(), 1U);
  EXPECT_EQ(timer_->run(), 0U);
  EXPECT_EQ(server_.times("release"), 4);
}

TEST_F(LockUnitTest, ATryThatWasCertainlyNotMadeIsNotUndone) {
  server_.acquire = Says::nothing;
  auto lock = cache_.lock("job", {.timer = timer_});
  EXPECT_THROW(static_cast<void>(lock.try_lock()), TimeoutError);
  EXPECT_EQ(timer_->waiting(), 0U);
}

TEST_F(LockUnitTest, AReleaseThatDidNotReachTheServerIsRepeatedInTheBackground) {
  auto lock = cache_.lock("job", {.timer = timer_});
  ASSERT_TRUE(lock.acquire());
  server_.release = Says::nothing;
  EXPECT_THROW(lock.release(), TimeoutError);
  server_.release = Says::yes;
  EXPECT_EQ(timer_->run(), 1U);
  EXPECT_EQ(server_.times("release"), 2);
}

TEST_F(LockUnitTest, IsWokenByAMessageAndNotByTime) {
  server_.acquire = Says::no;
  std::atomic<bool> acquired{false};
  std::thread waiter{[&] {
    auto lock = cache_.lock("job", {.sleep = 1ms});
    acquired = lock.acquire();
  }};
  ASSERT_TRUE(eventually([&] { return server_.times("acquire") == 2; })) << "before and after subscribing";
  server_.acquire = Says::yes;
  server_.subscriber->publish("");
  ASSERT_TRUE(eventually([&] { return acquired.load(); }));
  waiter.join();
  EXPECT_FALSE(server_.subscriber->is_listened_to());
  const LockStatistics locks = cache_.statistics().locks;
  EXPECT_EQ(locks.contended, 1U);
  EXPECT_EQ(locks.woken, 1U);
  EXPECT_EQ(locks.polls, 0U);
}

TEST_F(LockUnitTest, GivesUpInTimeAndCountsIt) {
  server_.acquire = Says::no;
  auto lock = cache_.lock("job", {.blocking_timeout = 20ms});
  EXPECT_FALSE(lock.acquire());
  EXPECT_EQ(server_.times("acquire"), 2);
  EXPECT_EQ(cache_.statistics().locks.timed_out, 1U);
}

}  // namespace
}  // namespace rediscache::test
