// What a cache counts.
#pragma once

#include <cstdint>
#include <string>

#include <rediscache/client.hpp>

namespace rediscache {

/// What the locks of a cache have done so far, its semaphores and shared locks included.
struct LockStatistics {
  std::uint64_t acquired = 0;
  std::uint64_t contended = 0;  ///< times that acquiring had to wait, or was refused, for it was held
  std::uint64_t timed_out = 0;  ///< times that waiting was in vain
  std::uint64_t released = 0;
  std::uint64_t renewed = 0;
  std::uint64_t renewals_failed = 0;  ///< the server could not be reached; tried again while there is time
  std::uint64_t lost = 0;             ///< found to be lost while they were held
  std::uint64_t woken = 0;            ///< times that a waiter tried because it heard of a release
  std::uint64_t polls = 0;            ///< times that a waiter tried because it had heard nothing for a while
};

/// A snapshot of a cache's counters since it was made.
struct Statistics {
  std::uint64_t omitted = 0;        ///< failures swallowed by `ignore_exceptions`
  std::uint64_t misconfigured = 0;  ///< those of them that no retry can mend: wrong password, wrong type, ...
  std::string last_misconfigured{};  ///< the newest of these, "Redis AuthenticationError: ..."
  std::uint64_t unreadable = 0;  ///< entries that did not read, and counted as missing by `on_decode_error`
  ClientStatistics client{};
  LockStatistics locks{};
};

}  // namespace rediscache
