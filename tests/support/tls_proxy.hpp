// A TLS server that can be looked into, and that misbehaves on request: what clients say it passes on to a
// plain server, and the answers back.
//
//   ScriptedServer plain{Transport::local, {Script{}.expect_command().send("+OK\r\n")}};
//   TlsProxy server{{.certificate = authority.issue({})}, plain.address()};
//   RedisCache cache{{.location = {server.url()}, ...}};
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/certificates.hpp"
#include "support/socket.hpp"

struct ssl_ctx_st;

namespace rediscache::test {

/// Thread safety: all functions may be called from any thread.
class TlsProxy {
 public:
  static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);

  struct Settings {
    Certificate certificate{};
    bool only_tls_1_2 = false;
    std::string ciphers{};  ///< of TLS 1.2
    /// So many bytes are sent of the handshake, and so many after it; then nothing more.
    std::size_t handshake_bytes = unlimited;
    std::size_t bytes = unlimited;
    bool says_farewell = false;  ///< sends close_notify when the plain server closes
  };

  TlsProxy(Settings settings, Address plain);
  TlsProxy(const TlsProxy&) = delete;
  TlsProxy& operator=(const TlsProxy&) = delete;
  ~TlsProxy();

  [[nodiscard]] std::string url(const std::string& host = "localhost") const;
  [[nodiscard]] const Address& address() const noexcept { return address_; }

  /// One finished handshake.
  struct Handshake {
    std::string server_name{};  ///< asked for by SNI; empty: none
    bool resumed = false;
  };
  [[nodiscard]] std::vector<Handshake> handshakes() const;

 private:
  class Connection;

  void accept_all();

  struct FreeContext {
    void operator()(ssl_ctx_st* context) const noexcept;
  };

  Settings settings_;
  Address plain_;
  Address address_;
  std::unique_ptr<ssl_ctx_st, FreeContext> context_;
  Descriptor listening_;
  Descriptor stopped_;  // eventfd, readable once set
  mutable std::mutex mutex_;
  std::vector<Handshake> handshakes_;
  std::thread thread_;
};

}  // namespace rediscache::test
