// Files in PEM with which a server speaks TLS on 127.0.0.1.
#pragma once

#include "server.hpp"
#include "support/certificates.hpp"

namespace bench {

/// A CA and a certificate from it, made anew. The files live as long as the object.
class TlsFiles {
 public:
  TlsFiles();

  [[nodiscard]] const ServerTls& for_server() const noexcept { return server_; }

 private:
  rediscache::test::PemFiles files_;
  ServerTls server_;
};

}  // namespace bench
