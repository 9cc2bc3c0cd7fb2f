// Calls of any cache.
#pragma once

#include <chrono>
#include <string>

#include <rediscache/rediscache.hpp>

#include "model/operation.hpp"

namespace rediscache::test {

/// Makes a call that is neither a pipeline nor time that passes; what it returned. Throws what it threw.
/// `now` is what the cache's clock shows.
[[nodiscard]] std::string call_of(Cache& cache, const Operation& operation,
                                  std::chrono::system_clock::time_point now);

}  // namespace rediscache::test
