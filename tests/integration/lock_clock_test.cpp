// What is held while the server's clock is moved: docs/locks.md says what is promised then.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/redis_server.hpp"
#include "support/server_clock.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t hour_ms = 3'600'000;

class LockClockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (ServerClock::library().empty()) {
      GTEST_SKIP() << "no libfaketime: install it (package libfaketime), or name it in LIBFAKETIME";
    }
    server_ = std::make_unique<RedisServer>(RedisServer::Settings{.environment = clock_.environment()});
    Options options;
    options.location = {server_->unix_url()};
    cache_.emplace(options);
  }

  [[nodiscard]] RedisCache& cache() { return *cache_; }
  [[nodiscard]] RawClient raw() const { return server_->connect(); }
  [[nodiscard]] std::int64_t server_seconds() const {
    return std::stoll(raw().ask({"TIME"}).elements.at(0).text);
  }
  void move_clock(std::chrono::seconds offset) const { clock_.move(offset); }
  void stop_clock_at(std::int64_t seconds) const { clock_.stop_at(seconds); }

  [[nodiscard]] LockLost remember() {
    return [this](const LostLock& lost) {
      const std::scoped_lock guard{mutex_};
      lost_ = lost.reason;
    };
  }
  [[nodiscard]] std::optional<LostReason> lost() {
    const std::scoped_lock guard{mutex_};
    return lost_;
  }
  [[nodiscard]] bool are_renewed(std::uint64_t times) {
    const std::uint64_t enough = cache().statistics().locks.renewed + times;
    return eventually([&] { return cache().statistics().locks.renewed >= enough; });
  }

  /// Held and renewed while the clock goes back: nobody else gets it, nobody is told anything, and tokens
  /// grow on.
  template <class Held>
  void outlives_a_clock_that_goes_back(Held& held, Held& other) {
    ASSERT_TRUE(held.try_lock());
    const std::uint64_t first = held.fencing_token();
    move_clock(-1h);
    ASSERT_TRUE(are_renewed(4)) << "more than its timeout";
    EXPECT_TRUE(held.held());
    EXPECT_TRUE(held.owned());
    EXPECT_FALSE(other.try_lock());
    held.release();
    EXPECT_FALSE(lost());

    ASSERT_TRUE(other.try_lock());
    const std::uint64_t second = other.fencing_token();
    EXPECT_GT(second, first);
    other.release();
    move_clock(0s);
    ASSERT_TRUE(held.try_lock());
    EXPECT_GT(held.fencing_token(), second);
  }

  /// It runs out when the clock jumps ahead: somebody else gets it, who held it is told, and tokens grow on,
  /// even when the clock is set right again.
  template <class Held>
  void runs_out_when_the_clock_jumps_ahead(Held& held, Held& other) {
    ASSERT_TRUE(held.try_lock());
    const std::uint64_t first = held.fencing_token();
    EXPECT_FALSE(other.try_lock());
    move_clock(1h);
    ASSERT_TRUE(other.try_lock());
    const std::uint64_t second = other.fencing_token();
    EXPECT_GT(second, first + 3'500'000'000) << "microseconds";
    ASSERT_TRUE(eventually([&] { return lost().has_value(); }));
    EXPECT_NE(lost(), LostReason::unreachable);
    EXPECT_FALSE(held.held());
    EXPECT_TRUE(other.held());
    other.release();

    move_clock(0s);
    ASSERT_TRUE(held.try_lock());
    EXPECT_EQ(held.fencing_token(), second + 1);
    held.release();
    ASSERT_TRUE(other.try_lock());
    EXPECT_EQ(other.fencing_token(), second + 2);
  }

 private:
  ServerClock clock_;
  std::unique_ptr<RedisServer> server_;
  std::optional<RedisCache> cache_;
  std::mutex mutex_;
  std::optional<LostReason> lost_;
};

TEST_F(LockClockTest, TheClockThatTestsMoveIsTheServers) {
  const std::int64_t before = server_seconds();
  move_clock(1h);
  EXPECT_NEAR(static_cast<double>(server_seconds() - before), 3600, 60);
  move_clock(-1h);
  EXPECT_NEAR(static_cast<double>(before - server_seconds()), 3600, 60);
}

TEST_F(LockClockTest, ALockOutlivesAClockThatGoesBack) {
  auto held = cache().lock("job", {.timeout = 900ms, .on_lost = remember()});
  auto other = cache().lock("job", {.timeout = 900ms});
  outlives_a_clock_that_goes_back(held, other);
}

