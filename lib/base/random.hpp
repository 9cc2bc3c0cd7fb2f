// Chance, for delays that should not be alike.
#pragma once

#include <random>

namespace rediscache::base {

/// A random number in [0, 1). Each thread has a generator of its own.
[[nodiscard]] inline double random_share() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(generator);
}

}  // namespace rediscache::base
