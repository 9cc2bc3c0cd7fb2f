// The parts of locks: when to renew, when to look, who is woken.
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/timer_thread.hpp"
#include "cache/polling.hpp"
#include "cache/renewal_times.hpp"
#include "cache/waiting_room.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace rediscache::cache {
namespace {

using namespace std::chrono_literals;
using base::Clock;
using Woken = WaitingRoom::Woken;

const Clock::time_point now = Clock::time_point{} + 1h;

TEST(RenewalTimes, AThirdOfTheLifeIsLetPass) {
  EXPECT_EQ(next_renewal(now, now + 9s, 9s, 1ms), now + 3s);
  EXPECT_EQ(next_renewal(now, now + 3s, 9s, 1ms), now + 1s) << "a life that was cut short";
  EXPECT_EQ(next_renewal(now, now + 1min, 9s, 1ms), now + 54s) << "a life that was extended";
  EXPECT_EQ(next_renewal(now, now - 1s, 9s, 1ms), now) << "a life that is over";
}

TEST(RenewalTimes, AFailedOneIsTriedAgainSoonAndNotAfterTheEnd) {
  EXPECT_EQ(next_try(now, now + 6s, 10s, 0.0), now + 250ms);
  EXPECT_EQ(next_try(now, now + 6s, 10s, 0.5), now + 500ms);
  EXPECT_EQ(next_try(now, now + 300ms, 10s, 0.5), now + 100ms) << "there is time for a try then";
  EXPECT_EQ(next_try(now, now + 6ms, 10s, 0.5), now + 5ms);
  EXPECT_EQ(next_try(now, now + 2ms, 10s, 0.5), now + 2ms);
  EXPECT_EQ(next_try(now, now + 1min, 1h, 0.5), now + 1s);
}

TEST(RenewalTimes, ATryLeavesTimeForAnotherWhereAnswersAreQuick) {
  EXPECT_EQ(time_of_try(400ms, 1ms), 200ms);
  EXPECT_EQ(time_of_try(1h, 1ms), 1s) << "others wait behind it";
  EXPECT_EQ(time_of_try(1h, 1s), 4s + 20ms) << "for a server that is slow";
  EXPECT_EQ(time_of_try(30ms, 1ms), 30ms) << "there is no time for two";
}

TEST(RenewalTimes, ASlowLineGetsTheTimeThatItNeeds) {
  for (const auto& [timeout, round_trip] :
       {std::pair{600ms, 100ms}, {400ms, 100ms}, {1500ms, 250ms}, {5000ms, 1000ms}}) {
    auto at = now + round_trip;  // acquired
    auto valid_until = now + timeout;
    for (int i = 0; i < 20; ++i) {
      const auto sent = next_renewal(at, valid_until, timeout, round_trip);
      const auto time = time_of_try(valid_until - sent, round_trip);
      // The client keeps half of that for a second try.
      ASSERT_GE(time / 2, round_trip) << timeout.count() << " ms, renewal " << i;
      at = sent + round_trip;
      ASSERT_LT(at, valid_until);
      valid_until = sent + timeout;
    }
  }
}

Attempt held_by(std::string holder, std::optional<std::chrono::milliseconds> left) {
  return {.left = left, .holder = std::move(holder)};
}

TEST(Polling, LooksLessThanOnceASecondWhileAHolderOfOursLives) {
  for (const double random : {0.0, 0.5, 0.999}) {
    Polling polling{.sleep = 10ms};
    EXPECT_EQ(polling.wait(held_by("rc:a", 300ms), true, random), 301ms) << "its life may end there";
    EXPECT_GE(polling.wait(held_by("rc:a", 300ms), true, random), 1s) << "it was renewed";
    EXPECT_GE(polling.wait(held_by("rc:b", std::nullopt), true, random), 1500ms);
    EXPECT_LE(polling.wait(held_by("rc:b", 1h), true, random), 2500ms) << "a message may be missing";
  }
}

TEST(Polling, LooksAsOftenAsTheCallerSaysWhenNobodyTells) {
  Polling polling{.sleep = 100ms};
  EXPECT_EQ(polling.wait(held_by("8f14e45fceea167a5a36dedd4bea2543", 1h), true, 0.5), 100ms);
  EXPECT_EQ(polling.wait(held_by("rc:a", 1h), false, 0.0), 75ms);
  EXPECT_EQ(polling.wait(Attempt{.omitted = true}, true, 0.5), 100ms);
}

TEST(KeyBeside, StaysInTheSlot) {
  EXPECT_EQ(key_beside(":1:job", "fence"), "{:1:job}:fence");
  EXPECT_EQ(key_beside(":1:{user}:job", "fence"), ":1:{user}:job:fence");
  EXPECT_EQ(key_beside("a{}b", "fence"), "{a{}b}:fence");
}

class WaitingRoomTest : public ::testing::Test {
 protected:
  void publish(std::string payload) { room_.message({}, "", payload); }
  Woken look(Waiter& waiter) { return room_.sleep(waiter, base::Deadline{Clock::now()}); }

