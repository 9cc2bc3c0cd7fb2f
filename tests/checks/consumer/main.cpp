// A program of somebody who installed the library.
#include <string>

#include <rediscache/rediscache.hpp>

int main() {
  const std::string headers = std::to_string(REDISCACHE_VERSION_MAJOR) + "." +
                              std::to_string(REDISCACHE_VERSION_MINOR) + "." +
                              std::to_string(REDISCACHE_VERSION_PATCH);
  const rediscache::RedisCache cache{{.key_prefix = "shop"}};
  return rediscache::version() == headers && cache.make_key("k") == "shop:1:k" ? 0 : 1;
}
