// Calls made in a pipeline.
#pragma once

#include <string>

#include <rediscache/rediscache.hpp>

#include "model/operation.hpp"

namespace rediscache::test {

/// Makes the calls of `operation` in one pipeline; what each of them gave or threw.
[[nodiscard]] std::string run_pipeline(RedisCache& cache, const Operation& operation);

}  // namespace rediscache::test
