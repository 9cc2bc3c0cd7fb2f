// redis-py's and django-redis's lock on the same key as ours: each keeps the other out.
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class PythonLockTest : public ::testing::Test {
 protected:
  /// Runs a step of lock_values.py; whether it went as it should.
  [[nodiscard]] bool python(const std::string& step) const {
    return std::system((R"("$PYTHON3" "$DJANGO_TESTS/lock_values.py" )" + step).c_str()) == 0;
  }
  [[nodiscard]] std::string url() const { return server_.unix_url(); }

  RedisServer server_;
  RedisCache cache_{{.location = {server_.unix_url()}}};
};

TEST_F(PythonLockTest, IsKeptOutByOurs) {
  auto lock = cache_.lock("job", {.timeout = 1min});
  ASSERT_TRUE(lock.acquire());
  EXPECT_TRUE(python("refused " + url()));
  EXPECT_TRUE(python("steal " + url()));
  EXPECT_TRUE(lock.owned());
  lock.release();
  EXPECT_TRUE(python("hold " + url()));
}

TEST_F(PythonLockTest, KeepsOursOut) {
  ASSERT_TRUE(python("hold " + url()));
  auto lock = cache_.lock("job", {.timeout = 1min, .sleep = 10ms, .blocking_timeout = 100ms});
  EXPECT_FALSE(lock.acquire());
  EXPECT_FALSE(cache_.lock("job", {.timeout = 1min, .fair = true}).try_lock());
  EXPECT_TRUE(lock.locked());
  EXPECT_FALSE(lock.owned());
}

TEST_F(PythonLockTest, GetsItWhenWeReleaseIt) {
  auto lock = cache_.lock("job", {.timeout = 1min});
  ASSERT_TRUE(lock.acquire());
  bool good = false;
  std::thread waiter{[&] { good = python("wait " + url() + " waits"); }};
  RawClient raw = server_.connect();
  EXPECT_TRUE(eventually([&] { return raw.exists("waits"); }));
  lock.release();
  waiter.join();
  EXPECT_TRUE(good);
}

TEST_F(PythonLockTest, GivesItToUsWithoutAMessage) {
  ASSERT_TRUE(python("hold " + url()));
  bool acquired = false;
  std::thread waiter{[&] {
    auto lock = cache_.lock("job", {.timeout = 1min, .sleep = 10ms});
    acquired = lock.acquire();
  }};
  EXPECT_TRUE(eventually([&] { return cache_.statistics().locks.polls >= 2; }));
  RawClient raw = server_.connect();
  raw.run({"DEL", ":1:job"});  // as redis-py's release does, which publishes nothing
  waiter.join();
  EXPECT_TRUE(acquired);
}

}  // namespace
}  // namespace rediscache::test
