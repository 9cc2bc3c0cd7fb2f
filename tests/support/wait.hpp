// Waiting for something that happens in another process or thread.
#pragma once

#include <chrono>
#include <thread>

namespace rediscache::test {

/// Asks `condition` again and again until it holds. False when it still does not after `limit`, which only
/// bounds a test that fails.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition,
                              std::chrono::milliseconds limit = std::chrono::seconds{15}) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

}  // namespace rediscache::test
