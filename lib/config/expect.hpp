// Refusing options that cannot be used.
#pragma once

#include <rediscache/error.hpp>

namespace rediscache::config {

inline void expect(bool condition, const char* message) {
  if (!condition) {
    throw InvalidOptions{message};
  }
}

}  // namespace rediscache::config
