// Faults at random, the same ones for the same seed.
#pragma once

#include <cstdint>

#include <rediscache/export.hpp>
#include <rediscache/milliseconds.hpp>
#include <rediscache/testing/fault.hpp>

namespace rediscache::testing {

/// How often connections meet which fault. Each chance is from 0 to 1, and their sum at most 1: a connection
/// has one fault or none. Where it strikes is random too.
struct FaultSchedule {
  std::uint64_t seed = 1;
  double close = 0;
  double half_close = 0;
  double reset = 0;
  double black_hole = 0;
  double stall = 0;
  double corrupt = 0;
  double duplicate = 0;
  double delay = 0;
  /// Breaks and flipped bytes are among so many first bytes, of the requests or of the replies.
  std::uint64_t within_bytes = 4096;
  /// Delays are up to so long.
  Microseconds longest_delay{10'000};
};

/// The fault that connection number `connection`, counted from 0, meets.
[[nodiscard]] REDISCACHE_API Fault fault_for(const FaultSchedule& schedule,
                                             std::uint64_t connection) noexcept;

}  // namespace rediscache::testing
