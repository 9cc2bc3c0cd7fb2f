// When the circuit breaker lets calls through.
#include "proto/breaker.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using proto::Breaker;
using Verdict = Breaker::Verdict;

constexpr Breaker::Time start{1h};
constexpr double no_jitter = 1.0;

BreakerOptions three_failures() {
  return {.failures = 3, .first_pause = 100ms, .longest_pause = 400ms};
}

Breaker opened(double random = no_jitter) {
  Breaker breaker{three_failures()};
  breaker.failed(start, random);
  breaker.failed(start, random);
  breaker.failed(start, random);
  return breaker;
}

TEST(BreakerTest, BeginsClosed) {
  Breaker breaker{three_failures()};
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_EQ(breaker.ask(start), Verdict::pass);
}

TEST(BreakerTest, OpensAfterSoManyFailuresInARow) {
  Breaker breaker{three_failures()};
  EXPECT_FALSE(breaker.failed(start, 0));
  EXPECT_FALSE(breaker.failed(start, 0));
  EXPECT_EQ(breaker.ask(start), Verdict::pass);
  EXPECT_TRUE(breaker.failed(start, 0));
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_EQ(breaker.ask(start), Verdict::refuse);
  EXPECT_EQ(breaker.failures(), 3);
}

TEST(BreakerTest, AnAnswerInBetweenSetsTheCountBack) {
  Breaker breaker{three_failures()};
  breaker.failed(start, 0);
  breaker.failed(start, 0);
  breaker.answered();
  breaker.failed(start, 0);
  breaker.failed(start, 0);
  EXPECT_EQ(breaker.state(), BreakerState::closed);
}

TEST(BreakerTest, NeverOpensWhenSwitchedOff) {
  Breaker breaker{{.failures = 0}};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(breaker.failed(start, 0));
  }
  EXPECT_EQ(breaker.ask(start), Verdict::pass);
}

TEST(BreakerTest, LetsOneProbeThroughAfterThePause) {
  Breaker breaker = opened();
  EXPECT_EQ(breaker.ask(start + 99ms), Verdict::refuse);
  EXPECT_EQ(breaker.ask(start + 100ms), Verdict::probe);
  EXPECT_EQ(breaker.state(), BreakerState::half_open);
  EXPECT_EQ(breaker.ask(start + 1h), Verdict::refuse) << "one at a time";
}

TEST(BreakerTest, WaitsLongerAfterEveryProbeThatFailed) {
  Breaker breaker = opened();
  auto now = start;
  for (const auto pause : {100ms, 200ms, 400ms, 400ms, 400ms}) {
    EXPECT_EQ(breaker.ask(now + pause - 1ms), Verdict::refuse) << pause.count();
    now += pause;
    EXPECT_EQ(breaker.ask(now), Verdict::probe) << pause.count();
    EXPECT_FALSE(breaker.failed(now, no_jitter)) << "it was open all along";
  }
}

TEST(BreakerTest, SpreadsThePausesOverHalfOfTheirLength) {
  EXPECT_EQ(opened(0).next_probe(), start + 50ms);
  EXPECT_EQ(opened(0.5).next_probe(), start + 75ms);
}

TEST(BreakerTest, AConnectionClosesItAndTheNextFailureOpensItAgain) {
  Breaker breaker = opened();
  EXPECT_EQ(breaker.ask(start + 100ms), Verdict::probe);
  breaker.connected();
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_TRUE(breaker.failed(start + 100ms, no_jitter));
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_EQ(breaker.next_probe(), start + 300ms) << "nobody had answered: the pauses go on growing";
}

TEST(BreakerTest, AnAnswerClosesItForGood) {
  Breaker breaker = opened();
  EXPECT_EQ(breaker.ask(start + 100ms), Verdict::probe);
  breaker.connected();
  breaker.answered();
  breaker.failed(start + 1s, no_jitter);
  breaker.failed(start + 1s, no_jitter);
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_TRUE(breaker.failed(start + 1s, no_jitter));
  EXPECT_EQ(breaker.next_probe(), start + 1100ms) << "the first pause again";
}

TEST(BreakerTest, AnAnswerToAnEarlierCallClosesItToo) {
  Breaker breaker = opened();
  breaker.answered();
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_EQ(breaker.ask(start), Verdict::pass);
}

TEST(BreakerTest, AFailureOfAnEarlierCallDoesNotLengthenThePause) {
  Breaker breaker = opened();
  EXPECT_FALSE(breaker.failed(start + 90ms, no_jitter));
  EXPECT_EQ(breaker.next_probe(), start + 100ms);
}

TEST(BreakerTest, AProbeThatFoundOutNothingLeavesItsPlaceToTheNext) {
  Breaker breaker = opened();
  EXPECT_EQ(breaker.ask(start + 100ms), Verdict::probe);
  breaker.undecided(start + 101ms);
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_EQ(breaker.ask(start + 101ms), Verdict::probe);
}

TEST(BreakerTest, UndecidedMeansNothingWhileClosed) {
  Breaker breaker{three_failures()};
  breaker.undecided(start);
  EXPECT_EQ(breaker.ask(start), Verdict::pass);
}

TEST(BreakerTest, StatesHaveNames) {
  EXPECT_EQ(to_string(BreakerState::closed), "closed");
  EXPECT_EQ(to_string(BreakerState::open), "open");
  EXPECT_EQ(to_string(BreakerState::half_open), "half-open");
}

}  // namespace
}  // namespace rediscache::test