  WaitingRoom room_;
  Waiter a_{"rc:a"};
  Waiter b_{"rc:b"};
  Waiter c_{"rc:c"};
};

TEST_F(WaitingRoomTest, OneMessageWakesOneAndTheFirst) {
  ASSERT_TRUE(room_.enter(a_) && room_.enter(b_));
  publish("");
  EXPECT_EQ(look(b_), Woken::by_time);
  EXPECT_EQ(look(a_), Woken::by_message);
  EXPECT_EQ(look(a_), Woken::by_time) << "one message is for one try";
}

TEST_F(WaitingRoomTest, WhoLeavesWithoutUsingAWakePassesItOn) {
  ASSERT_TRUE(room_.enter(a_) && room_.enter(b_));
  publish("");
  EXPECT_FALSE(room_.leave(a_));
  EXPECT_EQ(look(b_), Woken::by_message);
}

TEST_F(WaitingRoomTest, TheNextOneLearnsThatItIsTheFirst) {
  ASSERT_TRUE(room_.enter(a_) && room_.enter(b_) && room_.enter(c_));
  EXPECT_FALSE(room_.leave(b_));
  EXPECT_EQ(look(c_), Woken::by_time);
  EXPECT_FALSE(room_.leave(a_));
  EXPECT_TRUE(room_.is_first(c_));
  EXPECT_EQ(look(c_), Woken::as_first);
}

TEST_F(WaitingRoomTest, AMessageMayNameOneOrMeanAll) {
  ASSERT_TRUE(room_.enter(a_) && room_.enter(b_) && room_.enter(c_));
  publish("rc:b");
  EXPECT_EQ(look(a_), Woken::by_time);
  EXPECT_EQ(look(b_), Woken::by_message);
  publish("rc:elsewhere");
  EXPECT_EQ(look(a_), Woken::by_time);
  publish("*");
  EXPECT_EQ(look(a_), Woken::by_message);
  EXPECT_EQ(look(b_), Woken::by_message);
  EXPECT_EQ(look(c_), Woken::by_message);
}

TEST_F(WaitingRoomTest, AGapWakesTheFirst) {
  ASSERT_TRUE(room_.enter(a_) && room_.enter(b_));
  room_.gap();
  EXPECT_EQ(look(a_), Woken::by_message);
  EXPECT_EQ(look(b_), Woken::by_time);
}

TEST_F(WaitingRoomTest, IsClosedByTheLastWhoLeaves) {
  ASSERT_TRUE(room_.enter(a_));
  EXPECT_TRUE(room_.leave(a_));
  EXPECT_FALSE(room_.enter(b_));
  publish("");
}

TEST_F(WaitingRoomTest, IsEmptyInAChild) {
  ASSERT_TRUE(room_.enter(a_));
  EXPECT_TRUE(test::holds_in_child([&] { return room_.enter(b_) && (publish(""), room_.is_first(b_)); }));
}

TEST_F(WaitingRoomTest, AMessageEndsTheSleep) {
  ASSERT_TRUE(room_.enter(a_));
  std::thread other{[&] { publish(""); }};
  EXPECT_EQ(room_.sleep(a_, base::Deadline::in(1min)), Woken::by_message);
  other.join();
}

// Work that is due together may overlap, each in a thread of its own.
TEST(TimerThread, DoesNoWorkBeforeItsTimeWhateverTheOrderOfRequests) {
  std::array<std::atomic<bool>, 3> in_time{};
  std::atomic<int> done{0};
  base::TimerThread timer;
  const auto begin = Clock::now() + 20ms;
  for (const std::size_t i : {2U, 0U, 1U}) {
    const auto due = begin + i * 1ms;
    timer.call_at(due, [&, i, due] {
      in_time.at(i) = Clock::now() >= due;
      ++done;
    });
  }
  ASSERT_TRUE(test::eventually([&] { return done.load() == 3; }));
  for (const auto& each : in_time) {
    EXPECT_TRUE(each);
  }
}

TEST(TimerThread, DropsWhatIsToComeWhenItEnds) {
  bool done = false;
  {
    base::TimerThread timer;
    timer.call_at(Clock::now() + 1h, [&] { done = true; });
  }
  EXPECT_FALSE(done);
}

TEST(TimerThread, WorkThatTakesLongDelaysNoOther) {
  std::atomic<bool> may_end{false};
  std::atomic<int> begun{0};
  std::atomic<int> done{0};
  base::TimerThread timer{50ms};
  timer.call_at(Clock::now() + 1h, [&] { done += 100; });
  EXPECT_EQ(timer.threads(), 1U);
  for (int i = 0; i < 5; ++i) {
    timer.call_at(Clock::now(), [&] {
      ++begun;
      EXPECT_TRUE(test::eventually([&] { return may_end.load(); }));
      ++done;
    });
  }
  EXPECT_TRUE(test::eventually([&] { return begun == 5; }));
  std::atomic<bool> other{false};
  timer.call_at(Clock::now(), [&] { other = true; });
  EXPECT_TRUE(test::eventually([&] { return other.load(); }));
  EXPECT_EQ(done, 0);
  may_end = true;
  EXPECT_TRUE(test::eventually([&] { return done == 5 && timer.threads() == 1; })) << "one waits on";
  timer.call_at(Clock::now(), [&] { ++done; });
  EXPECT_TRUE(test::eventually([&] { return done == 6; }));
}

TEST(TimerThread, ATaskIsQueuedForTheEarliestTimeAndMayBeWhileItRuns) {
  struct Counted final : base::TimerTask {
    void run() noexcept override {
      if (++runs == 1) {
        timer->schedule(self, Clock::now());
        again = test::eventually([&] { return runs == 2; });
      }
    }
    base::TimerThread* timer = nullptr;
    std::shared_ptr<TimerTask> self;
    std::atomic<int> runs{0};
    std::atomic<bool> again{false};
  };
  const auto task = std::make_shared<Counted>();
  {
    base::TimerThread timer;
    task->timer = &timer;
    task->self = task;
    EXPECT_TRUE(timer.schedule(task, Clock::now() + 1h));
    EXPECT_TRUE(timer.schedule(task, Clock::now()));
    EXPECT_TRUE(timer.schedule(task, Clock::now() + 1h)) << "it stays queued for the earlier time";
    EXPECT_TRUE(test::eventually([&] { return task->again.load(); }));
  }
  task->self.reset();
}

TEST(TimerThread, WorksInAChildAndDoesNotDoTheParentsWorkThere) {
  base::TimerThread timer;
  std::atomic<int> done{0};
  timer.call_at(Clock::now() + 1h, [&] { done += 100; });
  EXPECT_TRUE(test::holds_in_child([&] {
    timer.call_at(Clock::now(), [&] { done += 1; });
    return test::eventually([&] { return done == 1; });
  }));
}

}  // namespace
}  // namespace rediscache::cache
