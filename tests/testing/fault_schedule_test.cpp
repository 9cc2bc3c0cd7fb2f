#include <gtest/gtest.h>

#include <rediscache/testing/fault_schedule.hpp>

namespace rediscache::testing {
namespace {

using namespace std::chrono_literals;

bool same(const FlowFault& left, const FlowFault& right) {
  return left.delay == right.delay && left.break_at == right.break_at && left.breaks == right.breaks &&
         left.corrupt_at == right.corrupt_at && left.duplicate_rate == right.duplicate_rate;
}
bool same(const Fault& left, const Fault& right) {
  return same(left.requests, right.requests) && same(left.replies, right.replies);
}
bool strikes(const FlowFault& flow) {
  return !same(flow, FlowFault{});
}

constexpr std::uint64_t many_connections = 10'000;

TEST(FaultScheduleTest, WithoutChancesNothingHappens) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(same(fault_for({.seed = i}, i), Fault{}));
  }
}

TEST(FaultScheduleTest, IsTheSameForTheSameSeed) {
  const FaultSchedule schedule{.seed = 5, .close = 0.2, .reset = 0.2, .corrupt = 0.2, .delay = 0.2};
  FaultSchedule other = schedule;
  other.seed = 6;
  std::uint64_t different = 0;
  for (std::uint64_t i = 0; i < many_connections; ++i) {
    EXPECT_TRUE(same(fault_for(schedule, i), fault_for(schedule, i)));
    different += same(fault_for(schedule, i), fault_for(other, i)) ? 0 : 1;
  }
  EXPECT_GT(different, many_connections / 4);
}

TEST(FaultScheduleTest, StrikesAsOftenAsItSaysOneFaultAtATime) {
  const FaultSchedule schedule{.close = 0.1,
                               .half_close = 0.1,
                               .reset = 0.1,
                               .black_hole = 0.1,
                               .stall = 0.1,
                               .corrupt = 0.1,
                               .duplicate = 0.1,
                               .delay = 0.1,
                               .within_bytes = 64,
                               .longest_delay = 3ms};
  std::array<std::uint64_t, 5> breaks{};
  std::uint64_t corrupt = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t delay = 0;
  for (std::uint64_t i = 0; i < many_connections; ++i) {
    const Fault fault = fault_for(schedule, i);
    EXPECT_FALSE(strikes(fault.requests) && strikes(fault.replies));
    for (const FlowFault& flow : {fault.requests, fault.replies}) {
      if (flow.break_at) {
        EXPECT_LT(*flow.break_at, 64U);
        ++breaks.at(static_cast<std::size_t>(flow.breaks));
      }
      corrupt += flow.corrupt_at ? 1 : 0;
      duplicate += flow.duplicate_rate > 0 ? 1 : 0;
      delay += flow.delay > 0us ? 1 : 0;
      EXPECT_LE(flow.delay, 3ms);
    }
  }
  for (const std::uint64_t count :
       {breaks[0], breaks[1], breaks[2], breaks[3], breaks[4], corrupt, duplicate, delay}) {
    EXPECT_NEAR(static_cast<double>(count), 0.1 * many_connections, 0.02 * many_connections);
  }
}

TEST(FaultScheduleTest, ARoundTripIsSplitWithoutLoss) {
  const Fault fault = round_trip(401us);
  EXPECT_EQ(fault.requests.delay + fault.replies.delay, 401us);
  EXPECT_EQ(fault.requests.delay, 200us);
}

}  // namespace
}  // namespace rediscache::testing
