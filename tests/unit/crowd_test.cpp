// How many calls meet at a server.
#include "net/crowd.hpp"

#include <list>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using net::Crowd;

void come_and_go(Crowd& crowd, int times) {
  for (int i = 0; i < times; ++i) {
    const Crowd::Member member{crowd};
  }
}

TEST(CrowdTest, IsTheMostThatWereThereAtOnce) {
  Crowd crowd;
  EXPECT_EQ(crowd.size(), 0U);
  {
    const Crowd::Member first{crowd};
    const Crowd::Member second{crowd};
    EXPECT_EQ(crowd.size(), 2U);
  }
  come_and_go(crowd, 3);
  EXPECT_EQ(crowd.size(), 2U) << "they may be between two calls";
}

TEST(CrowdTest, ForgetsSlowlyWhoHasNotComeAgain) {
  Crowd crowd;
  {
    const Crowd::Member first{crowd};
    const Crowd::Member second{crowd};
    const Crowd::Member third{crowd};
  }
  come_and_go(crowd, 70);
  EXPECT_EQ(crowd.size(), 2U);
  come_and_go(crowd, 1000);
  EXPECT_EQ(crowd.size(), 1U) << "there is one";
}

TEST(CrowdTest, IsEmptyInAChild) {
  Crowd crowd;
  {
    std::list<Crowd::Member> members;
    for (int i = 0; i < 5; ++i) {
      members.emplace_back(crowd);
    }
  }
  EXPECT_EQ(crowd.size(), 5U);
  crowd.forget_all();
  EXPECT_EQ(crowd.size(), 0U);
  come_and_go(crowd, 1);
  EXPECT_EQ(crowd.size(), 1U);
}

}  // namespace
}  // namespace rediscache::test
