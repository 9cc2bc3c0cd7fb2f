// Every duration and every point in time that the public interface takes: the largest, the smallest, 0 and
// negative ones. Nothing overflows, and "as long as can be" never turns into "at once".
#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/caches.hpp>
#include <rediscache/rediscache.hpp>

#include "integration/cache_test.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using std::chrono::sys_time;

const std::vector<Milliseconds> longest_durations{hours::max(), seconds::max(), milliseconds::max(),
                                                  milliseconds::max() - 1ms, 876'000h * 100};
const std::vector<Milliseconds> negative_durations{hours::min(), milliseconds::min(), -1h, -1ms};

class DurationsTest : public CacheTest {};
REDISCACHE_TEST_EVERY_TRANSPORT(DurationsTest, "plain");

/// Sets one option.
using SetOption = std::function<void(Options& options, Milliseconds time)>;

const std::vector<std::pair<std::string, SetOption>> duration_options{
    {"connect_timeout", [](Options& options, Milliseconds time) { options.connect_timeout = time; }},
    {"socket_timeout", [](Options& options, Milliseconds time) { options.socket_timeout = time; }},
    {"call_timeout", [](Options& options, Milliseconds time) { options.call_timeout = time; }},
    {"clear_timeout", [](Options& options, Milliseconds time) { options.clear_timeout = time; }},
    {"pool_timeout", [](Options& options, Milliseconds time) { options.pool_timeout = time; }},
    {"max_idle_time", [](Options& options, Milliseconds time) { options.max_idle_time = time; }},
    {"replica_pause", [](Options& options, Milliseconds time) { options.replica_pause = time; }},
    {"herd_timeout", [](Options& options, Milliseconds time) { options.herd_timeout = time; }},
    {"breaker.first_pause",
     [](Options& options, Milliseconds time) {
       options.breaker.first_pause = time;
       options.breaker.longest_pause = std::max<milliseconds>(time, options.breaker.longest_pause);
     }},
    {"breaker.longest_pause",
     [](Options& options, Milliseconds time) { options.breaker.longest_pause = time; }},
    {"health_check_interval",
     [](Options& options, Milliseconds time) { options.health_check_interval = time; }},
    {"retry_on_startup", [](Options& options, Milliseconds time) { options.retry_on_startup = time; }},
};

/// Uses what such an option may decide: shared and own connections, one after the other.
void expect_to_work(RedisCache& cache, const std::string& what) {
  SCOPED_TRACE(what);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(cache.set("k", i));
    EXPECT_EQ(cache.get("k", -1), i);
    EXPECT_EQ(cache.keys("*").size(), 1U);
  }
  const Statistics statistics = cache.statistics();
  EXPECT_LE(statistics.client.connections_opened, 4U) << "connections are kept";
  EXPECT_EQ(statistics.client.connections_lost, 0U);
  cache.clear();
  EXPECT_FALSE(cache.has_key("k"));
}

TEST_P(DurationsTest, OfOptionsMayBeAsLongAsCanBe) {
  for (const auto& [name, set] : duration_options) {
    for (const Milliseconds time : longest_durations) {
      Options chosen = options();
      chosen.herd = name == "herd_timeout";
      set(chosen, time);
      RedisCache cache{chosen};
      expect_to_work(cache, name + " of " + std::to_string(time.count()) + " ms");
    }
  }
  Options chosen = options();
  for (const auto& [name, set] : duration_options) {
    set(chosen, hours::max());
  }
  RedisCache cache{chosen};
  expect_to_work(cache, "all of them");
}

TEST_P(DurationsTest, OfOptionsThatAreNegativeAreRefusedByName) {
  for (const auto& [name, set] : duration_options) {
    for (const Milliseconds time : negative_durations) {
      Options chosen = options();
      set(chosen, time);
      const auto error = thrown_by<InvalidOptions>([&] { const RedisCache cache{chosen}; });
      ASSERT_TRUE(error) << name << " of " << time.count() << " ms";
      EXPECT_NE(std::string{error->what()}.find(name), std::string::npos) << error->what();
    }
  }
}

