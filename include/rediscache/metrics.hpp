// What a cache counts.
#pragma once

#include <cstdint>
#include <string>

#include <rediscache/client.hpp>

namespace rediscache {

/// A snapshot of a cache's counters since it was made.
struct Statistics {
  std::uint64_t omitted = 0;        ///< failures swallowed by `ignore_exceptions`
  std::uint64_t misconfigured = 0;  ///< those of them that no retry can mend: wrong password, wrong type, ...
  std::string last_misconfigured{};  ///< the newest of these, "Redis AuthenticationError: ..."
  ClientStatistics client{};
};

}  // namespace rediscache
