// How long one try of a call may take.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/deadline.hpp"

namespace rediscache::net {

/// What the options say about it.
struct TryLimits {
  std::chrono::milliseconds socket_timeout{2000};  ///< for one try
  std::chrono::milliseconds call_timeout{2000};    ///< what a call has by default
};

/// The time of one try: at most socket_timeout, and at most half of what is left of the call while another
/// try is possible. Connecting and waiting for a connection have limits of their own, so that the try begins
/// when there is a connection.
class TryTime {
 public:
  enum class Next : bool { none, possible };

  /// A try that may take all that is left.
  TryTime(base::Deadline call) noexcept : call_{call} {}
  TryTime(base::Deadline call, const TryLimits& limits, Next next) noexcept
      : call_{call}, limits_{&limits}, halves_{next == Next::possible} {}

  [[nodiscard]] base::Deadline of_call() const noexcept { return call_; }
  /// A connection of its own, for a call that a shared one did not answer: that may lead nowhere any more.
  [[nodiscard]] TryTime apart() const noexcept {
    TryTime copy = *this;
    copy.is_apart_ = true;
    return copy;
  }
  [[nodiscard]] bool is_apart() const noexcept { return is_apart_; }
  /// The end of a try that begins now.
  [[nodiscard]] base::Deadline of_try() const noexcept {
    if (limits_ == nullptr) {
      return call_;
    }
    // The coarse clock is behind: what it says is left is a little too much, never too little.
    const auto left = base::saturating_subtract(call_.at(), base::coarse_now());
    const auto share = halves_ && left > base::Clock::duration::zero() ? left / 2 : left;
    return share > limits_->socket_timeout ? call_.earlier(base::Deadline::in(limits_->socket_timeout))
                                           : base::Deadline{call_.at() - (left - share)};
  }
  /// The same for a request with a connection of its own: a call that was given more time than call_timeout
  /// is not held to socket_timeout.
  [[nodiscard]] base::Deadline of_own_connection() const noexcept {
    return limits_ == nullptr || call_.leaves(limits_->call_timeout) ? call_ : of_try();
  }

 private:
  base::Deadline call_;
  const TryLimits* limits_ = nullptr;
  bool halves_ = false;
  bool is_apart_ = false;
};

}  // namespace rediscache::net
