// Every call of a RedisCache, as the fault matrix makes it: once, on a key of its own, with what it must give
// when it is omitted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rediscache/rediscache.hpp>

namespace rediscache::test {

struct Operation {
  /// Makes the call. True when its result is the one documented as omitted.
  using Omitted = bool (*)(RedisCache& cache, Lock& held);

  std::string_view name;
  Omitted omitted;
  int calls = 1;               ///< how often it asks the server at most, each time with a deadline of its own
  bool always_throws = false;  ///< even with ignore_exceptions
};

/// Whether twice is not once: such a call never goes out on a connection that may be dead, so when nothing
/// reached the server its error must say that nothing was executed.
[[nodiscard]] bool is_once_only(std::string_view name) noexcept;

/// The keys that the calls are about, each with a value that the call is at home with.
void prepare(RedisCache& cache);

[[nodiscard]] const std::vector<Operation>& every_operation();

}  // namespace rediscache::test
