// Where the messages of a cache go.
#pragma once

#include <utility>

#include <rediscache/options.hpp>

#include "base/log.hpp"

namespace rediscache::config {

[[nodiscard]] inline base::Logger logger_of(const Options& options) {
  Defaults fallback = defaults();
  return {options.logger.value_or(std::move(fallback.logger)),
          options.log_sink ? options.log_sink : std::move(fallback.log_sink)};
}
/// For what belongs to no cache.
[[nodiscard]] inline base::Logger default_logger() {
  return logger_of({});
}

}  // namespace rediscache::config
