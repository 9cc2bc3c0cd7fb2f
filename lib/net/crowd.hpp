// How many calls meet at a server.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace rediscache::net {

/// Counts the calls that are under way, and remembers for a while the most that were at once: between two
/// calls of a thread there is one less, and yet the thread is there. Costs a call two additions.
///
/// Thread-safe.
class Crowd {
 public:
  /// A call, for as long as it takes.
  class Member {
   public:
    explicit Member(Crowd& crowd) noexcept : crowd_{crowd} { crowd_.enter(); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member() { crowd_.now_.fetch_sub(1, std::memory_order_relaxed); }

   private:
    Crowd& crowd_;
  };

  /// The most calls at once, of late.
  [[nodiscard]] std::size_t size() const noexcept { return most_.load(std::memory_order_relaxed); }

  /// In the child of a fork, where the others do not exist.
  void forget_all() noexcept {
    now_.store(0, std::memory_order_relaxed);
    most_.store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint64_t one_entry = std::uint64_t{1} << 32U;
  static constexpr std::uint64_t count_mask = one_entry - 1;
  /// After so many calls one less is remembered.
  static constexpr std::uint64_t entries_remembered = 64;

  void enter() noexcept {
    const std::uint64_t seen = now_.fetch_add(one_entry + 1, std::memory_order_relaxed) + one_entry + 1;
    const std::uint64_t count = seen & count_mask;
    const std::uint64_t most = most_.load(std::memory_order_relaxed);
    // Two who do this at once may lose one's number, which comes again soon.
    if (count > most) {
      most_.store(count, std::memory_order_relaxed);
    } else if (count < most && (seen / one_entry) % entries_remembered == 0) {
      most_.store(most - 1, std::memory_order_relaxed);
    }
  }

  std::atomic<std::uint64_t> now_{0};  // how many are there; and above, how many have come
  std::atomic<std::uint64_t> most_{0};
};

}  // namespace rediscache::net
