// A cache in the process holds no more than it may, whatever threads do.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <latch>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/locmem_cache.hpp>

#include "support/child.hpp"
#include "support/clock_hand.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// Which of the keys "a", "b", ... are there, without using them.
std::string there(LocMemCache& cache) {
  std::string keys;
  for (char key = 'a'; key <= 'z'; ++key) {
    if (cache.has_key(std::string_view{&key, 1})) {
      keys += key;
    }
  }
  return keys;
}

void set_each(LocMemCache& cache, std::string_view keys) {
  for (const char& key : keys) {
    cache.set(std::string_view{&key, 1}, 1);
  }
}

TEST(LocMemBoundsTest, TheLeastRecentlyUsedLeave) {
  LocMemCache cache{{.max_entries = 3, .shards = 1}};
  set_each(cache, "abcd");
  EXPECT_EQ(there(cache), "bcd");
  (void)cache.get<int>("b");
  cache.set("e", 1);
  EXPECT_EQ(there(cache), "bde") << "reading is using";
  cache.incr("b");
  cache.touch("d");
  cache.set("f", 1);
  EXPECT_EQ(there(cache), "bdf") << "so is counting, and a new timeout";
  cache.set("b", 2);
  cache.set("g", 1);
  EXPECT_EQ(there(cache), "bfg");
  (void)cache.ttl("f");
  (void)cache.has_key("f");
  cache.set("h", 1);
  EXPECT_EQ(there(cache), "bgh") << "asking about it is not";
  EXPECT_EQ(cache.statistics().evicted, 5U);
}

TEST(LocMemBoundsTest, EntriesAreCountedOverAllShards) {
  LocMemCache cache{{.max_entries = 100, .shards = 16}};
  for (int i = 0; i < 100; ++i) {
    cache.set("key:" + std::to_string(i), i);
  }
  EXPECT_EQ(cache.statistics().evicted, 0U) << "none leaves before the cache is full";
  for (int i = 100; i < 5000; ++i) {
    const std::string key = "key:" + std::to_string(i);
    EXPECT_TRUE(cache.set(key, i));
    ASSERT_EQ(cache.statistics().entries, 100U);
    ASSERT_EQ(cache.get<int>(key), i) << "the newest is never the one to leave";
  }
}

TEST(LocMemBoundsTest, BytesAreBounded) {
  constexpr std::size_t bound = 100'000;
  LocMemCache cache{{.max_bytes = bound}};
  for (std::size_t i = 0; i < 3000; ++i) {
    EXPECT_TRUE(cache.set("key:" + std::to_string(i % 200), std::string(i * 7919 % 5000, 'x')));
    ASSERT_LE(cache.statistics().bytes, bound);
  }
  EXPECT_GT(cache.statistics().bytes, bound - 6000) << "and the room is used";
  for (std::size_t i = 0; i < 200; ++i) {
    cache.del("key:" + std::to_string(i));
  }
  EXPECT_EQ(cache.statistics().bytes, 0U);
}

