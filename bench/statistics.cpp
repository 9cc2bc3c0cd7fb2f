#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace bench {
namespace {

// Between two measurements the quantile is interpolated, as numpy and R do by default.
double quantile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(position));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - std::floor(position));
}

}  // namespace

Spread spread_of(std::vector<double> numbers) {
  if (numbers.empty()) {
    throw std::invalid_argument{"spread_of: nothing was measured"};
  }
  std::ranges::sort(numbers);
  return {.median = quantile(numbers, 0.5),
          .first_quartile = quantile(numbers, 0.25),
          .third_quartile = quantile(numbers, 0.75),
          .least = numbers.front(),
          .most = numbers.back()};
}

}  // namespace bench
