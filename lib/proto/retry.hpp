// Whether and when a call is sent again.
#pragma once

#include <chrono>
#include <optional>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>

namespace rediscache::proto {

struct RetryPolicy {
  int max_retries = 2;
  std::chrono::milliseconds first_delay{8};  ///< doubled with every further retry
  std::chrono::milliseconds longest_delay{512};
};

/// Whether a call of this kind may be sent again after this failure.
///
/// Reads and idempotent writes may always be; an accumulating write only when it was certainly not executed.
/// What a call has brought upon itself comes again. A failed attempt to connect is not repeated: a server
/// that is down is told at once, not after some waiting.
[[nodiscard]] bool may_retry(CommandKind kind, const Failure& failure) noexcept;

/// How long to wait before retry number `retry` (from 0), or nothing when there have been enough. A lost
/// connection is replaced at once the first time; everything else waits a random share of a growing delay, so
/// that many clients do not come back together. `random` is in [0, 1).
[[nodiscard]] std::optional<std::chrono::microseconds> retry_delay(const RetryPolicy& policy, int retry,
                                                                   const Failure& failure,
                                                                   double random) noexcept;

/// Whether a call may wait for a server that is still starting: nothing of it was executed, and nobody said
/// that the settings are wrong.
[[nodiscard]] bool may_wait_for_start(const Failure& failure) noexcept;

/// How long to wait for such a server before try number `retry` (from 0) is repeated: always something.
[[nodiscard]] std::chrono::microseconds startup_delay(const RetryPolicy& policy, int retry,
                                                      double random) noexcept;

}  // namespace rediscache::proto
