// Random numbers that are the same on every machine: what the standard's distributions make of an engine is
// left to each library.
#pragma once

#include <cstdint>

namespace rediscache::testing {

/// SplitMix64, for the `stream`th of the sequences that a seed gives.
class Dice {
 public:
  explicit Dice(std::uint64_t seed, std::uint64_t stream = 0) noexcept
      : state_{mixed(seed + mixed(stream))} {}

  std::uint64_t next() noexcept {
    state_ += 0x9E3779B97F4A7C15U;
    return mixed(state_);
  }
  /// From 0 to `count` - 1; 0 when there is no choice.
  std::uint64_t below(std::uint64_t count) noexcept { return count == 0 ? 0 : next() % count; }
  /// From 0 up to 1, without it.
  double share() noexcept { return static_cast<double>(next() >> 11U) * 0x1p-53; }

 private:
  static constexpr std::uint64_t mixed(std::uint64_t bits) noexcept {
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31U);
  }

  std::uint64_t state_;
};

}  // namespace rediscache::testing
