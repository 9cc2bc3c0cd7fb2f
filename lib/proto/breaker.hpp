// Whether it makes sense to ask a server at all.
#pragma once

#include <chrono>
#include <cstdint>

#include <rediscache/breaker.hpp>

namespace rediscache::proto {

/// A circuit breaker. Closed, it lets every call pass. So many failures in a row open it: then calls are
/// refused, and only after a pause one of them may try, half-open. When that fails the next pause is longer.
///
/// Does not look at the clock: every function that needs the time is given it. Not thread-safe.
class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Verdict : std::uint8_t {
    pass,    ///< go on
    probe,   ///< go on, over a new connection; connected(), failed() or undecided() must follow
    refuse,  ///< do not
  };

  explicit Breaker(const BreakerOptions& options) noexcept : options_{options} {}

  /// What a call that begins now may do.
  [[nodiscard]] Verdict ask(Time now) noexcept;

  /// The server answered a call.
  void answered() noexcept {
    state_ = BreakerState::closed;
    failures_ = pauses_ = 0;
  }
  /// A connection was made: the server is there. Whether it answers calls remains to be seen, so the next
  /// failure opens an open breaker again.
  void connected() noexcept;
  /// The server could not be reached, or did not answer. `random` is in [0, 1): it spreads the pauses of many
  /// clients over half of their length. True when this opened a closed breaker.
  bool failed(Time now, double random) noexcept;
  /// The probe ended without a word about the server.
  void undecided(Time now) noexcept;

  [[nodiscard]] BreakerState state() const noexcept { return state_; }
  [[nodiscard]] int failures() const noexcept { return failures_; }
  /// When the next probe may go; only meaningful while open.
  [[nodiscard]] Time next_probe() const noexcept { return next_probe_; }

 private:
  void open(Time now, double random) noexcept;

  BreakerOptions options_;
  BreakerState state_ = BreakerState::closed;
  int failures_ = 0;
  int pauses_ = 0;  // since it was last closed
  Time next_probe_{};
};

}  // namespace rediscache::proto
