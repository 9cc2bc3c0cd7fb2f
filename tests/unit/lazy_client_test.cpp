// Making the client of a cache: once, again after a failure, and in a child whose parent was at it.
#include "cache/lazy_client.hpp"

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/error.hpp>

#include "support/child.hpp"
#include "unit/fake_client.hpp"

namespace rediscache::cache {
namespace {

using namespace std::chrono_literals;
using test::holds_in_child;

std::unique_ptr<Client> fake() {
  return std::make_unique<test::FakeClient>(
      [](const Commands&, std::span<Reply>) { return std::optional<Failure>{}; });
}

Client::Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

/// A client whose maker waits until it may go on.
class SlowlyMade : public ::testing::Test {
 protected:
  void begin() {
    thread_ = std::jthread{[this] { (void)lazy_.get(in(30s)); }};
    begun_.wait();
  }
  bool got_what_is_made() {
    const Client* const got = &lazy_.get(in(5s));
    return got == lazy_.if_made();
  }
  void finish() {
    may_end_.count_down();
    thread_ = {};
  }

  std::atomic<int> made_{0};
  std::latch begun_{1};
  std::latch may_end_{1};
  LazyClient lazy_{[this] {
    if (made_++ == 0) {
      begun_.count_down();
      may_end_.wait();
    }
    return fake();
  }};
  std::jthread thread_;
};

TEST_F(SlowlyMade, IsWaitedForByAllWhoAskMeanwhile) {
  begin();
  std::vector<std::jthread> threads;
  std::atomic<int> same{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const Client* const got = &lazy_.get(in(30s));
      same += got == lazy_.if_made() ? 1 : 0;
    });
  }
  EXPECT_EQ(lazy_.if_made(), nullptr);
  finish();
  threads.clear();
  EXPECT_EQ(same, 4);
  EXPECT_EQ(made_, 1);
}

TEST_F(SlowlyMade, IsWaitedForNoLongerThanTheDeadline) {
  begin();
  EXPECT_THROW((void)lazy_.get(in(1ms)), TimeoutError);
  finish();
  const Client* const later = &lazy_.get(in(1ms));
  EXPECT_EQ(later, lazy_.if_made());
}

TEST_F(SlowlyMade, IsMadeAnewByAChildWhoseParentWasAtIt) {
  begin();
  EXPECT_TRUE(holds_in_child([&] { return got_what_is_made() && made_ == 2; }));
  finish();
  EXPECT_TRUE(holds_in_child([&] { return got_what_is_made() && made_ == 1; }));
  EXPECT_EQ(made_, 1);
}

TEST(MadeOnFirstUse, FallsToTheNextWhenTheFirstFails) {
  int made = 0;
  LazyClient lazy{[&]() -> std::unique_ptr<Client> {
    if (++made == 1) {
      throw std::runtime_error{"not today"};
    }
    return fake();
  }};
  EXPECT_THROW((void)lazy.get(in(5s)), std::runtime_error);
  EXPECT_EQ(lazy.if_made(), nullptr);
  const Client* const second = &lazy.get(in(5s));
  EXPECT_EQ(second, lazy.if_made());
  EXPECT_EQ(made, 2);
}

}  // namespace
}  // namespace rediscache::cache
