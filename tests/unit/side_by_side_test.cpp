// Things that wait, done at the same time.
#include "client/side_by_side.hpp"

#include <atomic>
#include <cstddef>
#include <latch>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>

namespace rediscache::test {
namespace {

using client::side_by_side;

TEST(SideBySideTest, DoesEachOnce) {
  for (const std::size_t count : {0U, 1U, 2U, 7U, 100U}) {
    std::vector<std::atomic<int>> done(count);
    side_by_side(count, [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) {
      EXPECT_EQ(times, 1);
    }
  }
}

TEST(SideBySideTest, OneAloneTakesNoThread) {
  std::thread::id where;
  side_by_side(1, [&](std::size_t) { where = std::this_thread::get_id(); });
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(SideBySideTest, AllAreUnderWayTogether) {
  std::latch all{8};
  side_by_side(8, [&](std::size_t) { all.arrive_and_wait(); });  // or it would never end
  EXPECT_TRUE(all.try_wait());
}

TEST(SideBySideTest, AnExceptionComesWhenAllHaveEnded) {
  std::atomic<int> ended{0};
  EXPECT_THROW(side_by_side(6,
                            [&](std::size_t i) {
                              ++ended;
                              if (i % 2 == 0) {
                                throw std::runtime_error{"even"};
                              }
                            }),
               std::runtime_error);
  EXPECT_EQ(ended, 6);
}

TEST(SideBySideTest, TheProgramsSignalsGoToItsOwnThreads) {
  std::atomic<int> open{0};
  const auto here = std::this_thread::get_id();
  std::latch all{4};
  side_by_side(4, [&](std::size_t) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    open += std::this_thread::get_id() != here && sigismember(&mask, SIGUSR1) == 0 ? 1 : 0;
    all.arrive_and_wait();
  });
  EXPECT_EQ(open, 0);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGUSR1), 0) << "ours is as it was";
}

}  // namespace
}  // namespace rediscache::test
