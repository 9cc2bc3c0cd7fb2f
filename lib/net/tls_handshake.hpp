// How a TLS connection begins.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <poll.h>

#include <rediscache/error.hpp>
#include <rediscache/tls.hpp>

#include "base/deadline.hpp"
#include "base/result.hpp"
#include "net/tls_context.hpp"
#include "net/tls_errors.hpp"
#include "net/tls_setup.hpp"
#include "net/tls_wire.hpp"

struct ssl_st;

namespace rediscache::net {

struct TlsDeleter {
  void operator()(ssl_st* ssl) const noexcept;
};

/// OpenSSL's connection and what its callbacks need: they find it through the connection, so that it never
/// moves.
struct TlsConnection {
  TlsConnection(TlsOptions its_options, int fd) : options{std::move(its_options)} { wire.fd = fd; }
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;
  ~TlsConnection() = default;

  TlsOptions options;
  TlsWire wire;
  TlsStory story;
  std::string peer;  // whom sessions are kept for
  std::shared_ptr<TlsSetup> setup;
  std::unique_ptr<ssl_st, TlsDeleter> ssl;
  short wanted = POLLIN;  // what the last call that would block waits for
  std::optional<Failure> failure;
};

/// Sets the connection up. What is wrong with certificates, versions or ciphers is a TlsError, here and
/// below; what is wrong with the network is not.
[[nodiscard]] std::optional<Failure> begin_handshake(TlsConnection& connection, TlsContext& context,
                                                     const std::string& host, std::uint16_t port);
/// Goes on as far as it can without waiting: what to poll() for, 0 when the handshake is over.
[[nodiscard]] base::Result<short> handshake_step(TlsConnection& connection);
/// All steps that are left.
[[nodiscard]] std::optional<Failure> shake_hands(TlsConnection& connection, base::Deadline deadline);

/// Keeps a session that the server offers, for the next connection: OpenSSL's callback for new sessions.
int keep_session(ssl_st* ssl, ssl_session_st* session) noexcept;

/// What OpenSSL's `error`, met behind the handshake, means.
[[nodiscard]] Failure failure_of(unsigned long error, const TlsConnection& connection);

}  // namespace rediscache::net
