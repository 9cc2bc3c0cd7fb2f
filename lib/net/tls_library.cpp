#include "net/tls_library.hpp"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "net/tls_errors.hpp"

namespace rediscache::net {

void start_tls_library() noexcept {
  static_cast<void>(OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr));
}

// It answers 0 once it was stopped, whatever it is asked for, and begins nothing when asked for nothing.
bool tls_library_works() noexcept {
  return OPENSSL_init_crypto(0, nullptr) == 1;
}

Failure tls_library_is_over() {
  return tls_failure(
      "OpenSSL has been shut down, as it is while the process exits. To call a cache over TLS later than "
      "that, make the "
      "cache before anything else uses OpenSSL");
}

}  // namespace rediscache::net
