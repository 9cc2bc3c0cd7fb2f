#include "proto/breaker.hpp"

#include <algorithm>
#include <array>

#include "base/times.hpp"

namespace rediscache {

std::string_view to_string(BreakerState state) noexcept {
  constexpr std::array<std::string_view, 3> names{"closed", "open", "half-open"};
  return names.at(static_cast<std::size_t>(state));
}

namespace proto {

Breaker::Verdict Breaker::ask(Time now) noexcept {
  if (state_ == BreakerState::closed) {
    return Verdict::pass;
  }
  if (state_ == BreakerState::half_open || now < next_probe_) {
    return Verdict::refuse;
  }
  state_ = BreakerState::half_open;
  return Verdict::probe;
}

void Breaker::connected() noexcept {
  state_ = BreakerState::closed;
  failures_ = std::min(failures_, std::max(options_.failures - 1, 0));
}

bool Breaker::failed(Time now, double random) noexcept {
  failures_ = std::min(failures_ + 1, std::max(options_.failures, 1));
  switch (state_) {
    case BreakerState::closed:
      if (options_.failures == 0 || failures_ < options_.failures) {
        return false;
      }
      // One that was closed by a mere connection and not by an answer goes on where it was.
      open(now, random);
      return true;
    case BreakerState::half_open:
      open(now, random);
      return false;
    case BreakerState::open:
      break;  // a call that had begun before
  }
  return false;
}

void Breaker::undecided(Time now) noexcept {
  if (state_ == BreakerState::half_open) {
    state_ = BreakerState::open;
    next_probe_ = now;
  }
}

void Breaker::open(Time now, double random) noexcept {
  state_ = BreakerState::open;
  const std::chrono::milliseconds longest =
      base::doubled(options_.first_pause, pauses_, options_.longest_pause);
  ++pauses_;
  next_probe_ = base::saturating_add(now, longest * (0.5 + random / 2));
}

}  // namespace proto
}  // namespace rediscache
