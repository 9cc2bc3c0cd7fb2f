// Something that is held: known to who acquired it and to who renews it.
#pragma once

#include <algorithm>
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

/// Made before the server is asked, so that nothing can fail once the server has granted it. Held from
/// grant(), until it is released or found to be lost, whichever is first. Thread-safe.
class Holding {
 public:
  struct Terms {
    std::shared_ptr<Core> core{};
    std::shared_ptr<const HoldScripts> scripts{};
    std::string name{};
    std::string token{};
    std::optional<std::chrono::milliseconds> timeout{};
    bool renew = true;
    LockLost on_lost{};
  };

  explicit Holding(Terms terms)
      : terms_{std::move(terms)}, lost_{.name = terms_.on_lost ? terms_.name : std::string{}} {}
  /// The server granted it, once. `took` is how long the server's answer took.
  void grant(std::uint64_t fencing_token, base::Clock::time_point valid_until,
             base::Clock::duration took) noexcept {
    fencing_token_ = fencing_token;
    set_valid_until(valid_until);
    note_answer(took);
    state_.store(held);
  }

  [[nodiscard]] const Terms& terms() const noexcept { return terms_; }
  /// Once it is granted.
  [[nodiscard]] std::uint64_t fencing_token() const noexcept { return fencing_token_; }
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

  /// How long the server takes to answer for it; a long time is remembered for a while.
  [[nodiscard]] base::Clock::duration answer_time() const noexcept {
    return base::Clock::duration{answer_time_.load()};
  }
  void note_answer(base::Clock::duration took) noexcept {
    answer_time_.store(std::max(took.count(), answer_time_.load() * 3 / 4));
  }

  /// True for who may release it: once, and not when it is lost.
  [[nodiscard]] bool begin_release() noexcept;
  /// It is lost, unless that is known or it was released; whether it is so by this call. With `tell` whoever
  /// wants to know is told before this returns.
  bool lose(LostReason reason, bool tell);
  /// Tells of a loss that was found by releasing.
  void tell(LostReason reason) noexcept;
  /// Waits while another thread tells of the loss.
  void wait_until_told() const noexcept;

 private:
  enum State : std::uint32_t {
    held,
    released,
    gone,
    taken,
    unreachable,
    asked_for,  // not granted yet
    kind_mask = 7,
    telling = 8
  };

  const Terms terms_;
  LostLock lost_;  // what is told, made while there was memory for it
  const std::uint64_t generation_ = base::fork_generation();
  std::uint64_t fencing_token_ = 0;  // written before the state says that it is held
  std::atomic<base::Clock::rep> valid_until_{base::Clock::time_point::min().time_since_epoch().count()};
  std::atomic<base::Clock::rep> answer_time_{0};
  std::atomic<std::uint32_t> revision_{0};
  mutable std::atomic<std::uint32_t> state_{asked_for};
};

}  // namespace rediscache::cache
