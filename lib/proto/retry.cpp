#include "proto/retry.hpp"

#include <algorithm>

#include "base/times.hpp"
#include "proto/error_reply.hpp"

namespace rediscache::proto {
namespace {

/// A random share of a delay that doubles with every retry ("full jitter").
std::chrono::microseconds backoff(const RetryPolicy& policy, int retry, double random) noexcept {
  const auto delay = base::doubled(policy.first_delay, retry, policy.longest_delay);
  return base::saturating_ceil<std::chrono::microseconds>(delay * random);
}

}  // namespace

bool may_retry(CommandKind kind, const Failure& failure) noexcept {
  if (kind == CommandKind::never_again || failure.caused_by_call) {
    return false;
  }
  if (failure.code == ErrorCode::response) {
    return says_not_now(failure.message);
  }
  // A call may end without its connection: then only the try took too long.
  const bool was_on_the_way =
      (failure.connection_lost && failure.code == ErrorCode::connection) ||
      (failure.code == ErrorCode::timeout && (failure.connection_lost || failure.maybe_executed));
  return was_on_the_way && (!failure.maybe_executed || kind != CommandKind::accumulating_write);
}

std::optional<std::chrono::microseconds> retry_delay(const RetryPolicy& policy, int retry,
                                                     const Failure& failure, double random) noexcept {
  using std::chrono::microseconds;
  if (retry >= policy.max_retries) {
    return std::nullopt;
  }
  if (retry == 0 && failure.connection_lost) {
    return microseconds{0};
  }
  return backoff(policy, retry, random);
}

bool may_wait_for_start(const Failure& failure) noexcept {
  if (failure.caused_by_call) {
    return false;
  }
  if (failure.code == ErrorCode::response) {
    return says_not_now(failure.message);
  }
  return !failure.maybe_executed &&
         (failure.code == ErrorCode::connection || failure.code == ErrorCode::timeout);
}

std::chrono::microseconds startup_delay(const RetryPolicy& policy, int retry, double random) noexcept {
  return std::max(std::chrono::microseconds{policy.first_delay}, backoff(policy, retry, random));
}

}  // namespace rediscache::proto
