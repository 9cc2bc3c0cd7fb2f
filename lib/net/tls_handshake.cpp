#include "net/tls_handshake.hpp"

#include <array>
#include <exception>
#include <utility>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/text.hpp"
#include "net/readiness.hpp"
#include "net/tls_gate.hpp"
#include "net/tls_library.hpp"
#include "net/tls_stream.hpp"

namespace rediscache::net {
namespace {

TlsConnection& connection_of(const SSL* ssl) noexcept {
  return *static_cast<TlsConnection*>(SSL_get_app_data(ssl));
}

/// Writes down what is wrong with the server's certificate while it is at hand.
int on_verified(int ok, X509_STORE_CTX* store) noexcept {
  if (ok == 1) {
    return ok;
  }
  const auto* const ssl =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  TlsConnection& connection = connection_of(ssl);
  try {
    connection.story.certificate_problem =
        certificate_problem(X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_current_cert(store),
                            connection.story.name, connection.options);
  } catch (const std::exception&) {  // no memory for words: OpenSSL's own must do
  }
  return ok;
}

int on_certificate_requested(SSL* ssl, void* /*unused*/) noexcept {
  connection_of(ssl).story.certificate_requested = true;
  return 1;
}

bool is_address(const std::string& host) noexcept {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

/// The host without what is for resolvers only: the dot of the root, the zone of an address.
std::string name_to_verify(const std::string& host) {
  std::string name = host.substr(0, host.find(':') == std::string::npos ? host.size() : host.find('%'));
  if (name.size() > 1 && name.ends_with('.')) {
    name.pop_back();
  }
  return name;
}

bool expect_name(SSL* ssl, const std::string& name, bool check) {
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl);
  if (name.find('\0') != std::string::npos) {
    return false;
  }
  if (is_address(name)) {
    return !check || X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1;
  }
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // What SSL_set_tlsext_host_name() stands for, which casts as C does. It only reads the name.
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(name.c_str())) == 1 &&
         (!check || X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size()) == 1);
}

std::optional<Failure> prepare(TlsConnection& connection) {
  const auto pass = TlsGate::of_process().pass();
  connection.ssl.reset(SSL_new(connection.setup->context.get()));
  SSL* const ssl = connection.ssl.get();
  BIO* const bio = ssl == nullptr ? nullptr : make_bio(connection.wire);
  if (bio == nullptr) {
    return tls_failure("TLS cannot start: " + openssl_text(ERR_peek_last_error()));
  }
  SSL_set_bio(ssl, bio, bio);
  SSL_set_app_data(ssl, &connection);
  const TlsOptions& options = connection.options;
  const bool verify = options.certificate_check != CertificateCheck::none;
  SSL_set_verify(ssl, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, verify ? on_verified : nullptr);
  SSL_set_cert_cb(ssl, on_certificate_requested, nullptr);
  if (!expect_name(ssl, connection.story.name, verify && options.check_hostname)) {
    return tls_failure("no certificate can be for the host " + base::quoted(connection.story.name) +
                       "; see Options::tls.server_name");
  }
  if (const TlsSession session = connection.setup->sessions.take(connection.peer)) {
    SSL_set_session(ssl, session.get());
  }
  return std::nullopt;
}

Failure network_failure(ErrorCode code, std::string message) {
  return {.code = code, .message = std::move(message), .server = {}, .command = {}};
}

}  // namespace

base::Result<short> handshake_step(TlsConnection& connection) {
  const auto pass = TlsGate::of_process().pass();
  ERR_clear_error();
  const int returned = SSL_do_handshake(connection.ssl.get());
  if (returned == 1) {
    return short{0};
  }
  connection.story.first_byte = connection.wire.first_byte;
  switch (SSL_get_error(connection.ssl.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return connection.wanted = POLLIN;
    case SSL_ERROR_WANT_WRITE:
      return connection.wanted = POLLOUT;
    case SSL_ERROR_SSL:
      return handshake_failure(ERR_peek_error(), connection.story, connection.options);
    default:
      return network_failure(
          ErrorCode::connection,
          connection.wire.error == 0
              ? "the server closed the connection during the TLS handshake. Does it speak TLS on this "
                "port? If not, use redis://"
              : "the TLS handshake: " + std::generic_category().message(connection.wire.error));
  }
}

void TlsDeleter::operator()(ssl_st* ssl) const noexcept {
  const auto pass = TlsGate::of_process().pass();
  if (!tls_library_works()) {
    return;
  }
  // Nothing is sent, and yet the session may be resumed: OpenSSL takes one without a farewell for spoilt.
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl);
}

int keep_session(ssl_st* ssl, ssl_session_st* session) noexcept {
  const TlsConnection& connection = connection_of(ssl);
  TlsSession kept{session};
  try {
    connection.setup->sessions.add(connection.peer, std::move(kept));
  } catch (const std::exception&) {  // no memory: then the next connection begins from the start
  }
  return 1;
}

std::optional<Failure> begin_handshake(TlsConnection& connection, TlsContext& context,
                                       const std::string& host, std::uint16_t port) {
  auto setup = context.setup();
  if (!setup) {
    return std::move(setup.failure());
  }
  connection.setup = std::move(setup.value());
  connection.story.name =
      name_to_verify(connection.options.server_name.empty() ? host : connection.options.server_name);
  connection.peer = host + ":" + std::to_string(port);
  if (auto failure = prepare(connection)) {
    return failure;
  }
  SSL_set_connect_state(connection.ssl.get());
  return std::nullopt;
}

std::optional<Failure> shake_hands(TlsConnection& connection, base::Deadline deadline) {
  while (true) {
    auto wanted = handshake_step(connection);
    if (!wanted) {
      return std::move(wanted.failure());
    }
    if (wanted.value() == 0) {
      return std::nullopt;
    }
    if (deadline.passed() || !wait_for(connection.wire.fd, wanted.value(), deadline)) {
      return tls_timeout();
    }
  }
}

Failure failure_of(unsigned long error, const TlsConnection& connection) {
  if (is_verdict(error)) {
    return handshake_failure(error, connection.story, connection.options);
  }
  return network_failure(ErrorCode::connection, "the TLS connection broke: " + openssl_text(error));
}

}  // namespace rediscache::net
