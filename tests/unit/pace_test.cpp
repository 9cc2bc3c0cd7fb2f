// How many sends a shared connection has outstanding, by what it measures.
#include "net/pace.hpp"

#include <chrono>
#include <cstddef>
#include <list>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using net::Crowd;
using net::Pace;

class PaceTest : public ::testing::Test {
 protected:
  PaceTest() { pace_.begin(2, false); }

  void measure(Pace::Nanoseconds round_trip, int times = 8, std::size_t commands = 1) {
    for (int i = 0; i < times; ++i) {
      pace_.note(round_trip, commands);
    }
  }
  void meet(std::size_t calls) {
    while (members_.size() < calls) {
      members_.emplace_back(crowd_);
    }
  }
  /// Whether any of so many sends is timed.
  bool times_one_of(int sends, bool alone) {
    bool any = false;
    for (int i = 0; i < sends; ++i) {
      any = pace_.times(alone) || any;
    }
    return any;
  }

  Crowd crowd_;
  std::list<Crowd::Member> members_;
  Pace pace_{0, crowd_};
};

TEST_F(PaceTest, SendsOneByOneUntilItKnowsTheWay) {
  EXPECT_EQ(pace_.depth(), 1);
  EXPECT_TRUE(pace_.times(true));
  measure(1ms, 7);
  EXPECT_EQ(pace_.depth(), 1) << "the first may have had bad luck";
  EXPECT_TRUE(pace_.times(true));
  measure(1ms, 1);
  EXPECT_GT(pace_.depth(), 1);
}

TEST_F(PaceTest, OneQuickAnswerShowsThatTheWayIsShort) {
  measure(1ms, 20);
  measure(50us, 1);
  EXPECT_EQ(pace_.depth(), 1);
  measure(1ms, 7);
  EXPECT_EQ(pace_.depth(), 1);
  measure(1ms, 1);
  EXPECT_GT(pace_.depth(), 1) << "it was long ago";
}

TEST_F(PaceTest, DoesNotTakeTheWorkOfManyCommandsForTheWay) {
  measure(300us, 8, 64);
  EXPECT_EQ(pace_.depth(), 1);
  measure(400us, 8, 64);
  EXPECT_GT(pace_.depth(), 1);
}

TEST_F(PaceTest, LetsTheConnectionRunEmptyNowAndThenWhereNoCallIsEverAlone) {
  measure(1ms);
  EXPECT_FALSE(times_one_of(8191, false));
  EXPECT_GT(pace_.depth(), 1);
  EXPECT_FALSE(times_one_of(1, false));
  EXPECT_EQ(pace_.depth(), 1) << "so that one is alone";
  EXPECT_TRUE(pace_.times(true));
  measure(1ms, 1);
  EXPECT_GT(pace_.depth(), 1);
}

TEST_F(PaceTest, TimesFewOfThoseThatAreAloneAnyway) {
  measure(50us);
  EXPECT_TRUE(times_one_of(32, true));
  EXPECT_FALSE(times_one_of(31, true));
}

TEST_F(PaceTest, KeepsAServerNearbyAwakeForAFew) {
  measure(50us);
  meet(2);
  EXPECT_EQ(pace_.depth(), 1);
  EXPECT_EQ(pace_.looks(), 0) << "a call that has a connection for itself sleeps until its answer comes";
  meet(4);
  EXPECT_EQ(pace_.depth(), Pace::any_depth);
  EXPECT_GT(pace_.looks(), 0);
  meet(16);
  EXPECT_EQ(pace_.depth(), 1);
  EXPECT_EQ(pace_.looks(), 0);
}

TEST_F(PaceTest, KeepsNobodyAwakeOverANetworkOrWithOneCpuForAll) {
  meet(4);
  EXPECT_EQ(pace_.looks(), 0) << "nothing was measured";
  measure(1ms);
  EXPECT_EQ(pace_.looks(), 0);
  pace_.begin(1, false);
  measure(50us);
  EXPECT_EQ(pace_.looks(), 0);
  EXPECT_EQ(pace_.depth(), 1);
}

TEST_F(PaceTest, CollectsLargeBatchesWhereEachSendIsEncrypted) {
  pace_.begin(2, true);
  measure(50us);
  meet(4);
  EXPECT_EQ(pace_.depth(), 1);
  EXPECT_GT(pace_.looks(), 0);
}

TEST_F(PaceTest, AFewNearbyGather) {
  meet(3);
  EXPECT_FALSE(pace_.gathers()) << "nothing was measured";
  measure(50us);
  EXPECT_TRUE(pace_.gathers());
  meet(11);
  EXPECT_TRUE(pace_.gathers());
  meet(12);
  EXPECT_FALSE(pace_.gathers()) << "so many queue by themselves";
}

TEST_F(PaceTest, TwoDoNotGatherForEachHasAConnectionForItself) {
  measure(50us);
  meet(2);
  EXPECT_FALSE(pace_.gathers());
}

TEST_F(PaceTest, NobodyGathersFarAwayOrWithOneCpuForAllOrWithADepthThatWasGiven) {
  Pace fixed{4, crowd_};
  fixed.begin(2, false);
  for (int i = 0; i < 8; ++i) {
    fixed.note(50us, 1);
  }
  meet(8);
  EXPECT_FALSE(fixed.gathers());
  measure(1ms);
  EXPECT_FALSE(pace_.gathers());
  pace_.begin(1, false);
  measure(50us);
  EXPECT_FALSE(pace_.gathers());
}

TEST_F(PaceTest, DoesNotGiveWayWhereNothingComesSoon) {
  EXPECT_EQ(pace_.yields(16), 16) << "nothing was measured";
  measure(1ms);
  EXPECT_EQ(pace_.yields(16), 0);
  measure(50us);
  EXPECT_EQ(pace_.yields(16), 16);
}

TEST_F(PaceTest, GivesWayMoreOftenWhereAnAnswerTakesLonger) {
  measure(50us);
  meet(4);
  EXPECT_EQ(pace_.yields(16), 16);
  pace_.begin(2, true);
  EXPECT_EQ(pace_.yields(16), 16) << "nothing was measured";
  measure(50us);
  EXPECT_EQ(pace_.yields(16), 64);
  EXPECT_EQ(pace_.yields(0), 0) << "whoever wants to sleep at once does";
  meet(12);
  EXPECT_EQ(pace_.yields(16), 16);
}

TEST_F(PaceTest, OnALongWaySendsFollowEachOtherNoCloserThanWhatOneCosts) {
  measure(602us);
  EXPECT_EQ(pace_.depth(), 20);
  measure(6002us);
  EXPECT_EQ(pace_.depth(), 200);
}

TEST_F(PaceTest, ANewConnectionIsMeasuredAnew) {
  measure(1ms);
  pace_.begin(2, false);
  EXPECT_EQ(pace_.depth(), 1);
  EXPECT_TRUE(pace_.times(true));
}

TEST_F(PaceTest, TakesTheDepthItWasGiven) {
  Pace fixed{7, crowd_};
  fixed.begin(2, false);
  EXPECT_EQ(fixed.depth(), 7);
  for (int i = 0; i < 8; ++i) {
    fixed.note(1ms, 1);
  }
  EXPECT_EQ(fixed.depth(), 7);
}

}  // namespace
}  // namespace rediscache::test
