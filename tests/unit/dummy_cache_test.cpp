// What calls on a cache that keeps nothing do: as Django's.
#include <chrono>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/dummy_cache.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

TEST(DummyCacheTest, StoringSucceedsAndLeavesNothing) {
  DummyCache cache;
  EXPECT_TRUE(cache.set("k", "v"));
  EXPECT_TRUE(cache.add("k", "v"));
  EXPECT_TRUE(cache.add("k", "v")) << "it is never there";
  EXPECT_THAT(cache.set_many<int>({{"k", 1}}), IsEmpty());
  EXPECT_EQ(cache.get<std::string>("k"), std::nullopt);
  EXPECT_EQ(cache.get("k", 3), 3);
  EXPECT_THAT(cache.get_many<int>({"k", "l"}), IsEmpty());
  EXPECT_FALSE(cache.has_key("k"));
  EXPECT_THAT(cache.keys("*"), IsEmpty());
  KeyScan scan = cache.iter_keys("*");
  EXPECT_TRUE(scan.begin() == scan.end());
  EXPECT_TRUE(scan.complete());
}

TEST(DummyCacheTest, ThereIsNothingToChange) {
  DummyCache cache;
  EXPECT_FALSE(cache.set("k", "v", {.xx = true}));
  EXPECT_FALSE(cache.set("k", "v", 0s)) << "nothing was there to delete";
  EXPECT_TRUE(cache.set("k", "v", {.timeout = 0s, .nx = true})) << "the key was absent";
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { cache.set("k", "v", {.nx = true, .xx = true}); }));
  EXPECT_FALSE(cache.del("k"));
  EXPECT_EQ(cache.delete_many({"k", "l"}), 0);
  EXPECT_EQ(cache.delete_pattern("*"), 0);
  EXPECT_FALSE(cache.touch("k"));
  EXPECT_FALSE(cache.persist("k"));
  EXPECT_FALSE(cache.expire("k", 1s));
  EXPECT_FALSE(cache.expire_at("k", std::chrono::sys_seconds{1s}));
  EXPECT_TRUE(cache.ttl("k").is_missing());
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache.incr("k"); }));
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache.decr("k"); }));
  EXPECT_EQ(cache.incr("k", 2, {.ignore_key_check = true}), 2);
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { cache.incr_version("k"); }));
  cache.clear();
  cache.close();
}

TEST(DummyCacheTest, GetOrSetMakesTheValueEachTime) {
  DummyCache cache;
  int made = 0;
  const auto make = [&] { return ++made; };
  EXPECT_EQ(cache.get_or_set("k", make), 1);
  EXPECT_EQ(cache.get_or_set("k", make), 2);
}

}  // namespace
}  // namespace rediscache::test