TEST_P(DurationsTest, OfEntriesAreTheLongestThatTheServerTakes) {
  for (const bool herd : {false, true}) {
    Options chosen = options();
    chosen.herd = herd;
    chosen.herd_timeout = herd ? hours::max() : hours{1};
    RedisCache cache{chosen};
    for (const Milliseconds time : longest_durations) {
      SCOPED_TRACE(std::to_string(time.count()) + (herd ? " ms, herd" : " ms"));
      EXPECT_TRUE(cache.set("k", "v", time));
      EXPECT_TRUE(cache.expire("k", seconds::max()));
      EXPECT_TRUE(cache.has_key("k")) << "expire must not delete it";
      EXPECT_TRUE(cache.expire("k", hours::max()));
      EXPECT_TRUE(cache.pexpire("k", time));
      EXPECT_TRUE(cache.touch("k", time));
      EXPECT_TRUE(cache.expire_at("k", sys_time<seconds>::max()));
      EXPECT_TRUE(cache.expire_at("k", sys_time<hours>::max()));
      EXPECT_TRUE(cache.pexpire_at("k", sys_time<milliseconds>::max()));
      EXPECT_EQ(cache.get("k", ""), "v");
      const Ttl left = cache.ttl("k");
      ASSERT_TRUE(left.remaining());
      EXPECT_GT(*left.remaining(), hours{24 * 365 * 1000LL});
      EXPECT_TRUE(
          cache.set_many(std::vector<std::pair<std::string, int>>{{"n", 1}}, {.timeout = time}).empty());
      EXPECT_TRUE(cache.has_key("n"));
      EXPECT_EQ(cache.del("k"), true);
    }
  }
}

TEST_P(DurationsTest, OfEntriesThatAreZeroOrLessDelete) {
  for (const bool herd : {false, true}) {
    Options chosen = options();
    chosen.herd = herd;
    RedisCache cache{chosen};
    std::vector<std::function<bool()>> calls;
    for (const Milliseconds time : {Milliseconds{hours::min()}, Milliseconds{milliseconds::min()},
                                    Milliseconds{-1ms}, Milliseconds{0ms}}) {
      calls.emplace_back([&cache, time] { return cache.pexpire("k", time); });
      calls.emplace_back([&cache, time] { return cache.touch("k", time); });
      calls.emplace_back([&cache, time] { return cache.set("k", "w", time); });
    }
    calls.emplace_back([&cache] { return cache.expire("k", seconds::min()); });
    calls.emplace_back([&cache] { return cache.expire("k", hours::min()); });
    calls.emplace_back([&cache] { return cache.expire("k", 0s); });
    calls.emplace_back([&cache] { return cache.expire_at("k", sys_time<seconds>::min()); });
    calls.emplace_back([&cache] { return cache.expire_at("k", sys_time<hours>::min()); });
    calls.emplace_back([&cache] { return cache.pexpire_at("k", sys_time<milliseconds>::min()); });
    calls.emplace_back([&cache] { return cache.pexpire_at("k", sys_time<milliseconds>{}); });
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_TRUE(cache.set("k", "v"));
      EXPECT_TRUE(calls[i]()) << i;
      EXPECT_FALSE(cache.has_key("k")) << i << (herd ? " herd" : "");
    }
  }
}

