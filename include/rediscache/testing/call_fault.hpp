// What can go wrong with the calls of a cache.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include <rediscache/export.hpp>
#include <rediscache/milliseconds.hpp>

namespace rediscache::testing {

/// The calls that a cache makes. `add` is a set, `get_or_set` a get and perhaps a set and another get, `ttl`
/// a pttl, `decr` an incr, `pexpire` and both `expire_at` an expire.
enum class CacheCall : std::uint8_t {
  set,
  get,
  get_many,
  set_many,
  del,
  delete_many,
  delete_pattern,
  clear,
  touch,
  incr,
  has_key,
  persist,
  expire,
  incr_version,
  keys,
  iter_keys,
  pttl,
};

/// "set", "get", ...: the spelling above.
[[nodiscard]] REDISCACHE_API std::string_view to_string(CacheCall call) noexcept;

/// What happens to one call.
struct CallFault {
  enum class Kind : std::uint8_t {
    connection_error,      ///< throws ConnectionError
    timeout_error,         ///< throws TimeoutError
    authentication_error,  ///< throws AuthenticationError
    tls_error,             ///< throws TlsError
    response_error,        ///< throws ResponseError, "OOM ..."
    omit,                  ///< returns what a cache with `ignore_exceptions` does when the server is away
    miss,                  ///< get, get_many, has_key, pttl find nothing; other calls are left alone
    slow,                  ///< nothing but the latency
  };

  Kind kind = Kind::connection_error;
  /// The call takes so much longer.
  Microseconds latency{0};
  /// The call is made first, and only its result is lost: `maybe_executed()` is true then, and rightly so.
  bool executed = false;
};

/// Which calls have a fault.
struct CallRule {
  CallFault fault{};
  /// The chance of each call that the rule is for, 0 to 1.
  double rate = 1;
  /// The rule is for these; empty: for all.
  std::vector<CacheCall> calls{};
  /// The rule is gone after so many faults.
  std::uint64_t times = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace rediscache::testing
