// How many lines of one kind are logged.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/deadline.hpp"

namespace rediscache::cache {

/// Lets so many lines a second pass and counts the others. Thread-safe; when threads meet at the beginning of
/// a second a few lines more may pass.
class LogLimit {
 public:
  static constexpr std::uint32_t lines_per_second = 10;

  /// How many lines were left out since the last that passed; nothing when this one does not pass either.
  [[nodiscard]] std::optional<std::uint64_t> pass(base::Clock::time_point now) noexcept {
    const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    if (second_.load(std::memory_order_relaxed) != second && second_.exchange(second) != second) {
      lines_.store(0, std::memory_order_relaxed);
    }
    // Looked at first, so that it cannot overflow.
    if (lines_.load(std::memory_order_relaxed) < lines_per_second &&
        lines_.fetch_add(1, std::memory_order_relaxed) < lines_per_second) {
      return left_out_.exchange(0, std::memory_order_relaxed);
    }
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  /// Since the last line that passed.
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> second_{-1};
  std::atomic<std::uint32_t> lines_{0};
  std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace rediscache::cache
