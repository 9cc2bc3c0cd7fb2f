// Backends by name.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/backend.hpp>

#include "config/entry.hpp"

namespace rediscache::config {

/// Makes a cache of what was read, whenever it is needed.
using CacheMaker = std::function<std::shared_ptr<Cache>()>;

/// What a name of BACKEND stands for.
struct Backend {
  /// Reads and shows what is the backend's own, and tells how to make the cache.
  std::function<CacheMaker(Draft& draft)> read;
  bool needs_redis = false;
};

/// Our name of a backend that Python or we name so; every other name as it is.
[[nodiscard]] std::string_view short_backend(std::string_view name) noexcept;
/// By our name. Empty functions when there is none.
[[nodiscard]] Backend backend(std::string_view name);
/// All names, Python's too.
[[nodiscard]] std::vector<std::string> backend_names();

}  // namespace rediscache::config
