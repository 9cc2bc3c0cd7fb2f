// When a server is the wrong one, who looks for another, and when.
#include "proto/failover_state.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using proto::FailoverState;
using Turn = FailoverState::Turn;

class FailoverStateTest : public ::testing::Test {
 protected:
  using Milliseconds = std::chrono::milliseconds;

  [[nodiscard]] Turn ask(Milliseconds at) { return state_.ask(begin_ + at); }
  bool refused(FailoverState::Generation generation, Milliseconds at) {
    return state_.refused(generation, begin_ + at);
  }
  /// The first attempt that may be made from `from` on, to the millisecond.
  [[nodiscard]] Milliseconds next_attempt(Milliseconds from) {
    while (ask(from) == Turn::wait) {
      ++from;
    }
    return from;
  }

  const FailoverState::Time begin_ = FailoverState::Time{} + 1h;
  FailoverState state_;
};

TEST_F(FailoverStateTest, SuspectsNothingAtFirst) {
  EXPECT_EQ(ask(0ms), Turn::usual);
  EXPECT_FALSE(state_.suspect());
  EXPECT_EQ(state_.oldest_usable(), state_.generation());
}

TEST_F(FailoverStateTest, OneCallAtATimeMakesAnAttemptAndTheOthersWait) {
  EXPECT_TRUE(refused(0, 0ms));
  EXPECT_TRUE(state_.suspect());
  EXPECT_EQ(ask(0ms), Turn::attempt) << "the first need not wait";
  EXPECT_EQ(ask(0ms), Turn::wait);
  EXPECT_EQ(ask(1h), Turn::wait) << "however long that attempt takes";
}

TEST_F(FailoverStateTest, AnAcceptedAttemptRetiresAllOlderConnections) {
  refused(0, 0ms);
  EXPECT_EQ(state_.oldest_usable(), 0U) << "reads go on meanwhile";
  ASSERT_EQ(ask(0ms), Turn::attempt);
  EXPECT_EQ(state_.generation(), 1U);
  state_.accepted();
  EXPECT_FALSE(state_.suspect());
  EXPECT_EQ(ask(1ms), Turn::usual);
  EXPECT_EQ(state_.oldest_usable(), 1U);
  EXPECT_FALSE(refused(0, 2ms)) << "an answer that was under way when the connection was retired";
  EXPECT_FALSE(state_.suspect());
  EXPECT_TRUE(refused(1, 3ms));
}

TEST_F(FailoverStateTest, AttemptsAreLimitedInRateWhileTheAnswerStaysTheSame) {
  refused(0, 0ms);
  Milliseconds at = 0ms;
  ASSERT_EQ(ask(at), Turn::attempt);
  for (const Milliseconds pause : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 10'000ms, 10'000ms}) {
    state_.refused_again(false);
    const Milliseconds next = next_attempt(at);
    EXPECT_EQ(next - at, pause);
    at = next;
  }
}

TEST_F(FailoverStateTest, AnotherAddressIsAnotherAnswer) {
  refused(0, 0ms);
  ASSERT_EQ(ask(0ms), Turn::attempt);
  state_.refused_again(false);
  ASSERT_EQ(next_attempt(1ms), 500ms);
  state_.refused_again(true);
  EXPECT_EQ(next_attempt(501ms), 1000ms);
  state_.refused_again(false);
  EXPECT_EQ(next_attempt(1001ms), 2000ms);
}

TEST_F(FailoverStateTest, AnAttemptWithoutAnswerIsRepeatedNoSooner) {
  refused(0, 0ms);
  ASSERT_EQ(ask(0ms), Turn::attempt);
  state_.undecided();
  EXPECT_TRUE(state_.suspect());
  EXPECT_EQ(next_attempt(1ms), 500ms);
}

TEST_F(FailoverStateTest, TwoServersThatBothRefuseInTurnDoNotRaiseTheRate) {
  refused(0, 0ms);
  ASSERT_EQ(ask(0ms), Turn::attempt);
  state_.accepted();
  ASSERT_TRUE(refused(1, 1ms));
  EXPECT_EQ(next_attempt(1ms), 500ms);
}

TEST_F(FailoverStateTest, AnOperatorIsToldOnceAfterTenSeconds) {
  refused(0, 0ms);
  EXPECT_FALSE(state_.report_due(begin_ + 9'999ms));
  EXPECT_TRUE(state_.report_due(begin_ + 10'000ms));
  EXPECT_FALSE(state_.report_due(begin_ + 20'000ms));
  ASSERT_EQ(ask(20'000ms), Turn::attempt);
  state_.accepted();
  EXPECT_FALSE(state_.report_due(begin_ + 30'000ms));
  refused(1, 30'001ms);
  EXPECT_TRUE(state_.report_due(begin_ + 40'001ms)) << "the next time is another one";
}

}  // namespace
}  // namespace rediscache::test
