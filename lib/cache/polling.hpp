// How long a waiter sleeps before it looks by itself.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "base/deadline.hpp"
#include "cache/operations/holds.hpp"

namespace rediscache::cache {

/// What decides on it.
struct Polling {
  std::chrono::milliseconds sleep{100};  ///< the caller's
  std::string last_holder{};             ///< at the try before

  /// After a try that was in vain, `random` in [0, 1). Who is told of releases looks only when a message may
  /// be missing: when the holder's life is over, and every two seconds or so. A holder that was there already
  /// at the last try has had its life renewed: it is not looked at more often than once a second.
  [[nodiscard]] base::Clock::duration wait(const Attempt& attempt, bool is_told, double random) {
    using std::chrono::milliseconds;
    const bool same = attempt.holder == last_holder;
    last_holder = attempt.holder;
    if (attempt.omitted || !is_told || !attempt.holder.starts_with(own_form)) {
      return base::saturating_ceil<base::Clock::duration>(sleep * (0.75 + 0.5 * random));
    }
    const auto seldom =
        milliseconds{1500} + std::chrono::duration_cast<milliseconds>(milliseconds{1000} * random);
    if (!attempt.left) {
      return seldom;
    }
    const auto over = std::min(*attempt.left, seldom) + milliseconds{1};
    return std::min(seldom, same ? std::max(over, milliseconds{1000}) : over);
  }
};

}  // namespace rediscache::cache
