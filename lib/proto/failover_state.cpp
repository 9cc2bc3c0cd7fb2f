#include "proto/failover_state.hpp"

#include <algorithm>

namespace rediscache::proto {

FailoverState::Turn FailoverState::ask(Time now) noexcept {
  if (!suspect_) {
    return Turn::usual;
  }
  if (attempting_ || now < next_attempt_) {
    return Turn::wait;
  }
  attempting_ = true;
  ++generation_;
  last_attempt_ = now;
  next_attempt_ = now + pause_;
  return Turn::attempt;
}

bool FailoverState::refused(Generation generation, Time now) noexcept {
  if (suspect_ || generation < oldest_usable_) {
    return false;
  }
  suspect_ = true;
  reported_ = false;
  since_ = now;
  pause_ = first_pause;
  // Also when the last one had just succeeded: a pair of servers may disagree for long.
  next_attempt_ = last_attempt_ == Time{} ? now : std::max(now, last_attempt_ + first_pause);
  return true;
}

void FailoverState::accepted() noexcept {
  attempting_ = suspect_ = false;
  oldest_usable_ = generation_;
}

void FailoverState::refused_again(bool other_address) noexcept {
  attempting_ = false;
  if (other_address) {
    pause_ = first_pause;
  }
  next_attempt_ = last_attempt_ + pause_;
  pause_ = std::min(pause_ * 2, longest_pause);
}

void FailoverState::undecided() noexcept {
  attempting_ = false;
}

bool FailoverState::report_due(Time now) noexcept {
  const bool due = suspect_ && !reported_ && now - since_ >= report_after;
  reported_ = reported_ || due;
  return due;
}

}  // namespace rediscache::proto
