// What the lock protects in the torture: a resource that knows fencing tokens, in memory that processes
// share.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rediscache::test {

/// The steady clock, which all processes of a machine share, as a number.
[[nodiscard]] inline std::int64_t ticks(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}
[[nodiscard]] inline std::int64_t ticks_now() {
  return ticks(std::chrono::steady_clock::now());
}

/// One who may hold the lock, as everybody sees it. A process that is killed leaves it as it is.
struct Holder {
  std::atomic<std::uint64_t> token{0};       ///< it is inside with; 0: it is not
  std::atomic<std::int64_t> valid_until{0};  ///< its lock holds at least so long
};

/// Refuses every token that is smaller than one it has seen, and counts holders who were in it at once though
/// the time of neither had passed. Free of locks: any process may be stopped or killed anywhere.
class FencedResource {
 public:
  enum class Entry { entered, refused, same_token_again };
  static constexpr std::size_t most_holders = 1024;

  /// Comes in with a lock that holds at least until then.
  Entry enter(std::size_t holder, std::uint64_t token, std::int64_t valid_until) noexcept {
    Holder& own = holders_[holder];
    own.valid_until = valid_until;
    std::uint64_t seen = highest_;
    do {
      if (token <= seen) {
        ++refused_;
        return token == seen ? Entry::same_token_again : Entry::refused;
      }
    } while (!highest_.compare_exchange_weak(seen, token));
    own.token = token;
    ++entries_;
    look_for_others(holder);
    return Entry::entered;
  }

  /// Uses it; false when somebody with a later token has been there.
  [[nodiscard]] bool use(std::size_t holder, std::uint64_t token, std::int64_t valid_until) noexcept {
    holders_[holder].valid_until = valid_until;
    if (highest_ != token) {
      ++refused_;
      return false;
    }
    look_for_others(holder);
    return true;
  }

  /// To be called before the lock is released.
  void leave(std::size_t holder) noexcept { holders_[holder].token = 0; }

  [[nodiscard]] std::uint64_t highest() const noexcept { return highest_; }
  [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  [[nodiscard]] std::uint64_t overlaps() const noexcept { return overlaps_; }

 private:
  void look_for_others(std::size_t holder) noexcept {
    for (std::size_t i = 0; i < most_holders; ++i) {
      if (i == holder || holders_[i].token == 0) {
        continue;
      }
      // The clock last: who is found valid by then was so when it was seen inside, and so was this one.
      const std::int64_t both_until =
          std::min(holders_[i].valid_until.load(), holders_[holder].valid_until.load());
      if (both_until > ticks_now()) {
        ++overlaps_;
      }
    }
  }

  std::atomic<std::uint64_t> highest_{0};
  std::atomic<std::uint64_t> entries_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> overlaps_{0};
  std::array<Holder, most_holders> holders_{};
};

}  // namespace rediscache::test
