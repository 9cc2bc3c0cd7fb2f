// How long operations took, as counts in buckets: nothing is allocated while measuring.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bench {

/// A histogram that is linear within each power of two, so that every time is known to within 1.6 %, from a
/// nanosecond to a minute. For one thread; merge those of many.
class Latencies {
 public:
  void add(std::chrono::nanoseconds time) noexcept { ++counts_[bucket_of(time)]; }
  void merge(const Latencies& other) noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept;
  /// What that share of the operations took at most. Zero when there were none.
  [[nodiscard]] std::chrono::nanoseconds quantile(double share) const noexcept;

 private:
  static constexpr unsigned step_bits = 6;  ///< 64 buckets for each power of two
  static constexpr unsigned time_bits = 36;
  static constexpr std::size_t steps = std::size_t{1} << step_bits;

  [[nodiscard]] static std::size_t bucket_of(std::chrono::nanoseconds time) noexcept;
  [[nodiscard]] static std::uint64_t end_of(std::size_t bucket) noexcept;

  std::array<std::uint32_t, (time_bits - step_bits + 1) * steps> counts_{};
};

}  // namespace bench
