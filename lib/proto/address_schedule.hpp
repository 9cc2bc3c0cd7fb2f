// In which order, and when, the addresses of a host are tried.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace rediscache::proto {

/// The order of RFC 8305: the families of the addresses alternate, beginning with that of the first, so that
/// a family that leads nowhere costs one attempt. Gives positions in `families`.
[[nodiscard]] std::vector<std::size_t> interleaved(std::span<const int> families);

/// When each of several addresses is tried: the first at once, the next when the one before has failed, or
/// has not succeeded for `delay`. Attempts under way go on meanwhile. Does not look at the clock.
class AddressSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds delay{250};

  explicit AddressSchedule(std::size_t addresses) noexcept : addresses_{addresses} {}

  /// The address to try now; nothing when it is too early, or when all have been tried.
  [[nodiscard]] std::optional<std::size_t> next(Time now) noexcept {
    if (tried_ == addresses_ || now < due_) {
      return std::nullopt;
    }
    due_ = now + delay;
    return tried_++;
  }
  /// When to ask for the next one; nothing when all have been tried.
  [[nodiscard]] std::optional<Time> due() const noexcept {
    return tried_ == addresses_ ? std::nullopt : std::optional{due_};
  }
  /// An attempt has failed: the next address need not wait.
  void failed() noexcept { due_ = Time::min(); }

 private:
  std::size_t addresses_;
  std::size_t tried_ = 0;
  Time due_ = Time::min();
};

}  // namespace rediscache::proto
