// A cache in a program that forks.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "integration/cache_test.hpp"
#include "support/child.hpp"

namespace rediscache::test {
namespace {

class ForkTest : public CacheTest {
 protected:
  /// Sets and gets keys of `name` and tells whether only its own values came back.
  static bool work_as(RedisCache& cache, const std::string& name) {
    for (int i = 0; i < 300; ++i) {
      const std::string key = name + std::to_string(i % 7);
      const std::string value = key + " turn " + std::to_string(i);
      if (!cache.set(key, value) || cache.get<std::string>(key) != value) {
        return false;
      }
    }
    return true;
  }
};
REDISCACHE_TEST_EVERY_TRANSPORT(ForkTest, "plain");

TEST_P(ForkTest, ParentAndChildGoOnUsingTheSameCache) {
  ASSERT_TRUE(cache().set("k", "before"));
  const pid_t child = in_child([&] { return work_as(cache(), "child"); });
  EXPECT_TRUE(work_as(cache(), "parent"));
  EXPECT_TRUE(ended_well(child));
  EXPECT_EQ(cache().get<std::string>("k"), "before");
  EXPECT_EQ(cache().statistics().client.connections_opened, 1) << "the parent keeps its connection";
  EXPECT_EQ(cache().statistics().client.connections_lost, 0);
}

TEST_P(ForkTest, ManyChildrenAndGrandchildrenGoOnToo) {
  ASSERT_TRUE(cache().set("k", "before"));
  std::vector<pid_t> children;
  children.reserve(4);
  for (int i = 0; i < 4; ++i) {
    children.push_back(in_child([&, i] {
      const std::string name = "child" + std::to_string(i);
      if (!work_as(cache(), name)) {
        return false;
      }
      const pid_t grandchild = in_child([&] { return work_as(cache(), "grand" + name); });
      const bool good = work_as(cache(), name);
      return ended_well(grandchild) && good;
    }));
  }
  EXPECT_TRUE(work_as(cache(), "parent"));
  for (const pid_t child : children) {
    EXPECT_TRUE(ended_well(child));
  }
}

TEST_P(ForkTest, AChildMayUseACacheThatNeverConnected) {
  Options own = options();
  RedisCache fresh{own};
  const pid_t child = in_child([&] { return work_as(fresh, "child"); });
  EXPECT_TRUE(work_as(fresh, "parent"));
  EXPECT_TRUE(ended_well(child));
}

TEST_P(ForkTest, AChildThatEndsItsCopyLeavesTheParentsConnectionsAlone) {
  auto owned = std::make_unique<RedisCache>(options());
  ASSERT_TRUE(owned->set("k", "before"));
  const pid_t child = in_child([&] {
    owned->close();
    owned.reset();
    return true;
  });
  EXPECT_TRUE(ended_well(child));
  EXPECT_TRUE(work_as(*owned, "parent"));
  EXPECT_EQ(owned->statistics().client.connections_opened, 1);
}

TEST_P(ForkTest, WhileOtherThreadsAreBusyLeavesTheChildAWorkingCache) {
  RedisCache& shared = cache();
  // What a cache makes on first use is there before: the pthread_once of ThreadSanitizer, unlike glibc's,
  // never ends in a child whose parent was within it.
  ASSERT_TRUE(shared.set("first", "use"));
  std::atomic<bool> done{false};
  std::atomic<int> failures{0};
  std::vector<std::jthread> threads;
  threads.reserve(3);
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      while (!done) {
        failures += work_as(shared, "thread" + std::to_string(t)) ? 0 : 1;
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(holds_in_child([&, i] { return work_as(shared, "child" + std::to_string(i)); }));
  }
  done = true;
  threads.clear();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace rediscache::test
