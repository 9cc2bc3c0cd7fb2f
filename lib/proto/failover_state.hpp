// Whether the server behind a name is the one that takes writes, and when to look for another one.
#pragma once

#include <chrono>
#include <cstdint>

namespace rediscache::proto {

/// A server that answers READONLY or MASTERDOWN is not the one to ask. From then on calls that need another
/// one wait, while one of them at a time makes an attempt: it resolves the name anew, connects and sends its
/// command there. Attempts are limited in rate: the first may follow at once, the next after 500 ms, and the
/// pause doubles up to 10 s while the same addresses answer.
///
/// Connections carry the generation in which they were opened. An attempt begins a new generation; when its
/// command is accepted, older connections lead to the wrong server and are closed as soon as nothing is under
/// way on them.
///
/// Does not look at the clock: every function that needs the time is given it. Not thread-safe.
class FailoverState {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Generation = std::uint32_t;

  static constexpr std::chrono::milliseconds first_pause{500};
  static constexpr std::chrono::milliseconds longest_pause{10'000};
  /// After so long an operator is told.
  static constexpr std::chrono::milliseconds report_after{10'000};

  enum class Turn : std::uint8_t {
    usual,    ///< nothing is known against the server: send as ever
    attempt,  ///< over a new connection; accepted(), refused_again() or undecided() must follow
    wait,     ///< until next_attempt(), or until the attempt under way has ended
  };

  /// What a call that needs the right server may do now.
  [[nodiscard]] Turn ask(Time now) noexcept;

  /// A call was told that this is the wrong server, over a connection of that generation. Ignored when that
  /// connection is known to lead to the wrong server already. True when this is news.
  bool refused(Generation generation, Time now) noexcept;

  /// The attempt's command was accepted.
  void accepted() noexcept;
  /// The attempt was told the same. `other_address`: by an address that had not said so before, so that the
  /// answer to the look-up is not the same one.
  void refused_again(bool other_address) noexcept;
  /// The attempt ended without an answer.
  void undecided() noexcept;

  /// True while no server that accepts writes is known.
  [[nodiscard]] bool suspect() const noexcept { return suspect_; }
  [[nodiscard]] bool attempt_under_way() const noexcept { return attempting_; }
  [[nodiscard]] Time next_attempt() const noexcept { return next_attempt_; }
  [[nodiscard]] Time suspect_since() const noexcept { return since_; }
  /// True once, when it is time to tell an operator.
  [[nodiscard]] bool report_due(Time now) noexcept;
  [[nodiscard]] bool reported() const noexcept { return reported_; }

  /// Of a connection that is opened now.
  [[nodiscard]] Generation generation() const noexcept { return generation_; }
  /// Connections of an older generation take no more calls.
  [[nodiscard]] Generation oldest_usable() const noexcept { return oldest_usable_; }

 private:
  Generation generation_ = 0;
  Generation oldest_usable_ = 0;
  bool suspect_ = false;
  bool attempting_ = false;
  bool reported_ = false;
  Time since_{};
  Time last_attempt_{};
  Time next_attempt_{};
  std::chrono::milliseconds pause_{first_pause};
};

}  // namespace rediscache::proto
