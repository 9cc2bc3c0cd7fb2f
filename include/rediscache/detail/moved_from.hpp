// The error of an object that was moved from.
#pragma once

#include <rediscache/export.hpp>

namespace rediscache::detail {

/// InvalidArgument that names the class.
[[noreturn]] REDISCACHE_API void throw_moved_from(const char* type);

/// What a handle of class `type` owns; InvalidArgument when the handle was moved from.
template <class Owner>
[[nodiscard]] auto& owned_by(const Owner& owner, const char* type) {
  if (!owner) [[unlikely]] {
    throw_moved_from(type);
  }
  return *owner;
}

}  // namespace rediscache::detail
