// The hooks around fork().
#include "base/fork.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fork_mutex.hpp"
#include "support/child.hpp"

namespace rediscache::base {
namespace {

using test::holds_in_child;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Member final : public ForkAware {
 public:
  Member(std::string name, std::vector<std::string>& events, bool is_leaf = false)
      : name_{std::move(name)}, events_{&events} {
    events.reserve(64);  // the child's hooks must not allocate
    is_leaf ? join_as_leaf() : join();
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member() { leave(); }

  void before_fork() noexcept override { events_->push_back(name_ + " before"); }
  void after_fork_in_parent() noexcept override { events_->push_back(name_ + " parent"); }
  void after_fork_in_child() noexcept override { events_->push_back(name_ + " child"); }

 private:
  std::string name_;
  std::vector<std::string>* events_;
};

TEST(ForkAware, IsToldBeforeAndThenInEachProcess) {
  std::vector<std::string> events;
  const Member member{"a", events};
  EXPECT_TRUE(holds_in_child([&] { return events == std::vector<std::string>{"a before", "a child"}; }));
  EXPECT_THAT(events, ElementsAre("a before", "a parent"));
}

TEST(ForkAware, EveryMemberIsToldBeforeTheForkAndAfterIt) {
  std::vector<std::string> events;
  const Member a{"a", events};
  const Member b{"b", events};
  EXPECT_TRUE(holds_in_child(
      [&] { return events == std::vector<std::string>{"a before", "b before", "a child", "b child"}; }));
  EXPECT_THAT(events, ElementsAre("a before", "b before", "a parent", "b parent"));
}

TEST(ForkAware, LeavesAreToldLastBeforeAndFirstAfter) {
  std::vector<std::string> events;
  const Member leaf{"leaf", events, true};
  const Member other{"other", events};
  EXPECT_TRUE(holds_in_child([&] {
    return events == std::vector<std::string>{"other before", "leaf before", "leaf child", "other child"};
  }));
}

TEST(ForkAware, IsToldOfEveryFork) {
  std::vector<std::string> events;
  const Member member{"a", events};
  EXPECT_TRUE(holds_in_child([] { return true; }));
  EXPECT_TRUE(holds_in_child([] { return true; }));
  EXPECT_THAT(events, ElementsAre("a before", "a parent", "a before", "a parent"));
}

TEST(ForkAware, IsToldNothingOnceItLeft) {
  std::vector<std::string> events;
  const Member kept{"kept", events};
  std::make_unique<Member>("gone", events).reset();
  EXPECT_TRUE(holds_in_child([] { return true; }));
  EXPECT_THAT(events, ElementsAre("kept before", "kept parent"));
}

TEST(ForkAware, MayLeaveInAnyOrder) {
  std::vector<std::string> events;
  auto a = std::make_unique<Member>("a", events);
  auto b = std::make_unique<Member>("b", events);
  auto c = std::make_unique<Member>("c", events);
  b.reset();
  a.reset();
  EXPECT_TRUE(holds_in_child([] { return true; }));
  EXPECT_THAT(events, ElementsAre("c before", "c parent"));
  events.clear();
  c.reset();
  EXPECT_TRUE(holds_in_child([] { return true; }));
  EXPECT_THAT(events, IsEmpty());
}

TEST(ForkAware, MayJoinAndLeaveInTheChild) {
  std::vector<std::string> events;
  auto before = std::make_unique<Member>("a", events);
  EXPECT_TRUE(holds_in_child([&] {
    before.reset();
    std::vector<std::string> in_child;
    const Member member{"b", in_child};
    return holds_in_child([&] { return in_child == std::vector<std::string>{"b before", "b child"}; });
  }));
}

TEST(ForkMutex, IsFreeInEveryChildWhoeverHoldsItInTheParent) {
  ForkMutex mutex;
  std::atomic<bool> done{false};
  std::jthread other{[&] {
    while (!done) {
      const std::scoped_lock lock{mutex};
      std::this_thread::yield();
    }
  }};
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(holds_in_child([&] {
      const std::scoped_lock lock{mutex};
      return true;
    }));
  }
  done = true;
}

}  // namespace
}  // namespace rediscache::base
