// The lock that processes share.
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "integration/cache_test.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class LockTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(LockTest);

TEST_P(LockTest, HoldsARandomTokenUnderItsKeyForItsTime) {
  auto lock = cache().lock("job", {.timeout = 1h});
  EXPECT_FALSE(lock.locked());
  ASSERT_TRUE(lock.acquire());
  EXPECT_EQ(lock.name(), ":1:job");
  const auto token = raw().get(":1:job");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 35U);
  EXPECT_TRUE(token->starts_with("rc:"));
  EXPECT_GT(raw().pttl(":1:job"), 3'000'000);
  EXPECT_TRUE(lock.owned());
  EXPECT_TRUE(lock.locked());
  lock.release();
  EXPECT_FALSE(raw().exists(":1:job"));

  ASSERT_TRUE(lock.acquire());
  EXPECT_NE(raw().get(":1:job"), token);
}

TEST_P(LockTest, WithoutATimeoutNeverRunsOut) {
  auto lock = cache().lock("job");
  ASSERT_TRUE(lock.acquire());
  EXPECT_EQ(raw().pttl(":1:job"), -1);
}

TEST_P(LockTest, ExcludesOthersUntilReleased) {
  auto mine = cache().lock("job", {.timeout = 1h});
  auto theirs = cache().lock("job", {.timeout = 1h, .blocking = false});
  ASSERT_TRUE(mine.acquire());
  EXPECT_FALSE(theirs.acquire());
  EXPECT_FALSE(theirs.try_lock());
  EXPECT_FALSE(theirs.owned());
  EXPECT_TRUE(theirs.locked());
  mine.release();
  EXPECT_TRUE(theirs.try_lock());
}

TEST_P(LockTest, WaitsForTheReleaseOfAnother) {
  auto mine = cache().lock("job", {.timeout = 1h});
  ASSERT_TRUE(mine.acquire());
  std::atomic<bool> acquired{false};
  RedisCache& shared = cache();
  std::thread waiter{[&] {
    auto theirs = shared.lock("job", {.timeout = 1h, .sleep = 1ms});
    acquired = theirs.acquire();
  }};
  EXPECT_FALSE(acquired);
  mine.release();
  waiter.join();
  EXPECT_TRUE(acquired);
}

