// The version of these headers.
#pragma once

#include <string_view>

#include <rediscache/export.hpp>

#define REDISCACHE_VERSION_MAJOR 0
#define REDISCACHE_VERSION_MINOR 1
#define REDISCACHE_VERSION_PATCH 0

namespace rediscache {

/// The version of the compiled library, "0.1.0".
[[nodiscard]] REDISCACHE_API std::string_view version() noexcept;

}  // namespace rediscache
