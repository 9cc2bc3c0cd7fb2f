// Deadlines, without waiting for any.
#include "base/deadline.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace rediscache::base {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

TEST(Deadline, InTheFutureHasNotPassed) {
  const Deadline deadline = Deadline::in(hours{1});
  EXPECT_FALSE(deadline.passed());
  EXPECT_GT(deadline.remaining(), minutes{59});
  EXPECT_LE(deadline.remaining(), hours{1});
}

TEST(Deadline, NowOrInThePastHasPassed) {
  EXPECT_TRUE(Deadline::in(Clock::duration::zero()).passed());
  EXPECT_TRUE(Deadline::in(-hours{1}).passed());
  EXPECT_LT(Deadline::in(-hours{1}).remaining(), Clock::duration::zero());
}

TEST(Deadline, KeepsThePointItWasGiven) {
  const Clock::time_point at = Clock::now() + hours{2};
  EXPECT_EQ(Deadline{at}.at(), at);
}

TEST(Deadline, OfTwoTheEarlierCountsWhicheverIsAsked) {
  const Deadline soon = Deadline::in(minutes{1});
  const Deadline late = Deadline::in(hours{1});
  EXPECT_EQ(soon.earlier(late).at(), soon.at());
  EXPECT_EQ(late.earlier(soon).at(), soon.at());
  EXPECT_EQ(soon.earlier(soon).at(), soon.at());
}

TEST(Deadline, GivesPollNothingToWaitForOncePassed) {
  EXPECT_EQ(Deadline::in(-hours{1}).poll_timeout(), 0);
  EXPECT_EQ(Deadline{Clock::time_point{}}.poll_timeout(), 0) << "the beginning of the clock";
}

TEST(Deadline, GivesPollWhatIsLeftInMilliseconds) {
  const int left = Deadline::in(minutes{30}).poll_timeout();
  EXPECT_GT(left, 29 * 60 * 1000);
  EXPECT_LE(left, 30 * 60 * 1000);
}

TEST(Deadline, NeverGivesPollAnEndlessWait) {
  EXPECT_EQ(Deadline::in(hours{1'000'000}).poll_timeout(), 3'600'000);
  EXPECT_EQ(Deadline{Clock::time_point::max()}.poll_timeout(), 3'600'000);
}

TEST(Deadline, RoundsWhatIsLeftUpForPoll) {
  // Rounded down, one waiting for a deadline would spin through its last millisecond.
  const Deadline deadline = Deadline::in(milliseconds{1} * 1000);
  const int before = deadline.poll_timeout();
  EXPECT_GE(milliseconds{before}, std::chrono::floor<milliseconds>(deadline.remaining()));
  const Deadline soon =
      Deadline::in(std::chrono::hours{0} + std::chrono::seconds{10} + std::chrono::nanoseconds{1});
  EXPECT_GE(milliseconds{soon.poll_timeout()}, soon.remaining());
}

}  // namespace
}  // namespace rediscache::base
