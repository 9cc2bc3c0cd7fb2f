// A program that calls caches while threads and the process end: at_exit SCENE URL [CA-FILE].
#include <cstdio>
#include <string>

#include "lifetime/scenes.hpp"

#ifdef LIFETIME_WITH_OPENSSL
#include <openssl/ssl.h>
#endif

namespace {

// Runs before the library's own initialization where that is linked statically.
// NOLINTNEXTLINE(cert-err58-cpp)
const bool logged_before_main = [] {
  rediscache::RedisCache cache{rediscache::lifetime::options_to_nobody()};
  return !cache.get<int>("before main()") && !rediscache::caches.get_or_dummy("missing").get<int>("k");
}();

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    return 2;
  }
  const std::string scene = arguments[1];
  const rediscache::lifetime::Given given{.url = arguments[2], .ca_file = count > 3 ? arguments[3] : ""};
  rediscache::lifetime::tell("a call before main()", logged_before_main);
#ifdef LIFETIME_WITH_OPENSSL
  if (scene.starts_with("own_")) {  // a program that uses OpenSSL itself, before any cache that does
    OPENSSL_init_ssl(0, nullptr);
    return rediscache::lifetime::run(scene.substr(4), given) ? 0 : 2;
  }
#endif
  return rediscache::lifetime::run(scene, given) ? 0 : 2;
}
