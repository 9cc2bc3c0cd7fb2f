// What is protected in the torture: a resource that knows fencing tokens, in memory that processes share.
#pragma once

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

/// With what somebody comes in.
struct Pass {
  std::uint64_t token = 0;
  bool alone = true;             ///< nobody else may be in
  std::int64_t valid_until = 0;  ///< what it holds is held at least so long
};

/// One who may be in, as everybody sees it. A process that is killed leaves it as it is.
struct Holder {
  std::atomic<std::uint64_t> token{0};  ///< it is inside with; 0: it is not
  std::atomic<bool> alone{true};
  std::atomic<std::int64_t> valid_until{0};
};

/// Refuses whoever comes later than it should: to be alone, with a token smaller than one it has seen; to
/// share, with one smaller than that of somebody who was alone. And counts how often more were in it at once
/// than may be, though the time of none had passed. Free of locks: any process may be stopped or killed
/// anywhere.
class FencedResource {
 public:
  enum class Entry { entered, refused, same_token_again };
  static constexpr std::size_t most_holders = 1024;

  /// How many who share may be in at once. Said before anybody comes.
  void set_room(std::size_t room) noexcept { room_ = room; }

  Entry enter(std::size_t holder, const Pass& pass) noexcept {
    Holder& own = holders_[holder];
    own.valid_until = pass.valid_until;
    own.alone = pass.alone;
    if (!pass.alone && pass.token < highest_alone_) {
      ++refused_;
      return Entry::refused;
    }
    std::uint64_t seen = highest_;
    while (true) {
      if (pass.token == seen || (pass.alone && pass.token < seen)) {
        ++refused_;
        return pass.token == seen ? Entry::same_token_again : Entry::refused;
      }
      if (pass.token < seen || highest_.compare_exchange_weak(seen, pass.token)) {
        break;
      }
    }
    if (pass.alone) {
      raise(highest_alone_, pass.token);
    }
    own.token = pass.token;
    ++entries_;
    look_for_others(own);
    return Entry::entered;
  }

  /// Uses it; false when somebody has been there whom this one must not come after.
  [[nodiscard]] bool use(std::size_t holder, const Pass& pass) noexcept {
    holders_[holder].valid_until = pass.valid_until;
    if (pass.alone ? highest_ != pass.token : highest_alone_ > pass.token) {
      ++refused_;
      return false;
    }
    look_for_others(holders_[holder]);
    return true;
  }

  /// To be called before it is released.
  void leave(std::size_t holder) noexcept { holders_[holder].token = 0; }

  [[nodiscard]] std::uint64_t highest() const noexcept { return highest_; }
  /// Of those who were alone.
  [[nodiscard]] std::uint64_t highest_alone() const noexcept { return highest_alone_; }
  [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  [[nodiscard]] std::uint64_t overlaps() const noexcept { return overlaps_; }
  /// The most who shared it at once.
  [[nodiscard]] std::uint64_t most_at_once() const noexcept { return most_at_once_; }

 private:
  static void raise(std::atomic<std::uint64_t>& number, std::uint64_t value) noexcept {
    std::uint64_t seen = number;
    while (seen < value && !number.compare_exchange_weak(seen, value)) {
    }
  }

  /// Looks twice: who is in with the same token both times was so in between, all of them at one moment. By
  /// then their time must not have been over.
  void look_for_others(const Holder& own) noexcept {
    std::array<std::uint64_t, most_holders> inside{};
    for (std::size_t i = 0; i < most_holders; ++i) {
      inside[i] = holders_[i].token;
    }
    const std::int64_t moment = ticks_now();
    if (own.valid_until <= moment) {
      return;
    }
    std::uint64_t count = 0;
    bool one_is_alone = false;
    for (std::size_t i = 0; i < most_holders; ++i) {
      if (inside[i] == 0) {
        continue;
      }
      // The token last: what was read before belongs to it.
      const bool is_valid = holders_[i].valid_until > moment;
      const bool is_alone = holders_[i].alone;
      if (holders_[i].token == inside[i] && is_valid) {
        ++count;
        one_is_alone = one_is_alone || is_alone;
      }
    }
    raise(most_at_once_, count);
    if (count > (one_is_alone ? 1 : room_.load())) {
      ++overlaps_;
    }
  }

  std::atomic<std::size_t> room_{1};
  std::atomic<std::uint64_t> highest_{0};
  std::atomic<std::uint64_t> highest_alone_{0};
  std::atomic<std::uint64_t> entries_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> overlaps_{0};
  std::atomic<std::uint64_t> most_at_once_{0};
  std::array<Holder, most_holders> holders_{};
};

}  // namespace rediscache::test