/// A lock, a permit or a shared lock, used in the same way.
template <class Held>
void expect_lockable(const std::function<Held(const std::string& name, std::optional<Milliseconds> timeout,
                                              Milliseconds sleep, Milliseconds blocking)>& make) {
  for (const Milliseconds time : longest_durations) {
    SCOPED_TRACE(std::to_string(time.count()) + " ms");
    Held held = make("lock", time, time, time);
    ASSERT_TRUE(held.acquire());
    EXPECT_TRUE(held.held());
    EXPECT_GT(held.valid_until(), steady_clock::now() + hours{24 * 365});
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(held.extend(time));
    }
    EXPECT_TRUE(held.extend(time, true));
    EXPECT_TRUE(held.reacquire());
    EXPECT_TRUE(held.held());
    EXPECT_TRUE(held.owned());

    Held other = make("lock", 10s, 10ms, 1ms);
    EXPECT_FALSE(other.try_lock_for(0s));
    EXPECT_FALSE(other.try_lock_for(-1ns));
    EXPECT_FALSE(other.try_lock_for(hours::min()));
    EXPECT_FALSE(other.try_lock_for(milliseconds::min()));
    EXPECT_FALSE(other.try_lock_for(std::chrono::duration<double>{-1e300}));
    EXPECT_FALSE(other.try_lock_until(steady_clock::time_point::min()));
    EXPECT_FALSE(other.try_lock_until(steady_clock::time_point{}));
    EXPECT_FALSE(other.try_lock_until(sys_time<hours>::min()));
    held.release();
    // While it is free nobody waits; while somebody holds it, they do until it is released.
    EXPECT_TRUE(other.try_lock_for(hours::max()));
    other.unlock();
    EXPECT_TRUE(other.try_lock_for(std::chrono::duration<double>{1e300}));
    other.unlock();
    EXPECT_TRUE(other.try_lock_until(steady_clock::time_point::max()));
    other.unlock();
    EXPECT_TRUE(other.try_lock_until(sys_time<hours>::max()));
    other.unlock();
  }
  Held impatient = make("lock", 10s, 10ms, milliseconds::min());
  EXPECT_TRUE(impatient.acquire());
  Held refused = make("lock", 10s, 10ms, milliseconds::min());
  EXPECT_FALSE(refused.acquire());
  for (const Milliseconds time : negative_durations) {
    EXPECT_THROW((void)make("lock", time, 10ms, 1s), InvalidArgument);
    EXPECT_THROW((void)make("lock", 1s, time, 1s), InvalidArgument);
  }
  EXPECT_THROW((void)make("lock", 0ms, 10ms, 1s), InvalidArgument);
}

TEST_P(DurationsTest, OfLocksNeverOverflow) {
  for (const bool fair : {false, true}) {
    expect_lockable<Lock>([&](const std::string& name, std::optional<Milliseconds> timeout,
                              Milliseconds sleep, Milliseconds blocking) {
      return cache().lock(name,
                          {.timeout = timeout, .sleep = sleep, .blocking_timeout = blocking, .fair = fair});
    });
  }
}

TEST_P(DurationsTest, OfSemaphoresNeverOverflow) {
  expect_lockable<Semaphore>([&](const std::string& name, std::optional<Milliseconds> timeout,
                                 Milliseconds sleep, Milliseconds blocking) {
    return cache().semaphore(name, {.timeout = timeout, .sleep = sleep, .blocking_timeout = blocking});
  });
}

TEST_P(DurationsTest, OfSharedLocksNeverOverflow) {
  expect_lockable<SharedLock>([&](const std::string& name, std::optional<Milliseconds> timeout,
                                  Milliseconds sleep, Milliseconds blocking) {
    return cache().shared_lock(name, {.timeout = timeout, .sleep = sleep, .blocking_timeout = blocking});
  });
  SharedLock writer = cache().shared_lock("lock", {.timeout = 10s});
  SharedLock reader = cache().shared_lock("lock", {.timeout = 10s});
  ASSERT_TRUE(writer.acquire());
  EXPECT_FALSE(reader.try_lock_shared_for(hours::min()));
  EXPECT_FALSE(reader.try_lock_shared_until(steady_clock::time_point::min()));
  writer.unlock();
  EXPECT_TRUE(reader.try_lock_shared_for(hours::max()));
  reader.unlock_shared();
  EXPECT_TRUE(reader.try_lock_shared_until(sys_time<hours>::max()));
}

