// Memory runs out, at each place where a call asks for some: the call throws std::bad_alloc or succeeds, and
// the next one is right.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "faults/run_short.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

class OutOfMemoryTest : public ::testing::TestWithParam<bool> {
 protected:
  OutOfMemoryTest() { options_.location = {server_.unix_url()}; }

  /// Fails each allocation of `call` in turn, on the same cache, until it needs no more.
  void fail_each(const std::function<void(RedisCache&)>& call,
                 const std::function<void(RedisCache&)>& next_call, bool with_new_cache) {
    std::optional<RedisCache> cache{options_};
    call(*cache);
    std::size_t failed = 0;
    for (std::size_t number = 0; number < 10'000; ++number) {
      SCOPED_TRACE("allocation " + std::to_string(number));
      if (with_new_cache) {
        cache.emplace(options_);
      }
      Ending ending{};
      EXPECT_NO_THROW(ending = run_short(number, GetParam(), [&] { call(*cache); }))
          << "anything but std::bad_alloc";
      next_call(*cache);
      EXPECT_EQ(cache->statistics().client.connections_in_use, 0U);
      if (HasFailure()) {
        return;
      }
      if (ending == Ending::never_came_to_it) {
        RecordProperty("failed", static_cast<int>(failed));
        EXPECT_GT(failed, 0U) << "a call that asks for memory";
        return;
      }
      ++failed;
    }
    FAIL() << "there is no end to it";
  }
  void fail_each_warm_and_cold(const std::function<void(RedisCache&)>& call,
                               const std::function<void(RedisCache&)>& next_call) {
    fail_each(call, next_call, false);
    fail_each(call, next_call, true);
  }

  [[nodiscard]] RawClient raw() const { return server_.connect(); }

  // Results go where there is room for them already: what the test itself allocates is not the question.
  std::string text_ = std::string(100, 't');
  std::string large_ = std::string(200'000, 'l');

  RedisServer server_;
  Options options_;
};
INSTANTIATE_TEST_SUITE_P(Each, OutOfMemoryTest, ::testing::Values(false, true),
                         [](const auto& each) { return each.param ? "FromThenOn" : "Once"; });

TEST_P(OutOfMemoryTest, AGetThrowsOrSucceedsAndTheNextIsRight) {
  raw().set(":1:k", text_);
  const auto get = [&](RedisCache& cache) {
    const auto found = cache.get<std::string>("k");
    ASSERT_TRUE(found == text_);
  };
  fail_each_warm_and_cold(get, get);
}

TEST_P(OutOfMemoryTest, AGetOfALargeValueThrowsOrSucceedsAndTheNextIsRight) {
  raw().set(":1:k", large_);
  const auto get = [&](RedisCache& cache) {
    const auto found = cache.get<std::string>("k");
    ASSERT_TRUE(found == large_);
  };
  fail_each_warm_and_cold(get, get);
}

TEST_P(OutOfMemoryTest, ASetThrowsOrSucceedsAndTheNextIsRight) {
  const std::string key(200, 'k');  // too long for the room that keys and commands have on the stack
  const auto set = [&](RedisCache& cache) { ASSERT_TRUE(cache.set(key, text_)); };
  fail_each_warm_and_cold(set, [&](RedisCache& cache) {
    ASSERT_TRUE(cache.set(key, "next"));
    ASSERT_EQ(cache.get<std::string>(key), "next");
  });
}

TEST_P(OutOfMemoryTest, ASetOfALargeValueThrowsOrSucceedsAndTheNextIsRight) {
  const auto set = [&](RedisCache& cache) { ASSERT_TRUE(cache.set("k", large_)); };
  fail_each_warm_and_cold(set, [&](RedisCache& cache) {
    ASSERT_TRUE(cache.set("k", "next"));
    ASSERT_EQ(cache.get<std::string>("k"), "next");
  });
}

TEST_P(OutOfMemoryTest, AGetManyThrowsOrSucceedsAndTheNextIsRight) {
  raw().set(":1:a", text_);
  raw().set(":1:b", large_);
  const auto get_many = [&](RedisCache& cache) {
    const auto found = cache.get_many<std::string>({"a", "missing", "b"});
    ASSERT_EQ(found.size(), 2U);
    ASSERT_TRUE(found.begin()->second == text_);
    ASSERT_TRUE(std::next(found.begin())->second == large_);
  };
  fail_each_warm_and_cold(get_many, get_many);
}

TEST_P(OutOfMemoryTest, APipelineThrowsOrSucceedsAndTheNextIsRight) {
  raw().set(":1:k", text_);
  const auto run = [&](RedisCache& cache) {
    auto pipeline = cache.pipeline();
    const auto first = pipeline.get<std::string>("k");
    const auto stored = pipeline.set("other", large_);
    const auto second = pipeline.get<std::string>("k");
    ASSERT_TRUE(pipeline.execute());
    ASSERT_TRUE(first.value() == text_);
    ASSERT_TRUE(stored.value());
    ASSERT_TRUE(second.value() == text_);
  };
  fail_each_warm_and_cold(run, run);
}

/// One thread after whose allocations others' calls may end, for it sends and receives for them as well.
TEST_P(OutOfMemoryTest, AThreadKeepsItToItselfWhenOthersShareItsConnection) {
  constexpr int others = 3;
  constexpr std::size_t most = 60;  // more than a call needs
  options_.shared_connections = 1;
  options_.breaker.failures = 0;
  RedisCache cache{options_};
  for (int i = 0; i <= others; ++i) {
    raw().set(":1:k" + std::to_string(i), text_ + std::to_string(i));
  }
  // True: it was there, and its own. A failure is told, whatever it was.
  const auto get = [&](int number) {
    const std::string key = "k" + std::to_string(number);
    const std::string expected = text_ + std::to_string(number);
    return [&cache, key, expected] { return cache.get<std::string>(key) == expected; };
  };
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0};
  std::atomic<int> wrong{0};
  std::atomic<int> out_of_memory{0};
  {
    std::vector<std::jthread> running;
    for (int i = 1; i <= others; ++i) {
      running.emplace_back([&, call = get(i)] {
        while (!stop) {
          try {
            ++(call() ? answered : wrong);
          } catch (const ConnectionInterrupted&) {  // the connection was closed
          } catch (...) {
            ++wrong;
          }
        }
      });
    }
    [&, own = get(0)] {
      // Mostly others receive for it, and it has hardly anything to allocate.
      for (int round = 0; round < 20 || (out_of_memory == 0 && round < 2000); ++round) {
        for (std::size_t number = 0; number < most; ++number) {
          const int before = answered;
          bool good = true;
          Ending ending{};
          EXPECT_NO_THROW(ending = run_short(number, GetParam(), [&] { good = own(); }));
          wrong += good ? 0 : 1;
          out_of_memory += ending == Ending::out_of_memory ? 1 : 0;
          ASSERT_TRUE(eventually([&] { return answered > before; })) << "the others go on";
        }
      }
    }();
    stop = true;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(out_of_memory, 0);
  for (int i = 0; i <= others; ++i) {
    EXPECT_TRUE(get(i)());
  }
  EXPECT_EQ(cache.statistics().client.calls_in_flight, 0U);
}

}  // namespace
}  // namespace rediscache::test