TEST_P(LockTest, GivesUpAfterItsBlockingTimeout) {
  auto mine = cache().lock("job", {.timeout = 1h});
  ASSERT_TRUE(mine.acquire());
  auto theirs = cache().lock("job", {.sleep = 1ms, .blocking_timeout = 10ms});
  EXPECT_FALSE(theirs.acquire());
  EXPECT_FALSE(theirs.try_lock_for(5ms));
  EXPECT_FALSE(theirs.try_lock_until(std::chrono::system_clock::now() + 5ms));
  const auto error = thrown_by<LockError>([&] { theirs.lock(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::lock);
  EXPECT_EQ(error->key(), "job");
}

TEST_P(LockTest, WorksWithUniqueLockAndScopedLock) {
  auto lock = cache().lock("job", {.timeout = 1h});
  {
    const std::scoped_lock guard{lock};
    EXPECT_TRUE(lock.owned());
  }
  EXPECT_FALSE(lock.locked());
  {
    const std::unique_lock guard{lock, std::try_to_lock};
    EXPECT_TRUE(guard.owns_lock());
  }
  EXPECT_FALSE(lock.locked());
}

TEST_P(LockTest, ReleasesWhenDestroyedAndWhenAnotherIsAssigned) {
  {
    auto lock = cache().lock("a");
    ASSERT_TRUE(lock.acquire());
  }
  EXPECT_FALSE(raw().exists(":1:a"));

  auto first = cache().lock("a");
  ASSERT_TRUE(first.acquire());
  auto moved = std::move(first);
  EXPECT_TRUE(moved.owned());
  moved = cache().lock("b");
  EXPECT_FALSE(raw().exists(":1:a"));
}

TEST_P(LockTest, DoesNotReleaseWhatIsNotItsOwn) {
  auto lock = cache().lock("job", {.timeout = 1h});
  EXPECT_THROW(lock.release(), LockNotOwnedError);
  ASSERT_TRUE(lock.acquire());
  raw().run({"SET", ":1:job", "somebody else"});
  EXPECT_FALSE(lock.owned());
  EXPECT_THROW(lock.release(), LockNotOwnedError);
  EXPECT_EQ(raw().get(":1:job"), "somebody else");
  EXPECT_THROW(lock.release(), LockNotOwnedError);
}

TEST_P(LockTest, UnlockOfALostLockThrowsNothing) {
  auto lock = cache().lock("job", {.timeout = 1h});
  ASSERT_TRUE(lock.acquire());
  raw().run({"DEL", ":1:job"});
  lock.unlock();
  lock.unlock();
  EXPECT_TRUE(lock.try_lock());
}

TEST_P(LockTest, ExtendsAndReacquires) {
  auto lock = cache().lock("job", {.timeout = 10min});
  ASSERT_TRUE(lock.acquire());
  EXPECT_TRUE(lock.extend(10min));
  EXPECT_GT(raw().pttl(":1:job"), 19 * 60'000);
  EXPECT_TRUE(lock.extend(1min, true));
  EXPECT_LE(raw().pttl(":1:job"), 60'000);
  EXPECT_TRUE(lock.reacquire());
  EXPECT_GT(raw().pttl(":1:job"), 9 * 60'000);

  raw().run({"DEL", ":1:job"});
  EXPECT_THROW(lock.extend(1min), LockNotOwnedError);
  EXPECT_THROW(lock.reacquire(), LockNotOwnedError);
}

TEST_P(LockTest, WithoutATimeoutCannotBeExtended) {
  auto lock = cache().lock("job");
  ASSERT_TRUE(lock.acquire());
  EXPECT_THROW(lock.extend(1min), LockError);
  EXPECT_THROW(lock.reacquire(), LockError);
  EXPECT_TRUE(lock.owned());
}

TEST_P(LockTest, IsHeldOncePerObject) {
  auto lock = cache().lock("job", {.blocking_timeout = 10ms});
  ASSERT_TRUE(lock.acquire());
  EXPECT_THROW(static_cast<void>(lock.acquire()), LockError);
  EXPECT_TRUE(lock.owned());
}

TEST_P(LockTest, RefusesTimesThatMakeNoSense) {
  EXPECT_THROW(static_cast<void>(cache().lock("job", {.timeout = 0ms})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(cache().lock("job", {.sleep = 0ms})), InvalidArgument);
}

TEST_P(LockTest, LetsOneOfManyThreadsInAtATime) {
  constexpr int threads = 8;
  constexpr int rounds = 10;
  std::atomic<int> inside{0};
  std::atomic<int> overlaps{0};
  int entered = 0;  // guarded by the lock under test
  RedisCache& shared = cache();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        auto lock = shared.lock("job", {.timeout = 1h, .sleep = 1ms});
        lock.lock();
        overlaps += inside.fetch_add(1) == 0 ? 0 : 1;
        ++entered;
        inside.fetch_sub(1);
        lock.release();
      }
    });
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  EXPECT_EQ(overlaps, 0);
  EXPECT_EQ(entered, threads * rounds);
}

TEST(LockToNobodyTest, NeverPretendsSuccess) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  auto lock = cache.lock("job", {.sleep = 1ms, .blocking_timeout = 10ms});
  EXPECT_FALSE(lock.acquire());
  EXPECT_FALSE(lock.try_lock());
  EXPECT_FALSE(lock.owned());
  EXPECT_FALSE(lock.locked());
  EXPECT_THROW(lock.lock(), ConnectionError);
  EXPECT_THROW(static_cast<void>(cache.strict().lock("job").try_lock()), ConnectionError);
}

TEST_P(LockTest, TellsWhenTheServerWasLostWhileItWasHeld) {
  Options forgiving = options();
  forgiving.ignore_exceptions = true;
  RedisCache own{forgiving};
  auto lock = own.lock("job", {.timeout = 1h});
  ASSERT_TRUE(lock.acquire());
  server().kill();
  EXPECT_FALSE(lock.extend(1min));
  EXPECT_THROW(lock.release(), ConnectionInterrupted);
  const auto omitted = own.statistics().omitted;
  restart_server();
  ASSERT_TRUE(lock.acquire());
  server().kill();
  lock.unlock();
  EXPECT_GT(own.statistics().omitted, omitted);
}

}  // namespace
}  // namespace rediscache::test
