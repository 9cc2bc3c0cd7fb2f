// The circuit breaker of a client: while a server is down, calls fail in microseconds instead of each waiting
// out a timeout.
//
//   rediscache::RedisCache cache{{.ignore_exceptions = true, .breaker = {.failures = 5}}};
//   if (cache.statistics().client.breaker != rediscache::BreakerState::closed) { ... }
#pragma once

#include <cstdint>
#include <string_view>

#include <rediscache/export.hpp>
#include <rediscache/milliseconds.hpp>

namespace rediscache {

/// When a client stops asking a server that does not answer, and how it finds out that it is back.
///
/// What counts as a failure: a connection that cannot be made (refused, no route, no answer, turned away),
/// and a call that waited out its deadline. Any answer of the server, an error reply too, sets the count
/// back. While it is open, one call after each pause goes to the server as a probe; the first connection that
/// is made closes it.
///
/// Thread safety: a value.
struct BreakerOptions {
  /// So many failures in a row open it. 0: it never opens.
  int failures = 3;
  /// How long no call is sent after it opened; doubled with each probe that fails. What is waited is a random
  /// time between half of it and all of it, so that many clients do not come back together.
  Milliseconds first_pause{500};
  /// No pause is longer; so a server that is back is noticed that soon.
  Milliseconds longest_pause{1000};
};

/// Whether calls are let through to a server.
enum class BreakerState : std::uint8_t {
  closed,     ///< they are
  open,       ///< they fail at once: the server did not answer
  half_open,  ///< one of them is finding out whether it does again; the others fail at once
};

/// "closed", "open", "half-open".
[[nodiscard]] REDISCACHE_API std::string_view to_string(BreakerState state) noexcept;

}  // namespace rediscache
