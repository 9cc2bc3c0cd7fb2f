// Memory runs out while locks are acquired, released and renewed: nothing stays locked that nobody holds, and
// nobody believes to hold what is not renewed.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "base/timer_thread.hpp"
#include "faults/run_short.hpp"
#include "support/memory.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_lock_allocations = 1000;

class LocksMemoryTest : public ::testing::TestWithParam<bool> {
 protected:
  /// A key too long to be kept without memory.
  const std::string key_ = "a lock with quite a long name";
  RedisServer server_;
  RedisCache cache_{{.location = {server_.unix_url()}}};

  [[nodiscard]] bool can_be_had() {
    auto next = cache_.lock(key_, {.timeout = 1min, .sleep = 5ms, .blocking_timeout = 15s});
    const bool acquired = next.acquire();
    if (acquired) {
      next.release();
    }
    return acquired;
  }

  /// `use` runs short of memory at each allocation in turn.
  void fail_each_use(const LockOptions& options, bool acquired_before,
                     const std::function<void(Lock&)>& use) {
    for (std::size_t number = 0; number < most_lock_allocations; ++number) {
      SCOPED_TRACE("allocation " + std::to_string(number));
      auto lock = cache_.lock(key_, options);
      if (acquired_before) {
        ASSERT_TRUE(lock.acquire());
      }
      Ending ending{};
      EXPECT_NO_THROW(ending = run_short(number, GetParam(), [&] { use(lock); }))
          << "anything but std::bad_alloc";
      if (ending == Ending::out_of_memory) {
        ASSERT_FALSE(lock.held());
      } else if (lock.held()) {
        ASSERT_TRUE(lock.owned());
        lock.release();
      }
      ASSERT_TRUE(can_be_had()) << "nobody holds it";
      if (ending == Ending::never_came_to_it) {
        EXPECT_GT(number, 3U);
        return;
      }
    }
    FAIL() << "there is no end to it";
  }
};
INSTANTIATE_TEST_SUITE_P(Each, LocksMemoryTest, ::testing::Values(false, true),
                         [](const auto& each) { return each.param ? "FromThenOn" : "Once"; });

TEST_P(LocksMemoryTest, AnAcquireThatThrowsLeavesNoLockBehind) {
  fail_each_use({}, false, [](Lock& lock) { EXPECT_TRUE(lock.acquire()); });
}

TEST_P(LocksMemoryTest, AnAcquireThatThrowsLeavesNoLockBehindThatWouldBeRenewed) {
  fail_each_use({.timeout = 1h, .on_lost = [](const LostLock&) {}}, false,
                [](Lock& lock) { EXPECT_TRUE(lock.acquire()); });
}

TEST_P(LocksMemoryTest, ALockIsFreeAfterAReleaseThatThrew) {
  fail_each_use({}, true, [](Lock& lock) { lock.release(); });
}

TEST_P(LocksMemoryTest, ALockIsFreeAfterItWasUnlockedWithoutMemory) {
  fail_each_use({.timeout = 1h}, true, [](Lock& lock) { lock.unlock(); });
}

TEST_P(LocksMemoryTest, ARenewalWithoutMemoryIsTriedAgainOrTheLossIsTold) {
  const bool lasting = GetParam();
  for (std::size_t number = 0; number < most_lock_allocations; number += lasting ? 7 : 1) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    RedisCache cache{{.location = {server_.unix_url()}}};
    const auto timer = std::make_shared<base::TimerThread>();
    std::atomic<int> lost{0};
    std::atomic<bool> is_right{false};
    auto lock = cache.lock(key_, {.timeout = lasting ? 200ms : 3000ms,
                                  .on_lost =
                                      [&](const LostLock& told) {
                                        is_right = told.name == ":1:a lock with quite a long name" &&
                                                   told.reason == LostReason::unreachable;
                                        ++lost;
                                      },
                                  .timer = timer});
    std::optional<ShortageInNewThreads> shortage{std::in_place, number, lasting};
    ASSERT_TRUE(lock.acquire());  // this starts the timer's thread
    if (!lasting) {
      ASSERT_TRUE(lock.extend(900ms, true));  // so that it is renewed soon
    }
    const auto renewed = [&] { return cache.statistics().locks.renewed; };
    if (lasting) {
      ASSERT_TRUE(eventually([&] { return lost == 1; }));
      EXPECT_TRUE(is_right);
      EXPECT_FALSE(lock.held());
      shortage.reset();
      if (renewed() > 0) {
        return;
      }
      continue;
    }
    ASSERT_TRUE(eventually([&] { return renewed() >= 1; }));
    EXPECT_TRUE(lock.held());
    EXPECT_TRUE(lock.owned());
    EXPECT_EQ(lost, 0);
    if (!shortage->ran_out()) {
      EXPECT_GT(number, 3U);
      return;
    }
  }
  FAIL() << "there is no end to it";
}

TEST_P(LocksMemoryTest, ATimerTakesWorkAfterItHadNoMemoryForIt) {
  for (std::size_t number = 0; number < most_lock_allocations; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    base::TimerThread timer;
    std::atomic<int> done{0};
    const auto work = [&] { timer.call_at(std::chrono::steady_clock::now(), [&] { ++done; }); };
    const auto ending = run_short(number, GetParam(), work);
    work();
    const int expected = ending == Ending::out_of_memory ? 1 : 2;
    ASSERT_TRUE(eventually([&] { return done == expected; }));
    if (ending == Ending::never_came_to_it) {
      return;
    }
  }
  FAIL() << "there is no end to it";
}

}  // namespace
}  // namespace rediscache::test
