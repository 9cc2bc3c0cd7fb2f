#include "latencies.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

namespace bench {

// Below 64 ns a bucket is a nanosecond. From there on the highest bit chooses a group of 64 buckets, and the
// six bits behind it one of them.
std::size_t Latencies::bucket_of(std::chrono::nanoseconds time) noexcept {
  constexpr std::uint64_t longest = (std::uint64_t{1} << time_bits) - 1;
  const auto nanoseconds = time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
  const std::uint64_t value = std::min(nanoseconds, longest);
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width <= step_bits) {
    return static_cast<std::size_t>(value);
  }
  const unsigned group = width - step_bits;  // from 1 on
  const std::uint64_t step = (value >> (group - 1)) & (steps - 1);
  return group * steps + static_cast<std::size_t>(step);
}

std::uint64_t Latencies::end_of(std::size_t bucket) noexcept {
  const std::size_t group = bucket / steps;
  const std::uint64_t step = bucket % steps;
  if (group == 0) {
    return step;
  }
  return ((steps + step + 1) << (group - 1)) - 1;
}

void Latencies::merge(const Latencies& other) noexcept {
  std::ranges::transform(counts_, other.counts_, counts_.begin(), std::plus{});
}

std::uint64_t Latencies::count() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::chrono::nanoseconds Latencies::quantile(double share) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count())));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted && seen != 0) {
      return std::chrono::nanoseconds{end_of(bucket)};
    }
  }
  return std::chrono::nanoseconds{0};
}

}  // namespace bench
