// Semaphores and shared locks: what several hold at once, through a real server.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class PermitsTest : public CacheTest {
 protected:
  /// Whether somebody waits to hold `key` alone, as the server knows it.
  [[nodiscard]] bool is_waited_for(const std::string& key) {
    return raw().exists("{:1:" + key + "}:waiting");
  }
  /// For how long that keeps others out, in milliseconds, if who waits dies now. -1: for ever.
  [[nodiscard]] std::int64_t kept_out_ms(const std::string& key) {
    return raw().ask({"PTTL", "{:1:" + key + "}:waiting"}).integer;
  }
  /// How many connections listen for the releases of `key`.
  [[nodiscard]] std::int64_t listeners(const std::string& key) {
    return raw().ask({"PUBSUB", "NUMSUB", ":1:" + key + ":released"}).elements.at(1).integer;
  }
};
REDISCACHE_TEST_EVERY_TRANSPORT(PermitsTest, "plain");

TEST_P(PermitsTest, AsManyHoldASemaphoreAsThereArePermits) {
  auto first = cache().semaphore("job", {.permits = 2, .timeout = 1h});
  auto second = cache().semaphore("job", {.permits = 2, .timeout = 1h});
  auto third = cache().semaphore("job", {.permits = 2, .timeout = 1h, .blocking = false});
  EXPECT_EQ(first.holders(), 0U);
  ASSERT_TRUE(first.acquire());
  ASSERT_TRUE(second.acquire());
  EXPECT_FALSE(third.acquire());
  EXPECT_FALSE(third.try_lock_for(5ms));
  EXPECT_EQ(third.holders(), 2U);
  EXPECT_TRUE(first.owned());
  EXPECT_FALSE(third.owned());
  first.release();
  EXPECT_TRUE(third.acquire());
  EXPECT_GT(third.fencing_token(), second.fencing_token());
  EXPECT_THROW(static_cast<void>(first.fencing_token()), LockNotOwnedError);
}

TEST_P(PermitsTest, TheKeyEndsWithItsLastHolder) {
  auto first = cache().semaphore("job", {.permits = 3, .timeout = 1h});
  auto second = cache().semaphore("job", {.permits = 3, .timeout = 10h});
  ASSERT_TRUE(first.acquire());
  ASSERT_TRUE(second.acquire());
  EXPECT_GT(raw().pttl(":1:job"), 9 * 3'600'000);
  auto third = cache().semaphore("job", {.permits = 3});
  ASSERT_TRUE(third.acquire());
  EXPECT_EQ(raw().pttl(":1:job"), -1);
  third.release();
  second.release();
  first.release();
  EXPECT_FALSE(raw().exists(":1:job"));
  EXPECT_GT(raw().pttl("{:1:job}:fence"), 0);
}

TEST_P(PermitsTest, NeverMoreThanThePermitsHoldUnderThreads) {
  constexpr int permits = 3;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> entered{0};
  RedisCache& shared = cache();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 10; ++round) {
          auto permit = shared.semaphore("job", {.permits = permits, .timeout = 1h});
          permit.lock();
          const int now = ++inside;
          for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          ++entered;
          std::this_thread::yield();
          --inside;
          permit.release();
        }
      });
    }
  }
  EXPECT_EQ(entered, 80);
  EXPECT_LE(most, permits);
  EXPECT_GT(most, 1);
  EXPECT_EQ(cache().semaphore("job").holders(), 0U);
}

TEST_P(PermitsTest, ThePermitOfADeadProcessIsFreeAfterItsTimeout) {
  auto next = cache().semaphore("job", {.timeout = 1h, .blocking_timeout = 20s});
  ASSERT_TRUE(holds_in_child([&]() -> bool {
    RedisCache own{options()};
    auto permit = own.semaphore("job", {.timeout = 300ms});
    const bool acquired = permit.acquire();
    ::_exit(acquired ? 0 : 1);  // releases nothing
  }));
  EXPECT_FALSE(next.try_lock());
  EXPECT_TRUE(next.acquire());
}

TEST_P(PermitsTest, AHeldPermitOutlivesItsTimeout) {
  auto permit = cache().semaphore("job", {.timeout = 500ms});
  ASSERT_TRUE(permit.acquire());
  const auto before = cache().statistics().locks.renewed;
  ASSERT_TRUE(eventually([&] { return cache().statistics().locks.renewed > before + 4; }));
  EXPECT_TRUE(permit.held());
  EXPECT_TRUE(permit.owned());
  permit.release();
}

TEST_P(PermitsTest, TellsOfAPermitThatWasLost) {
  std::atomic<int> told{0};
  std::atomic<LostReason> reason{LostReason::unreachable};
  auto permit = cache().semaphore("job", {.timeout = 500ms, .on_lost = [&](const LostLock& lost) {
                                            reason = lost.reason;
                                            ++told;
                                          }});
  ASSERT_TRUE(permit.acquire());
  raw().run({"DEL", ":1:job"});
  EXPECT_TRUE(eventually([&] { return told == 1; }));
  EXPECT_EQ(reason, LostReason::gone);
  EXPECT_FALSE(permit.held());
  EXPECT_THROW(permit.release(), LockNotOwnedError);
  ASSERT_TRUE(permit.acquire());

  const auto token = raw().ask({"ZRANGE", ":1:job", "0", "0"}).elements.at(0).text;
  raw().run({"ZREM", ":1:job", token});
  raw().run({"ZADD", ":1:job", "inf", "somebody else"});
  EXPECT_TRUE(eventually([&] { return told == 2; }));
  EXPECT_EQ(reason, LostReason::taken);
}

