// When the addresses of a host are tried.
#include "proto/address_schedule.hpp"

#include <chrono>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using proto::AddressSchedule;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr AddressSchedule::Time schedule_start{1h};

TEST(AddressScheduleTest, TriesTheFirstAtOnceAndEachNextAfterTheDelay) {
  AddressSchedule schedule{3};
  auto now = schedule_start;
  EXPECT_EQ(schedule.next(now), 0U);
  EXPECT_EQ(schedule.next(now), std::nullopt);
  EXPECT_EQ(schedule.due(), now + 250ms);
  EXPECT_EQ(schedule.next(now + 249ms), std::nullopt);
  now += 250ms;
  EXPECT_EQ(schedule.next(now), 1U);
  EXPECT_EQ(schedule.due(), now + 250ms);
  now += 1s;
  EXPECT_EQ(schedule.next(now), 2U);
  EXPECT_EQ(schedule.next(now + 1h), std::nullopt) << "all have been tried";
  EXPECT_EQ(schedule.due(), std::nullopt);
}

TEST(AddressScheduleTest, TriesTheNextAtOnceWhenOneFails) {
  AddressSchedule schedule{3};
  EXPECT_EQ(schedule.next(schedule_start), 0U);
  schedule.failed();
  EXPECT_LE(schedule.due(), schedule_start);
  EXPECT_EQ(schedule.next(schedule_start), 1U);
  EXPECT_EQ(schedule.next(schedule_start), std::nullopt) << "the second has its time";
  EXPECT_EQ(schedule.next(schedule_start + 250ms), 2U);
  schedule.failed();
  EXPECT_EQ(schedule.due(), std::nullopt);
}

TEST(AddressScheduleTest, HasNothingToTryWhereThereIsNoAddress) {
  AddressSchedule schedule{0};
  EXPECT_EQ(schedule.next(schedule_start), std::nullopt);
  EXPECT_EQ(schedule.due(), std::nullopt);
}

TEST(InterleavedTest, AlternatesTheFamiliesBeginningWithTheFirst) {
  EXPECT_THAT(proto::interleaved(std::vector{6, 6, 6, 4, 4}), ElementsAre(0, 3, 1, 4, 2));
  EXPECT_THAT(proto::interleaved(std::vector{4, 6, 6, 6}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(proto::interleaved(std::vector{4, 4}), ElementsAre(0, 1));
  EXPECT_THAT(proto::interleaved(std::vector<int>{}), IsEmpty());
}

}  // namespace
}  // namespace rediscache::test
