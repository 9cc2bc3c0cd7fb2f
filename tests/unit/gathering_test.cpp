// Whether a writer gives way to those who were answered with it.
#include "net/gathering.hpp"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using net::Gathering;

/// For how many sends it is not tried.
std::uint32_t rest(Gathering& gathering) {
  std::uint32_t sends = 0;
  while (!gathering.promising()) {
    ++sends;
  }
  return sends;
}

TEST(GatheringTest, ExpectsThoseWhoWereAnsweredTogether) {
  Gathering gathering;
  EXPECT_FALSE(gathering.promising());
  gathering.answered(3);
  EXPECT_EQ(gathering.expected(), 3);
  gathering.called();
  EXPECT_TRUE(gathering.promising());
  gathering.called();
  gathering.called();
  EXPECT_FALSE(gathering.promising()) << "all are there";
  gathering.called();
  EXPECT_EQ(gathering.expected(), 0) << "a newcomer is nobody who was answered";
}

TEST(GatheringTest, ExpectsNobodyWhoWasAnsweredAlone) {
  Gathering gathering;
  gathering.answered(4);
  gathering.answered(1);
  EXPECT_FALSE(gathering.promising()) << "whoever did not come by now does something else";
}

TEST(GatheringTest, TriesSeldomWhereNobodyComes) {
  Gathering gathering;
  gathering.answered(4);
  gathering.learn(0, 1us);
  EXPECT_EQ(rest(gathering), 1);
  gathering.learn(0, 1us);
  EXPECT_EQ(rest(gathering), 2);
  gathering.learn(0, 1us);
  EXPECT_EQ(rest(gathering), 4);
  for (int i = 0; i < 40; ++i) {
    gathering.learn(0, 1us);
    EXPECT_LE(rest(gathering), Gathering::longest_rest);
  }
  gathering.learn(0, 1us);
  EXPECT_EQ(rest(gathering), Gathering::longest_rest);
}

TEST(GatheringTest, TriesEachTimeWhereSomebodyComes) {
  Gathering gathering;
  gathering.answered(4);
  gathering.learn(0, 1us);
  gathering.learn(0, 1us);
  gathering.learn(0, 1us);
  EXPECT_EQ(rest(gathering), 4);
  gathering.learn(1, 1us);
  EXPECT_EQ(rest(gathering), 0);
  gathering.learn(0, 1us);
  EXPECT_EQ(rest(gathering), 1) << "that nobody came was long ago";
}

TEST(GatheringTest, LeavesTheProcessorToNobodyWhoKeepsIt) {
  Gathering gathering;
  gathering.answered(4);
  gathering.learn(3, Gathering::longest_away + 1us);
  EXPECT_EQ(rest(gathering), Gathering::longest_rest) << "three came, and all of them waited for that long";
}

TEST(GatheringTest, RestsOnlyForSendsThatMightGather) {
  Gathering gathering;
  gathering.answered(4);
  gathering.learn(0, 1us);
  gathering.answered(1);
  EXPECT_FALSE(gathering.promising());
  gathering.answered(4);
  EXPECT_EQ(rest(gathering), 1);
}

TEST(GatheringTest, TheChildOfAForkExpectsNobody) {
  Gathering gathering;
  gathering.answered(4);
  gathering.forget_all();
  EXPECT_FALSE(gathering.promising());
}

}  // namespace
}  // namespace rediscache::test
