#include "tls_files.hpp"

namespace bench {

TlsFiles::TlsFiles() {
  const rediscache::test::Authority authority{"rediscache-bench CA"};
  const rediscache::test::Certificate server = authority.issue({});
  server_ = {.certificate_file = files_.write("server.pem", server.certificate),
             .key_file = files_.write("server.key", server.key),
             .ca_file = files_.write("ca.pem", authority.certificate())};
}

}  // namespace bench