TEST(LocMemBoundsTest, ShorterValuesTakeLessRoom) {
  LocMemCache cache;
  cache.set("k", std::string(100'000, 'x'));
  EXPECT_GT(cache.statistics().bytes, 100'000U);
  cache.set("k", "short");
  EXPECT_LT(cache.statistics().bytes, 500U);
}

TEST(LocMemBoundsTest, AnEntryLargerThanTheCacheIsNotStored) {
  LocMemCache cache{{.max_bytes = 1000}};
  cache.set("other", 1);
  cache.set("k", "old");
  EXPECT_FALSE(cache.set("k", std::string(1000, 'x')));
  EXPECT_FALSE(cache.has_key("k")) << "the old value is not what was set last";
  EXPECT_TRUE(cache.has_key("other"));
  const std::map<std::string, std::string> entries{{"a", "fits"}, {"b", std::string(1000, 'x')}};
  EXPECT_THAT(cache.set_many(entries, {.atomic = true}), ElementsAre("b"));
  EXPECT_FALSE(cache.has_key("a"));
  EXPECT_THAT(cache.set_many(entries), ElementsAre("b"));
  EXPECT_EQ(cache.get<std::string>("a"), "fits");
  EXPECT_TRUE(cache.add("k", "fits"));
  EXPECT_FALSE(cache.add("k", std::string(1000, 'x')));
  EXPECT_TRUE(cache.has_key("k")) << "which add does not touch";
}

TEST(LocMemBoundsTest, ALargeEntryTakesItsRoomFromAllShards) {
  LocMemCache cache{{.max_bytes = 20'000, .shards = 16}};
  for (int i = 0; i < 60; ++i) {
    cache.set("key:" + std::to_string(i), i);
  }
  EXPECT_TRUE(cache.set("large", std::string(19'000, 'x')));
  EXPECT_TRUE(cache.has_key("large"));
  EXPECT_LE(cache.statistics().bytes, 20'000U);
}

TEST(LocMemBoundsTest, AShardThatHasMoreThanItsShareGivesRoom) {
  constexpr std::size_t shards = 2;
  LocMemCache cache{{.max_entries = 100, .shards = shards}};
  // Keys of the one and of the other shard, chosen as the cache does.
  std::vector<std::string> many;
  std::vector<std::string> few;
  for (int i = 0; many.size() < 100 || few.size() < 30; ++i) {
    const std::string key = "key:" + std::to_string(i);
    const bool is_first = (std::hash<std::string_view>{}(":1:" + key) >> 32U) % shards == 0;
    (is_first ? many : few).push_back(key);
  }
  many.resize(100);
  few.resize(30);
  for (const std::string& key : many) {
    cache.set(key, 1);
  }
  for (const std::string& key : few) {
    cache.set(key, 1);
  }
  EXPECT_EQ(cache.get_many<int>(few).size(), 30U) << "they need not give room to each other";
  EXPECT_EQ(cache.get_many<int>(many).size(), 70U);
}

TEST(LocMemBoundsTest, CullingTakesAShareAtOnce) {
  LocMemCache cache{{.max_entries = 9, .cull_frequency = 2, .shards = 1}};
  set_each(cache, "abcdefghi");
  EXPECT_EQ(there(cache), "abcdefghi");
  cache.set("j", 1);
  EXPECT_EQ(there(cache), "fghij");
}

TEST(LocMemBoundsTest, CullingEverythingLeavesTheNewest) {
  LocMemCache cache{{.max_entries = 9, .cull_frequency = 0}};
  set_each(cache, "abcdefghi");
  cache.set("j", 1);
  EXPECT_EQ(there(cache), "j");
}

TEST(LocMemBoundsTest, WhatIsOverGoesFirstWhenNobodyAsksForIt) {
  ClockHand hand;
  LocMemCache cache{{.max_entries = 1000, .shards = 1, .clock = hand.clock()}};
  for (int i = 0; i < 100; ++i) {
    cache.set("old:" + std::to_string(i), i, 1s);
  }
  hand.pass(1s);
  for (int i = 0; i < 50; ++i) {
    cache.set("new:" + std::to_string(i), i, 100s);
  }
  EXPECT_EQ(cache.statistics().entries, 50U);
  EXPECT_EQ(cache.statistics().expired, 100U);
}

TEST(LocMemBoundsTest, SetManyInOneStepIsSeenWholeOrNotAtAll) {
  LocMemCache cache;
  std::atomic<bool> done = false;
  std::thread writer{[&] {
    for (int round = 0; round < 2000; ++round) {
      cache.set_many<int>({{"a", round}, {"b", round}, {"c", round}}, {.atomic = true});
    }
    done = true;
  }};
  int torn = 0;
  while (!done) {
    const auto a = cache.get<int>("a");
    const auto c = cache.get<int>("c");
    torn += a && (!c || *c < *a) ? 1 : 0;
  }
  writer.join();
  EXPECT_EQ(torn, 0);
}

/// A value that tells its key and number, in more or fewer bytes.
std::string told(const std::string& key, std::uint64_t number) {
  return key + '#' + std::to_string(number) + '#' + std::string(number * 31 % 700, 'x');
}

TEST(LocMemBoundsTest, SixteenThreadsReadWhatWasWritten) {
  constexpr std::size_t threads = 16;
  constexpr std::uint64_t rounds = 3000;
  LocMemCache cache{{.max_entries = 200, .max_bytes = 60'000, .shards = 8}};
  LocMemCache counters;
  std::latch start{threads};
  std::atomic<std::uint64_t> wrong = 0;
  std::atomic<std::uint64_t> found = 0;
  std::vector<std::thread> all;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    all.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (std::uint64_t round = 1; round <= rounds; ++round) {
        // Own keys hold what was written last, or nothing; those of others something of theirs.
        const std::string mine = "own:" + std::to_string(thread) + ':' + std::to_string(round % 20);
        cache.set(mine, told(mine, round));
        if (const auto value = cache.get<std::string>(mine); value) {
          wrong += *value == told(mine, round) ? 0 : 1;
        }
        const std::string shared = "shared:" + std::to_string(round * (thread + 1) % 50);
        if (const auto value = cache.get<std::string>(shared); value) {
          ++found;
          const std::uint64_t number = std::stoull(value->substr(shared.size() + 1));
          wrong += *value == told(shared, number) ? 0 : 1;
        }
        cache.set(shared, told(shared, round));
        counters.incr("counter", 1, {.ignore_key_check = true});
        if (round % 7 == 0) {
          cache.del(shared);
          cache.expire(mine, 1s);
          (void)cache.get_many<std::string>({mine, shared});
        }
        if (round % 501 == 0) {
          (void)cache.keys("shared:*");
          cache.delete_pattern("own:" + std::to_string(thread) + ":*");
          cache.touch(shared, 5s);
        }
      }
    });
  }
  for (std::thread& thread : all) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0U);
  EXPECT_GT(found, 0U);
  EXPECT_EQ(counters.get<std::uint64_t>("counter"), threads * rounds);
  const LocMemStatistics statistics = cache.statistics();
  EXPECT_LE(statistics.entries, 200U);
  EXPECT_LE(statistics.bytes, 60'000U);
  EXPECT_GT(statistics.evicted, 0U);
  cache.clear();
  EXPECT_EQ(cache.statistics().bytes, 0U) << "no byte was lost or counted twice";
}

TEST(LocMemBoundsTest, IsUsableInTheChildOfAForkAmongThreads) {
  LocMemCache cache{{.shards = 2}};
  cache.set("before", 1);
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; !done; ++i) {
        cache.set("key:" + std::to_string(thread) + ':' + std::to_string(i % 10), i);
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(holds_in_child([&] {
      return cache.get<int>("before") == 1 && cache.set("child", 2) && cache.get<int>("child") == 2 &&
             cache.keys("before").size() == 1;
    }));
  }
  done = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_FALSE(cache.has_key("child"));
}

}  // namespace
}  // namespace rediscache::test
