// Chance, for delays that should not be alike.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include <sys/random.h>

namespace rediscache::base {

/// From the system, or from the clock when that has nothing. std::random_device would throw then.
[[nodiscard]] inline std::uint32_t random_seed() noexcept {
  std::uint32_t seed = 0;
  if (::getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != static_cast<ssize_t>(sizeof(seed))) {
    seed = static_cast<std::uint32_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  return seed;
}

/// A random number in [0, 1). Each thread has a generator of its own.
[[nodiscard]] inline double random_share() noexcept {
  thread_local std::minstd_rand generator{random_seed()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(generator);
}

}  // namespace rediscache::base
