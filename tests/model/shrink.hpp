// The few steps of many that a failure needs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace rediscache::test {

/// Leaves out steps, large pieces first, as long as `fails` holds for what is left; in the end no single step
/// can be left out, or `fails` was asked `most_tries` times.
template <class Step, class Fails>
[[nodiscard]] std::vector<Step> shrunk(std::vector<Step> steps, Fails fails, int most_tries = 5000) {
  std::size_t piece = std::max<std::size_t>(steps.size() / 2, 1);
  bool left_some_out = false;
  std::size_t at = 0;
  while (most_tries-- > 0) {
    if (at >= steps.size()) {
      if (piece == 1 && !left_some_out) {
        break;
      }
      piece = std::max<std::size_t>(piece / 2, 1);
      left_some_out = false;
      at = 0;
      continue;
    }
    const auto begin = static_cast<std::ptrdiff_t>(at);
    const auto end = static_cast<std::ptrdiff_t>(std::min(at + piece, steps.size()));
    std::vector<Step> fewer{steps.begin(), steps.begin() + begin};
    fewer.insert(fewer.end(), steps.begin() + end, steps.end());
    if (fails(fewer)) {
      steps = std::move(fewer);
      left_some_out = true;
    } else {
      at += piece;
    }
  }
  return steps;
}

}  // namespace rediscache::test
