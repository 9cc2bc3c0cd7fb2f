// Renewals while servers hang, calls throw and timers refuse work.
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/redis_cache.hpp>

#include "base/timer_thread.hpp"
#include "support/wait.hpp"
#include "unit/lock_server.hpp"
#include "unit/manual_timer.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

/// A timer that takes work, or does not.
class UnwillingTimer final : public Timer {
 public:
  void call_at(std::chrono::steady_clock::time_point when, std::function<void()> work) override {
    if (refuses) {
      throw std::runtime_error{"this loop has ended"};
    }
    timer_.call_at(when, std::move(work));
  }
  std::size_t run() { return timer_.run(); }

  std::atomic<bool> refuses{false};

 private:
  ManualTimer timer_;
};

class RenewalsTest : public ::testing::Test {
 protected:
  ~RenewalsTest() override {
    may_answer_ = true;
    EXPECT_TRUE(eventually([&] { return server_.links == 0 && other_server_.links == 0; }));
  }

  LockOptions kept(std::chrono::milliseconds timeout, std::shared_ptr<Timer> timer = {}) {
    return {.timeout = timeout,
            .on_lost =
                [this](const LostLock& lost) {
                  const std::scoped_lock lock{mutex_};
                  lost_.push_back(lost.name + " " + std::string{to_string(lost.reason)});
                },
            .timer = std::move(timer)};
  }
  std::vector<std::string> lost() {
    const std::scoped_lock lock{mutex_};
    return lost_;
  }
  /// What makes renewals of keys that end so hang.
  std::function<void(std::string_view)> hanging(char last) {
    return [this, last](std::string_view key) {
      if (key.back() == last) {
        ++hanging_;
        EXPECT_TRUE(eventually([&] { return may_answer_.load(); }));
        --hanging_;
      }
    };
  }
  [[nodiscard]] bool hangs() {
    return eventually([&] { return hanging_ > 0; });
  }

  LockServer server_;
  LockServer other_server_;
  std::atomic<int> hanging_{0};
  std::atomic<bool> may_answer_{false};
  std::mutex mutex_;
  std::vector<std::string> lost_;
};

TEST_F(RenewalsTest, AServerThatHangsDoesNotDelayThoseOfAnotherCache) {
  server_.on_renew = hanging('a');
  RedisCache hanging{server_.options()};
  RedisCache healthy{other_server_.options()};
  auto a = hanging.lock("a", kept(10s));
  auto b = healthy.lock("b", kept(900ms));
  ASSERT_TRUE(a.acquire() && b.acquire());
  ASSERT_TRUE(a.extend(100ms, true));  // so that it is renewed soon
  ASSERT_TRUE(hangs());
  EXPECT_TRUE(eventually([&] { return healthy.statistics().locks.renewed >= 4; }));
  EXPECT_TRUE(b.held());
  EXPECT_EQ(hanging_, 1);
  EXPECT_EQ(healthy.statistics().locks.lost, 0U);
  may_answer_ = true;
}

TEST_F(RenewalsTest, AServerThatHangsDoesNotDelayThoseOnOthersOfTheSameCache) {
  server_.is_sharded = true;
  server_.on_renew = hanging('a');
  RedisCache cache{server_.options()};
  std::vector<Lock> many;
  for (int i = 0; i < 60; ++i) {
    many.push_back(
        cache.lock(std::to_string(i) + "a", {.timeout = std::chrono::milliseconds{10'000 + i * 997}}));
    ASSERT_TRUE(many.back().acquire());
    ASSERT_TRUE(many.back().extend(std::chrono::milliseconds{3000 + i}, true));
  }
  auto b = cache.lock("b", kept(300ms));
  ASSERT_TRUE(b.acquire());
  ASSERT_TRUE(many.front().extend(30ms, true));
  ASSERT_TRUE(hangs());
  EXPECT_TRUE(eventually([&] { return cache.statistics().locks.renewed >= 20; }));
  EXPECT_TRUE(b.held());
  EXPECT_TRUE(lost().empty());
  EXPECT_LE(hanging_, 4) << "batches";
  EXPECT_LE(base::process_timer()->threads(), 12U);
  may_answer_ = true;
}

TEST_F(RenewalsTest, WhatIsNotRenewedInTimeIsToldWhileTheServerStillHangs) {
  server_.on_renew = hanging('a');
  RedisCache cache{server_.options()};
  auto a = cache.lock("a", kept(100ms));
  ASSERT_TRUE(a.acquire());
  ASSERT_TRUE(eventually([&] { return !lost().empty(); }));
  EXPECT_THAT(lost(), ElementsAre(":1:a unreachable"));
  EXPECT_GE(hanging_, 1);
  EXPECT_EQ(server_.times("release"), 0);
  may_answer_ = true;
  EXPECT_TRUE(eventually([&] { return server_.times("release") > 0; })) << "nobody is to wait for its end";
}

TEST_F(RenewalsTest, AnExceptionLeavesNothingUnrenewed) {
  std::atomic<int> calls{0};
  server_.on_renew = [&](std::string_view) {
    switch (++calls) {
      case 1:
        throw std::bad_alloc{};
      case 2:
        throw 42;
      default:
        break;
    }
  };
  RedisCache cache{server_.options()};
  auto a = cache.lock("a", kept(600ms));
  auto b = cache.lock("b", kept(600ms));
  ASSERT_TRUE(a.acquire() && b.acquire());
  EXPECT_TRUE(eventually([&] { return cache.statistics().locks.renewed >= 4; }));
  EXPECT_TRUE(a.held() && b.held());
  EXPECT_TRUE(lost().empty());
  EXPECT_GE(cache.statistics().locks.renewals_failed, 2U);
}

TEST_F(RenewalsTest, ATimerThatTakesNoMoreWorkIsTold) {
  const auto timer = std::make_shared<UnwillingTimer>();
  RedisCache cache{server_.options()};
  auto a = cache.lock("a", kept(90ms, timer));
  ASSERT_TRUE(a.acquire());
  timer->refuses = true;
  ASSERT_TRUE(eventually([&] {
    timer->run();
    return !lost().empty();
  }));
  EXPECT_THAT(lost(), ElementsAre(":1:a unreachable"));
  EXPECT_GE(cache.statistics().locks.renewed, 1U) << "for a while it goes without";
  auto b = cache.lock("b", kept(90ms, timer));
  const int asked = server_.times("acquire");
  EXPECT_THROW(static_cast<void>(b.acquire()), std::runtime_error);
  EXPECT_EQ(server_.times("acquire"), asked) << "what cannot be kept is not asked for";
  EXPECT_FALSE(b.held());
}

}  // namespace
}  // namespace rediscache::test