TEST_F(LockClockTest, APermitOutlivesAClockThatGoesBack) {
  auto held = cache().semaphore("job", {.permits = 1, .timeout = 900ms, .on_lost = remember()});
  auto other = cache().semaphore("job", {.permits = 1, .timeout = 900ms});
  outlives_a_clock_that_goes_back(held, other);
}

TEST_F(LockClockTest, ASharedLockOutlivesAClockThatGoesBack) {
  auto held = cache().shared_lock("job", {.timeout = 900ms, .on_lost = remember()});
  auto other = cache().shared_lock("job", {.timeout = 900ms});
  outlives_a_clock_that_goes_back(held, other);
}

TEST_F(LockClockTest, ALockRunsOutWhenTheClockJumpsAhead) {
  auto held = cache().lock("job", {.timeout = 3s, .on_lost = remember()});
  auto other = cache().lock("job", {.timeout = 1min});
  runs_out_when_the_clock_jumps_ahead(held, other);
}

TEST_F(LockClockTest, APermitRunsOutWhenTheClockJumpsAhead) {
  auto held = cache().semaphore("job", {.permits = 1, .timeout = 3s, .on_lost = remember()});
  auto other = cache().semaphore("job", {.permits = 1, .timeout = 1min});
  runs_out_when_the_clock_jumps_ahead(held, other);
}

TEST_F(LockClockTest, ASharedLockRunsOutWhenTheClockJumpsAhead) {
  auto held = cache().shared_lock("job", {.timeout = 3s, .on_lost = remember()});
  auto other = cache().shared_lock("job", {.timeout = 1min});
  runs_out_when_the_clock_jumps_ahead(held, other);
}

TEST_F(LockClockTest, WhoDiedHoldsItSoMuchLongerWhenTheClockGoesBack) {
  auto held = cache().lock("job", {.timeout = 50ms, .renew = false, .on_lost = remember()});
  ASSERT_TRUE(held.try_lock());
  move_clock(-1h);
  ASSERT_TRUE(eventually([&] { return !held.held(); })) << "by our own clock its time has passed";
  EXPECT_GT(raw().pttl(":1:job"), hour_ms - 60'000);
  EXPECT_FALSE(cache().lock("job").try_lock());
}

TEST_F(LockClockTest, WhoWaitsGetsItHoweverTheClockIsMoved) {
  for (const bool fair : {false, true}) {
    for (const std::chrono::seconds offset : {-3600s, 3600s}) {
      move_clock(0s);
      raw().run({"FLUSHALL"});
      auto holder = cache().lock("job", {.timeout = 1min});
      ASSERT_TRUE(holder.try_lock());
      const std::uint64_t first = holder.fencing_token();
      std::atomic<std::uint64_t> token{0};
      const auto contended = cache().statistics().locks.contended;
      std::thread waiter{[&, this] {
        auto lock = cache().lock("job", {.timeout = 1min, .blocking_timeout = 30s, .fair = fair});
        token = lock.acquire() ? lock.fencing_token() : 0;
      }};
      EXPECT_TRUE(eventually([&] { return cache().statistics().locks.contended > contended; }));
      move_clock(offset);
      holder.unlock();  // ahead, it has run out already
      waiter.join();
      EXPECT_GT(token, first) << fair << ' ' << offset.count();
    }
  }
}

/// The server counts whole milliseconds, so a life ends up to one later than it says, never earlier.
TEST_F(LockClockTest, TheMillisecondInWhichALifeEndsIsStillItsHolders) {
  const std::int64_t start = server_seconds();
  stop_clock_at(start);
  auto shared = cache().shared_lock("page", {.timeout = 10s, .renew = false});
  auto alone = cache().shared_lock("page", {.timeout = 10s, .renew = false});
  auto permit = cache().semaphore("room", {.permits = 1, .timeout = 10s, .renew = false});
  auto other = cache().semaphore("room", {.permits = 1, .timeout = 10s, .renew = false});
  ASSERT_TRUE(shared.try_lock_shared());
  ASSERT_TRUE(permit.try_lock());
  stop_clock_at(start + 10);
  EXPECT_FALSE(alone.try_lock());
  EXPECT_FALSE(other.try_lock());
  EXPECT_TRUE(shared.owned());
  EXPECT_TRUE(permit.owned());
  stop_clock_at(start + 11);
  EXPECT_TRUE(alone.try_lock());
  EXPECT_TRUE(other.try_lock());
  EXPECT_FALSE(shared.owned());
}

}  // namespace
}  // namespace rediscache::test
