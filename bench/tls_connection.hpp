// The peer over TLS. The hiredis of Debian 12 has no TLS, so this does by hand what later ones do: OpenSSL on
// a blocking socket, hiredis' formatter for commands and its reader for replies.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include <openssl/ssl.h>

#include "connection.hpp"

namespace bench {

/// Verifies the server's certificate, and that it is for 127.0.0.1, as ours does.
class TlsConnection {
 public:
  explicit TlsConnection(const Endpoint& endpoint);
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;
  ~TlsConnection();

  template <std::size_t N>
  [[nodiscard]] Reply command(const std::array<std::string_view, N>& arguments) {
    Plain<N> plain{arguments};
    return exchange(int{N}, plain.pointers.data(), plain.lengths.data());
  }

  /// For who sends and receives by hand.
  [[nodiscard]] int fd() const noexcept { return socket_.fd; }
  [[nodiscard]] SSL* tls() const noexcept { return tls_.get(); }

 private:
  struct FreeTls {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    void operator()(SSL* tls) const noexcept { SSL_free(tls); }
  };
  struct FreeReader {
    void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
  };
  /// Closes itself.
  struct Socket {
    explicit Socket(int port);
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket();
    int fd;
  };

  [[nodiscard]] Reply exchange(int count, const char** arguments, const std::size_t* lengths);
  [[nodiscard]] Reply read();

  Socket socket_;
  std::unique_ptr<SSL_CTX, FreeTls> context_;
  std::unique_ptr<SSL, FreeTls> tls_;
  std::unique_ptr<redisReader, FreeReader> reader_;
};

}  // namespace bench
