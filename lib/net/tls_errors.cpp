#include "net/tls_errors.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/text.hpp"
#include "net/tls_certificate.hpp"

namespace rediscache::net {
namespace {

/// What alerts that refuse a certificate say of it.
constexpr std::array<std::pair<int, std::string_view>, 8> certificate_refusals{{
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "it is damaged or was not accepted"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "it is of a kind that the server does not take"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "it was revoked"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "it has expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the server gives no reason"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "the server does not know the CA that signed it"},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, "it gives no access here"},
    {SSL_R_TLSV1_ALERT_DECRYPT_ERROR, "its signature does not hold"},
}};

std::string_view certificate_refusal(int reason) noexcept {
  for (const auto& [alert, why] : certificate_refusals) {
    if (alert == reason) {
      return why;
    }
  }
  return {};
}

std::string_view version_text(TlsVersion version) noexcept {
  constexpr std::array<std::string_view, 4> names{"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};
  return names.at(static_cast<std::size_t>(version));
}

std::string trusted_by(const TlsOptions& options) {
  if (options.ca_file.empty() && options.ca_directory.empty()) {
    return "the system's CAs";
  }
  std::string out;
  if (!options.ca_file.empty()) {
    out = "those in " + base::quoted(options.ca_file);
  }
  if (!options.ca_directory.empty()) {
    out += (out.empty() ? "those in " : " and ") + base::quoted(options.ca_directory);
  }
  return out;
}

std::string unknown_ca(const X509& certificate, bool self_signed, const TlsOptions& options) {
  std::string out = "the server's certificate is not trusted: ";
  out += self_signed ? subject_of(certificate) + " is signed by itself"
                     : subject_of(certificate) + " was issued by " + issuer_of(certificate);
  out += ", which is not among " + trusted_by(options) +
         ". Give the CA's certificate by Options::tls.ca_file (ssl_ca_certs in a URL)";
  if (!options.ca_directory.empty()) {
    out += "; a directory must have been prepared with \"openssl rehash\"";
  }
  return out;
}

std::string our_certificate(const TlsOptions& options) {
  return "our client certificate, from " + base::quoted(options.certificate_file);
}

std::string no_client_certificate() {
  return "the server wants a client certificate and none is set: give Options::tls.certificate_file and "
         "key_file (ssl_certfile and ssl_keyfile in a URL)";
}

std::string too_old(const TlsOptions& options) {
  return "the server does not speak " + std::string{version_text(options.minimum_version)} +
         (options.minimum_version == TlsVersion::tls_1_3 ? "" : " or newer") +
         ", the oldest that Options::tls.minimum_version (ssl_min_version in a URL) takes; see the server's "
         "tls-protocols";
}

std::string no_common_cipher() {
  return "the server has no cipher in common with us: see Options::tls.ciphers (ssl_ciphers in a URL; for "
         "TLS 1.3 Options::tls.ciphersuites) and the server's tls-ciphers and tls-ciphersuites";
}

bool is_plain_text(int first_byte) noexcept {
  constexpr int first_record_type = 0x14;
  constexpr int last_record_type = 0x17;
  return first_byte >= 0 && (first_byte < first_record_type || first_byte > last_record_type);
}

std::string explain(unsigned long error, const TlsStory& story, const TlsOptions& options) {
  if (!story.certificate_problem.empty()) {
    return story.certificate_problem;
  }
  if (is_plain_text(story.first_byte)) {
    return "the server answered in plain text: use redis:// for this port, or the port on which it speaks "
           "TLS";
  }
  const int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
  const bool without_certificate = story.certificate_requested && options.certificate_file.empty();
  switch (reason) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return no_client_certificate();
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      return without_certificate ? no_client_certificate() : no_common_cipher();
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_NO_CIPHERS_AVAILABLE:
      return no_common_cipher();
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
      return too_old(options);
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
      return "the server has no certificate for " + base::quoted(story.name) +
             ", the name asked for by SNI: see Options::tls.server_name";
    default:
      break;
  }
  if (const std::string_view refusal = certificate_refusal(reason); !refusal.empty()) {
    return without_certificate ? no_client_certificate()
                               : "the server refused " + our_certificate(options) + ": " +
                                     std::string{refusal} + ". See the server's tls-ca-cert-file";
  }
  return "TLS: " + openssl_text(error);
}

}  // namespace

Failure tls_failure(std::string message) {
  return {.code = ErrorCode::tls, .message = std::move(message), .server = {}, .command = {}};
}

std::string certificate_problem(int error, const x509_st* certificate, const std::string& name,
                                const TlsOptions& options) {
  if (certificate == nullptr) {
    return "the server gave no certificate that could be checked";
  }
  const std::string whose = "the server's certificate (" + subject_of(*certificate) + ") ";
  switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return unknown_ca(*certificate, true, options);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return unknown_ca(*certificate, false, options);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return whose + "expired on " + end_of(*certificate) +
             ". Renew it on the server, unless the clock here is wrong";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return whose + "is not valid before " + begin_of(*certificate) + ". Is the clock here wrong?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the server's certificate is for " + names_of(*certificate) + ", not for " + base::quoted(name) +
             ". Use a host that it is for, in the URL or as Options::tls.server_name; "
             "Options::tls.check_hostname = false (ssl_check_hostname=false in a URL) leaves the host "
             "unchecked";
    default:
      return whose + "was not accepted: " + X509_verify_cert_error_string(error);
  }
}

Failure handshake_failure(unsigned long error, const TlsStory& story, const TlsOptions& options) {
  return tls_failure(explain(error, story, options));
}

bool is_verdict(unsigned long error) noexcept {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) {
    return false;
  }
  const int reason = ERR_GET_REASON(error);
  return reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED || reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE ||
         reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || !certificate_refusal(reason).empty();
}

std::string openssl_text(unsigned long error) {
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason != nullptr ? reason : "error " + std::to_string(error) + " of OpenSSL";
}

}  // namespace rediscache::net
