#include <rediscache/version.hpp>

#define REDISCACHE_TEXT(number) REDISCACHE_TEXT_OF(number)
#define REDISCACHE_TEXT_OF(number) #number

namespace rediscache {

std::string_view version() noexcept {
  return REDISCACHE_TEXT(REDISCACHE_VERSION_MAJOR) "." REDISCACHE_TEXT(
      REDISCACHE_VERSION_MINOR) "." REDISCACHE_TEXT(REDISCACHE_VERSION_PATCH);
}

}  // namespace rediscache
