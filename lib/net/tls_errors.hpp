// Why TLS failed, in words that say what was presented, what was expected, and which option decides.
#pragma once

#include <string>

#include <rediscache/error.hpp>
#include <rediscache/tls.hpp>

struct x509_st;

namespace rediscache::net {

/// What is known of a connection when its TLS fails.
struct TlsStory {
  std::string name;                    ///< the name or address that the certificate must be for
  std::string certificate_problem;     ///< what is wrong with the server's certificate
  bool certificate_requested = false;  ///< the server asked for ours
  int first_byte = -1;                 ///< the first that the server sent
};

[[nodiscard]] Failure tls_failure(std::string message);

/// What is wrong with the server's certificate, by what OpenSSL calls it (X509_V_ERR_...).
[[nodiscard]] std::string certificate_problem(int error, const x509_st* certificate, const std::string& name,
                                              const TlsOptions& options);

/// The failure that OpenSSL's `error` (of ERR_peek_error()) stands for, during the handshake or, for what the
/// server has to say about it, at the first read behind it.
[[nodiscard]] Failure handshake_failure(unsigned long error, const TlsStory& story,
                                        const TlsOptions& options);

/// Whether `error` is the server's verdict on our certificate or our protocol, which with TLS 1.3 comes
/// after the handshake.
[[nodiscard]] bool is_verdict(unsigned long error) noexcept;

/// "certificate verify failed" for an error of OpenSSL, or a number when it has no words.
[[nodiscard]] std::string openssl_text(unsigned long error);

}  // namespace rediscache::net
