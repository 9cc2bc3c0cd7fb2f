#include "testing/shaper.hpp"

#include <algorithm>
#include <utility>

#include "base/times.hpp"

namespace rediscache::testing {

void Shaper::set(const FlowFault& fault) noexcept {
  fault_ = fault;
  seen_ = 0;
  latest_ = {};
  free_ = {};
}

Shaper::Time Shaper::due(Time now) noexcept {
  const auto spread =
      static_cast<std::uint64_t>(std::max<std::chrono::microseconds::rep>(fault_.jitter.count(), 0));
  const std::chrono::microseconds extra{spread == 0 ? 0 : dice_.below(spread + 1)};
  const auto late = base::saturating_add(fault_.delay, extra);
  if (late.count() > 0) {
    ++delayed_;
  }
  latest_ = std::max(latest_, base::saturating_add(now, late));
  return latest_;
}

void Shaper::corrupt(std::string& bytes) {
  const auto flip = [&](std::size_t at) {
    bytes[at] = static_cast<char>(~static_cast<unsigned char>(bytes[at]));
    ++corrupted_;
  };
  if (fault_.corrupt_at && *fault_.corrupt_at >= seen_ && *fault_.corrupt_at - seen_ < bytes.size()) {
    flip(static_cast<std::size_t>(*fault_.corrupt_at - seen_));
  }
  for (std::size_t at = 0; fault_.corrupt_rate > 0 && at < bytes.size(); ++at) {
    if (dice_.share() < fault_.corrupt_rate) {
      flip(at);
    }
  }
}

void Shaper::send(std::string bytes, Time now, std::deque<Piece>& out) {
  if (fault_.bytes_per_second == 0) {
    const Time when = due(now);
    out.push_back({.due = when, .bytes = std::move(bytes)});
    return;
  }
  // In pieces of a hundredth of a second, so that bytes trickle rather than come all at the end.
  const std::size_t largest = std::max<std::size_t>(1, fault_.bytes_per_second / 100);
  for (std::size_t at = 0; at < bytes.size(); at += largest) {
    std::string part = bytes.substr(at, largest);
    const std::chrono::duration<double> takes{static_cast<double>(part.size()) /
                                              static_cast<double>(fault_.bytes_per_second)};
    free_ = base::saturating_add(std::max(free_, now), takes);
    const Time when = due(free_);
    out.push_back({.due = when, .bytes = std::move(part)});
  }
}

void Shaper::shape(std::string_view bytes, Time now, std::deque<Piece>& out) {
  if (swallows_) {
    has_lost_ = true;
    return;
  }
  std::string all{bytes};
  if (fault_.duplicate_rate > 0 && dice_.share() < fault_.duplicate_rate) {
    all += bytes;
    ++duplicated_;
  }
  corrupt(all);
  const std::uint64_t first = std::exchange(seen_, seen_ + all.size());
  if (!fault_.break_at || *fault_.break_at >= seen_) {
    send(std::move(all), now, out);
    return;
  }
  const auto before = static_cast<std::size_t>(*fault_.break_at > first ? *fault_.break_at - first : 0);
  if (before > 0) {
    send(all.substr(0, before), now, out);
  }
  fault_.break_at.reset();  // it breaks once
  const Time when = due(now);
  out.push_back({.due = when, .breaks = fault_.breaks});
  if (fault_.breaks == Break::stall) {
    send(all.substr(before), now, out);
  } else {
    swallows_ = true;
    has_lost_ = true;
  }
}

void Shaper::end(Time now, std::deque<Piece>& out) {
  const Time when = due(now);
  out.push_back({.due = when, .ends = true});
}

}  // namespace rediscache::testing
