// How the calls of one view of a cache are made.
#pragma once

#include <chrono>
#include <optional>

namespace rediscache::detail {

struct CallMode {
  bool strict = false;  ///< failures are never ignored
  /// The deadline of each call; nothing: the cache's `call_timeout`.
  std::optional<std::chrono::milliseconds> within{};

  [[nodiscard]] CallMode strictly() const noexcept { return {true, within}; }
};

}  // namespace rediscache::detail
