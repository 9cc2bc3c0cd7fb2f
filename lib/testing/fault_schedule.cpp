#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <utility>

#include <rediscache/testing/fault_schedule.hpp>

#include "testing/dice.hpp"

namespace rediscache::testing {
namespace {

/// One direction of `fault`, either with the same chance.
FlowFault& some_flow(Fault& fault, Dice& dice) noexcept {
  return dice.below(2) == 0 ? fault.requests : fault.replies;
}

}  // namespace

Fault fault_for(const FaultSchedule& schedule, std::uint64_t connection) noexcept {
  Dice dice{schedule.seed, connection};
  Fault fault;
  double left = dice.share();
  const auto strikes = [&left](double chance) {
    const bool yes = left >= 0 && left < chance;
    left -= chance;
    return yes;
  };
  const std::array<std::pair<double, Break>, 5> breaks{{{schedule.close, Break::close},
                                                        {schedule.half_close, Break::half_close},
                                                        {schedule.reset, Break::reset},
                                                        {schedule.black_hole, Break::black_hole},
                                                        {schedule.stall, Break::stall}}};
  for (const auto& [chance, how] : breaks) {
    if (strikes(chance)) {
      FlowFault& flow = some_flow(fault, dice);
      flow.break_at = dice.below(schedule.within_bytes);
      flow.breaks = how;
    }
  }
  if (strikes(schedule.corrupt)) {
    some_flow(fault, dice).corrupt_at = dice.below(schedule.within_bytes);
  }
  if (strikes(schedule.duplicate)) {
    some_flow(fault, dice).duplicate_rate = 1;
  }
  if (strikes(schedule.delay)) {
    const auto longest =
        static_cast<std::uint64_t>(std::max<std::int64_t>(schedule.longest_delay.count(), 0));
    some_flow(fault, dice).delay = std::chrono::microseconds{dice.below(longest + 1)};
  }
  return fault;
}

}  // namespace rediscache::testing
