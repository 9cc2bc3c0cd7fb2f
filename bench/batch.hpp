// Many operations in a row, by one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>

#include "latencies.hpp"

namespace bench {

/// Does that many operations; throws when one of them gives a wrong answer. Adds how long each took to
/// `latencies` unless that is null: then it reads no clock.
using Batch = std::function<void(std::size_t operations, Latencies* latencies)>;

/// A batch out of one operation, which is told how many came before it.
template <class Operation>
[[nodiscard]] Batch repeat(Operation operation) {
  return [operation = std::move(operation)](std::size_t operations, Latencies* latencies) mutable {
    if (latencies == nullptr) {
      for (std::size_t i = 0; i < operations; ++i) {
        operation(i);
      }
      return;
    }
    auto before = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < operations; ++i) {
      operation(i);
      const auto after = std::chrono::steady_clock::now();
      latencies->add(after - before);
      before = after;
    }
  };
}

}  // namespace bench