TEST_P(DurationsTest, OfSubscriptionsMayBeAsLongAsCanBe) {
  Subscription subscription = cache().subscribe({.channels = {"news"}});
  ASSERT_TRUE(subscription.wait_until_active(hours::max()));
  for (const Milliseconds time : longest_durations) {
    cache().publish("news", "x");
    EXPECT_TRUE(subscription.next(time));
  }
  cache().publish("news", "x");
  EXPECT_TRUE(subscription.next_until(steady_clock::time_point::max()));
  cache().publish("news", "x");
  for (const Message& message : subscription.messages(hours::max())) {
    EXPECT_EQ(message.payload, "x");
    break;
  }
  for (const Milliseconds time : negative_durations) {
    EXPECT_FALSE(subscription.next(time));
    for (const Message& message : subscription.messages(time)) {
      ADD_FAILURE() << message.payload;
    }
  }
  EXPECT_FALSE(subscription.next(0ms));
  EXPECT_FALSE(subscription.next_until(steady_clock::time_point::min()));
  EXPECT_TRUE(subscription.wait_until_active(milliseconds::min())) << "it is";
}

TEST_P(DurationsTest, OfAClientsDeadlineMayBeAnyPointInTime) {
  const auto client = make_client("DefaultClient", options());
  const auto execute = [&](steady_clock::time_point deadline) {
    Commands commands;
    commands.begin("PING", CommandKind::read, 0);
    std::array<Reply, 1> replies;
    return client->execute(commands, replies, deadline);
  };
  EXPECT_FALSE(execute(steady_clock::time_point::max()));
  for (const auto past : {steady_clock::time_point::min(), steady_clock::time_point{}}) {
    const auto failure = execute(past);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, ErrorCode::timeout);
  }
  EXPECT_FALSE(execute(steady_clock::time_point::max()));
}

TEST_P(DurationsTest, OfLocalCachesAreThoseOfTheServer) {
  for (const auto now : {sys_time<milliseconds>::max(), sys_time<milliseconds>::min(),
                         sys_time<milliseconds>{}, sys_time<milliseconds>{1'700'000'000'000ms}}) {
    LocMemCache cache{{.clock = [now] { return now; }}};
    EXPECT_TRUE(cache.set("k", "v", hours::max()));
    EXPECT_TRUE(cache.expire("k", hours::max()));
    EXPECT_TRUE(cache.pexpire_at("k", sys_time<milliseconds>::max()));
    EXPECT_EQ(cache.get("k", ""), "v");
    (void)cache.ttl("k");
    EXPECT_TRUE(cache.expire("k", hours::min()));
    EXPECT_FALSE(cache.has_key("k"));
  }
  LocMemCache cache{{.timeout = hours::max()}};
  EXPECT_TRUE(cache.set("k", "v"));
  EXPECT_TRUE(cache.expire("k", seconds::max()));
  EXPECT_TRUE(cache.expire_at("k", sys_time<hours>::max()));
  EXPECT_EQ(cache.get("k", ""), "v");
  EXPECT_TRUE(cache.expire_at("k", sys_time<hours>::min()));
  EXPECT_FALSE(cache.has_key("k"));
}

TEST_P(DurationsTest, OfWatchingSettingsMayBeAsLongAsCanBe) {
  SettingsSources sources;
  sources.read_file = [](const std::string&) -> std::string {
    return R"({"CACHES": {"default": {"BACKEND": "dummy"}}})";
  };
  for (const Milliseconds time : longest_durations) {
    Caches caches;
    caches.watch("settings.json", time, sources);
    caches.stop_watching();  // does not wait for the interval
  }
  Caches caches;
  for (const Milliseconds time : negative_durations) {
    EXPECT_THROW(caches.watch("settings.json", time, sources), InvalidArgument);
  }
  EXPECT_THROW(caches.watch("settings.json", 0ms, sources), InvalidArgument);
}

TEST_P(DurationsTest, OfValuesComeBackAsTheyWere) {
  for (const milliseconds time :
       {milliseconds::max(), milliseconds::min(), milliseconds{0}, milliseconds{-1}}) {
    EXPECT_TRUE(cache().set("k", time));
    EXPECT_EQ(cache().get<milliseconds>("k"), time);
    EXPECT_TRUE(cache().set("k", sys_time<milliseconds>{time}));
    EXPECT_EQ(cache().get<sys_time<milliseconds>>("k"), sys_time<milliseconds>{time});
  }
}

}  // namespace
}  // namespace rediscache::test
