// A cache in a program that forks.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

class ForkTest : public CacheTest {
 protected:
  /// Runs `work` in a child, which ends by itself if it hangs. Gives its id.
  static pid_t in_child(const std::function<bool()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(30);
      bool good = false;
      try {
        good = work();
      } catch (...) {
      }
      ::_exit(good ? 0 : 1);
    }
    return child;
  }
  static void expect_good(pid_t child) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
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
  expect_good(child);
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
      int status = -1;
      return ::waitpid(grandchild, &status, 0) == grandchild && status == 0 && good;
    }));
  }
  EXPECT_TRUE(work_as(cache(), "parent"));
  for (const pid_t child : children) {
    expect_good(child);
  }
}

TEST_P(ForkTest, AChildMayUseACacheThatNeverConnected) {
  Options own = options();
  RedisCache fresh{own};
  const pid_t child = in_child([&] { return work_as(fresh, "child"); });
  EXPECT_TRUE(work_as(fresh, "parent"));
  expect_good(child);
}

TEST_P(ForkTest, AChildThatEndsItsCopyLeavesTheParentsConnectionsAlone) {
  auto owned = std::make_unique<RedisCache>(options());
  ASSERT_TRUE(owned->set("k", "before"));
  const pid_t child = in_child([&] {
    owned->close();
    owned.reset();
    return true;
  });
  expect_good(child);
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
    expect_good(in_child([&, i] { return work_as(shared, "child" + std::to_string(i)); }));
  }
  done = true;
  threads.clear();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace rediscache::test
