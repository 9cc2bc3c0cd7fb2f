// Whether a writer gives way before it sends.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rediscache::net {

/// Callers who were answered together ask again together, if they do nothing else in between: then the first
/// of them does well to give way once before it sends, so that the others' requests go out with its own.
/// Where they do something else, or whoever runs meanwhile keeps the processor, it learns not to.
///
/// answered(), called() and expected() are any thread's, promising() and learn() the writer's.
class Gathering {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  /// So many callers have just been answered.
  void answered(std::size_t callers) noexcept {
    // One alone has nobody to wait for.
    expected_.store(callers > 1 ? static_cast<std::int64_t>(callers) : 0, std::memory_order_relaxed);
  }
  /// One calls, maybe one of those.
  void called() noexcept {
    if (expected() > 0) {
      expected_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  /// How many of those who were answered have not called since, as far as can be told.
  [[nodiscard]] std::int64_t expected() const noexcept { return expected_.load(std::memory_order_relaxed); }

  /// Whether giving way is worth trying now.
  [[nodiscard]] bool promising() noexcept {
    if (expected() <= 0) {
      return false;
    }
    if (resting_ > 0) {
      --resting_;
      return false;
    }
    return true;
  }
  /// What it brought: calls that came meanwhile, as far as can be told, and how long the processor was away.
  void learn(std::int64_t came, Nanoseconds away) noexcept {
    if (away > longest_away) {
      resting_ = longest_rest;
    } else if (came > 0) {
      next_rest_ = shortest_rest;
    } else {
      resting_ = next_rest_;
      next_rest_ = std::min(2 * next_rest_, longest_rest);
    }
  }

  /// In the child of a fork, where the others do not exist.
  void forget_all() noexcept { expected_.store(0, std::memory_order_relaxed); }

  static constexpr std::chrono::microseconds longest_away{50};
  static constexpr std::uint32_t shortest_rest = 1;
  static constexpr std::uint32_t longest_rest = 1024;

 private:
  std::atomic<std::int64_t> expected_{0};
  std::uint32_t resting_ = 0;  // sends for which it is not tried
  std::uint32_t next_rest_ = shortest_rest;
};

}  // namespace rediscache::net
