// Medians and spreads of a few measurements.
#pragma once

#include <vector>

namespace bench {

struct Spread {
  double median = 0;
  double first_quartile = 0;
  double third_quartile = 0;
  double least = 0;
  double most = 0;
};

/// Of at least one number.
[[nodiscard]] Spread spread_of(std::vector<double> numbers);

}  // namespace bench
