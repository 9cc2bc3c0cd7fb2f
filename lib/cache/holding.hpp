// Something that is held: known to who acquired it and to who renews it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <rediscache/lock_options.hpp>

#include "base/deadline.hpp"
#include "base/fork.hpp"
#include "cache/hold_scripts.hpp"

namespace rediscache::cache {

class Core;

/// Held from when it is made, until it is released or found to be lost, whichever is first. Thread-safe.
class Holding {
 public:
  struct Terms {
    std::shared_ptr<Core> core{};
    std::shared_ptr<const HoldScripts> scripts{};
    std::string name{};
    std::string token{};
    std::uint64_t fencing_token = 0;
    std::optional<std::chrono::milliseconds> timeout{};
    bool renew = true;
    LockLost on_lost{};
  };

  Holding(Terms terms, base::Clock::time_point valid_until)
      : terms_{std::move(terms)}, valid_until_{valid_until.time_since_epoch().count()} {}

  [[nodiscard]] const Terms& terms() const noexcept { return terms_; }
  /// Whether it was acquired by this process, and not by one that this was forked from.
  [[nodiscard]] bool is_ours() const noexcept { return generation_ == base::fork_generation(); }
  /// Whether it is neither released nor known to be lost.
  [[nodiscard]] bool stands() const noexcept { return (state_.load() & kind_mask) == held && is_ours(); }
  [[nodiscard]] std::optional<LostReason> lost() const noexcept;

  [[nodiscard]] base::Clock::time_point valid_until() const noexcept {
    return base::Clock::time_point{base::Clock::duration{valid_until_.load()}};
  }
  /// Counts the times that the caller changes its life: what a renewal that began before says is then wrong.
  [[nodiscard]] std::uint32_t revision() const noexcept { return revision_.load(); }
  void revise() noexcept { revision_.fetch_add(1); }
  void set_valid_until(base::Clock::time_point until) noexcept {
    valid_until_.store(until.time_since_epoch().count());
  }

  /// True for who may release it: once, and not when it is lost.
  [[nodiscard]] bool begin_release() noexcept;
  /// It is lost, unless that is known or it was released; whether it is so by this call. With `tell` whoever
  /// wants to know is told before this returns.
  bool lose(LostReason reason, bool tell);
  /// Tells of a loss that was found by releasing.
  void tell(LostReason reason) const noexcept;
  /// Waits while another thread tells of the loss.
  void wait_until_told() const noexcept;

 private:
  enum State : std::uint32_t { held, released, gone, taken, unreachable, kind_mask = 7, telling = 8 };

  const Terms terms_;
  const std::uint64_t generation_ = base::fork_generation();
  std::atomic<base::Clock::rep> valid_until_;
  std::atomic<std::uint32_t> revision_{0};
  mutable std::atomic<std::uint32_t> state_{held};
};

}  // namespace rediscache::cache