TEST_P(PermitsTest, APermitWhoseTimeIsOverCannotBeReleasedNorExtended) {
  auto permit = cache().semaphore("job", {.timeout = 1h, .renew = false});
  ASSERT_TRUE(permit.acquire());
  EXPECT_TRUE(permit.extend(1h));
  EXPECT_GT(raw().pttl(":1:job"), 7'000'000);
  EXPECT_TRUE(permit.reacquire());
  EXPECT_LE(raw().pttl(":1:job"), 3'600'000);
  EXPECT_TRUE(permit.extend(1ms, true));
  ASSERT_TRUE(eventually([&] { return permit.holders() == 0U; }));
  EXPECT_FALSE(permit.owned());
  EXPECT_THROW(permit.release(), LockNotOwnedError);
}

TEST_P(PermitsTest, AForkedChildReleasesNothing) {
  auto permit = cache().semaphore("job", {.timeout = 1h});
  ASSERT_TRUE(permit.acquire());
  EXPECT_TRUE(holds_in_child([&] {
    const bool held = permit.held();
    permit.unlock();
    return !held;
  }));
  EXPECT_TRUE(permit.owned());
}

TEST_P(PermitsTest, SharersHoldTogetherAndOneAlone) {
  auto reader = cache().shared_lock("doc", {.timeout = 1h});
  auto other = cache().shared_lock("doc", {.timeout = 1h});
  auto writer = cache().shared_lock("doc", {.timeout = 1h});
  {
    const std::shared_lock first{reader};
    const std::shared_lock second{other, std::try_to_lock};
    EXPECT_TRUE(second.owns_lock());
    EXPECT_EQ(writer.holders(), 2U);
    EXPECT_FALSE(writer.try_lock());
    EXPECT_THROW(static_cast<void>(reader.try_lock()), LockError);
  }
  {
    const std::unique_lock alone{writer};
    EXPECT_TRUE(writer.owned());
    EXPECT_FALSE(reader.try_lock_shared());
    EXPECT_FALSE(other.try_lock());
    EXPECT_THROW(static_cast<void>(writer.try_lock_shared()), LockError);
  }
  EXPECT_EQ(writer.holders(), 0U);
  EXPECT_FALSE(is_waited_for("doc"));
  EXPECT_THROW(writer.release(), LockNotOwnedError);
}

TEST_P(PermitsTest, WhoWaitsToBeAloneHoldsBackNewSharers) {
  auto reader = cache().shared_lock("doc", {.timeout = 1h});
  ASSERT_TRUE(reader.acquire_shared());
  RedisCache& shared = cache();
  std::atomic<bool> wrote{false};
  std::jthread waiting{[&] {
    auto writer = shared.shared_lock("doc", {.timeout = 1h});
    wrote = writer.acquire();
  }};
  ASSERT_TRUE(eventually([&] { return is_waited_for("doc"); }));
  EXPECT_GT(kept_out_ms("doc"), 0);
  EXPECT_LE(kept_out_ms("doc"), 3000);
  auto late = cache().shared_lock("doc", {.timeout = 1h, .blocking_timeout = 20s});
  EXPECT_FALSE(late.try_lock_shared());
  reader.release();
  EXPECT_TRUE(late.acquire_shared());
  waiting.join();
  EXPECT_TRUE(wrote);
}

TEST_P(PermitsTest, WhoGivesUpWaitingLetsTheSharersIn) {
  auto reader = cache().shared_lock("doc", {.timeout = 1h});
  auto writer = cache().shared_lock("doc", {.timeout = 1h, .blocking_timeout = 50ms});
  ASSERT_TRUE(reader.acquire_shared());
  EXPECT_FALSE(writer.acquire());
  ASSERT_TRUE(eventually([&] { return !is_waited_for("doc"); }, 2s));
  auto late = cache().shared_lock("doc", {.timeout = 1h});
  EXPECT_TRUE(late.try_lock_shared());
}

TEST_P(PermitsTest, OneReleaseWakesAllWhoShare) {
  auto writer = cache().shared_lock("doc");
  ASSERT_TRUE(writer.acquire());
  constexpr int readers = 5;
  std::atomic<int> inside{0};
  std::atomic<bool> may_go{false};
  RedisCache& shared = cache();
  std::vector<std::jthread> threads;
  for (int i = 0; i < readers; ++i) {
    threads.emplace_back([&] {
      auto reader = shared.shared_lock("doc");
      reader.lock_shared();
      ++inside;
      may_go.wait(false);
      reader.unlock_shared();
    });
  }
  // Each has tried once at once, and again when it was subscribed; then all sleep but for one who looks at
  // times.
  EXPECT_TRUE(eventually([&] {
    return listeners("doc") == 1 && cache().statistics().locks.contended == std::uint64_t{readers};
  }));
  writer.release();
  EXPECT_TRUE(eventually([&] { return inside == readers; }));
  may_go = true;
  may_go.notify_all();
}

TEST_P(PermitsTest, WritersAndReadersNeverMeet) {
  std::atomic<int> readers{0};
  std::atomic<int> writers{0};
  std::atomic<int> meetings{0};
  std::atomic<int> most_readers{0};
  int written = 0;  // guarded by the lock under test
  RedisCache& shared = cache();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&, writes = i < 2] {
        for (int round = 0; round < 12; ++round) {
          auto lock = shared.shared_lock("doc", {.timeout = 1h});
          if (writes) {
            lock.lock();
            meetings += ++writers != 1 || readers != 0 ? 1 : 0;
            ++written;
            --writers;
            lock.unlock();
          } else {
            lock.lock_shared();
            most_readers = std::max(most_readers.load(), ++readers);
            meetings += writers != 0 ? 1 : 0;
            std::this_thread::yield();
            --readers;
            lock.unlock_shared();
          }
        }
      });
    }
  }
  EXPECT_EQ(meetings, 0);
  EXPECT_EQ(written, 24);
  EXPECT_EQ(shared.statistics().locks.timed_out, 0U);
}

TEST_P(PermitsTest, AFencingTokenGrowsWithEachHolder) {
  std::uint64_t last = 0;
  for (int i = 0; i < 4; ++i) {
    auto lock = cache().shared_lock("doc", {.timeout = 1h});
    ASSERT_TRUE(i % 2 == 0 ? lock.acquire() : lock.acquire_shared());
    EXPECT_GT(lock.fencing_token(), last);
    last = lock.fencing_token();
  }
  raw().set("{:1:doc}:fence", "9000000000000000");  // the clock was ahead
  auto lock = cache().shared_lock("doc", {.timeout = 1h});
  ASSERT_TRUE(lock.acquire());
  EXPECT_EQ(lock.fencing_token(), 9'000'000'000'000'001U);
}

TEST_P(PermitsTest, RefuseWhatMakesNoSense) {
  EXPECT_THROW(static_cast<void>(cache().semaphore("job", {.permits = 0})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(cache().semaphore("job", {.timeout = 0ms})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(cache().shared_lock("doc", {.sleep = 0ms})), InvalidArgument);
  auto lock = cache().lock("job");
  ASSERT_TRUE(lock.acquire());
  EXPECT_THROW(static_cast<void>(cache().semaphore("job").try_lock()), ResponseError);
}

TEST_P(PermitsTest, ErrorsSayWhatIsMeant) {
  using ::testing::HasSubstr;
  using ::testing::StartsWith;
  const auto wrong =
      thrown_by<InvalidArgument>([&] { static_cast<void>(cache().semaphore("job", {.timeout = 0ms})); });
  ASSERT_TRUE(wrong);
  EXPECT_THAT(wrong->what(), StartsWith("semaphore: timeout"));
  const auto wrong_too =
      thrown_by<InvalidArgument>([&] { static_cast<void>(cache().shared_lock("doc", {.sleep = 0ms})); });
  ASSERT_TRUE(wrong_too);
  EXPECT_THAT(wrong_too->what(), StartsWith("shared_lock: sleep"));

  auto permit = cache().semaphore("job");
  const auto lost = thrown_by<LockNotOwnedError>([&] { permit.release(); });
  ASSERT_TRUE(lost);
  EXPECT_THAT(lost->what(), HasSubstr("the permit is not held"));
  ASSERT_TRUE(permit.try_lock());
  const auto twice = thrown_by<LockError>([&] { static_cast<void>(permit.try_lock()); });
  ASSERT_TRUE(twice);
  EXPECT_THAT(twice->what(), HasSubstr("holds the permit already"));

  auto lock = cache().shared_lock("doc");
  ASSERT_TRUE(lock.try_lock_shared());
  const auto both = thrown_by<LockError>([&] { static_cast<void>(lock.try_lock()); });
  ASSERT_TRUE(both);
  EXPECT_THAT(both->what(), HasSubstr("holds the shared lock already"));
  const auto endless = thrown_by<LockError>([&] { lock.reacquire(); });
  ASSERT_TRUE(endless);
  EXPECT_THAT(endless->what(), HasSubstr("the shared lock has no timeout"));
}

TEST(PermitsToNobodyTest, NeverPretendSuccess) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  auto permit = cache.semaphore("job", {.sleep = 1ms, .blocking_timeout = 10ms});
  EXPECT_FALSE(permit.acquire());
  EXPECT_FALSE(permit.owned());
  EXPECT_EQ(permit.holders(), std::nullopt);
  auto lock = cache.shared_lock("doc", {.sleep = 1ms, .blocking_timeout = 10ms});
  EXPECT_FALSE(lock.try_lock());
  EXPECT_FALSE(lock.acquire_shared());
  EXPECT_THROW(lock.lock_shared(), ConnectionError);
}

}  // namespace
}  // namespace rediscache::test
