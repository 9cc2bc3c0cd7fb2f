// What OpenSSL's errors become.
#include "net/tls_errors.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace rediscache::test {
namespace {

using net::TlsStory;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

unsigned long ssl_error(int reason) {
  return ERR_PACK(ERR_LIB_SSL, 0, reason);
}

std::string text_of(int reason, const TlsStory& story = {}, const TlsOptions& options = {}) {
  const Failure failure = net::handshake_failure(ssl_error(reason), story, options);
  EXPECT_EQ(failure.code, ErrorCode::tls);
  EXPECT_TRUE(failure.misconfigured());
  EXPECT_THAT(failure.message, Not(HasSubstr("(null)")));
  return failure.message;
}

class TlsErrorsTest : public ::testing::Test {
 protected:
  // As whoever met one of these has done.
  static void SetUpTestSuite() { OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr); }
};

const TlsStory asked_for_ours{.name = {}, .certificate_problem = {}, .certificate_requested = true};
const TlsOptions with_ours{.certificate_file = "/our.pem"};

TEST_F(TlsErrorsTest, SayWhatIsWrongAndWhichOptionDecides) {
  const std::vector<std::pair<int, std::vector<std::string>>> rows{
      {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
       {"wants a client certificate", "Options::tls.certificate_file"}},
      {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
       {"no cipher in common", "Options::tls.ciphers", "tls-ciphersuites"}},
      {SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, {"no cipher in common"}},
      {SSL_R_NO_CIPHERS_AVAILABLE, {"no cipher in common"}},
      {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
       {"does not speak TLS 1.2 or newer", "Options::tls.minimum_version"}},
      {SSL_R_UNSUPPORTED_PROTOCOL, {"does not speak TLS 1.2 or newer", "ssl_min_version", "tls-protocols"}},
      {SSL_R_TLSV1_UNRECOGNIZED_NAME, {"SNI", "Options::tls.server_name"}},
      {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, {"TLS: decryption failed or bad record mac"}},
  };
  for (const auto& [reason, parts] : rows) {
    for (const std::string& part : parts) {
      EXPECT_THAT(text_of(reason), HasSubstr(part));
    }
  }
  EXPECT_THAT(text_of(SSL_R_UNSUPPORTED_PROTOCOL, {}, {.minimum_version = TlsVersion::tls_1_3}),
              HasSubstr("does not speak TLS 1.3, the oldest"));
}

TEST_F(TlsErrorsTest, TellAMissingClientCertificateFromARefusedOne) {
  // TLS 1.2 has one alert for everything.
  EXPECT_THAT(text_of(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, asked_for_ours), HasSubstr("none is set"));
  EXPECT_THAT(text_of(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, asked_for_ours, with_ours),
              HasSubstr("no cipher in common"));
  for (const int reason : {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
                           SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
                           SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, SSL_R_TLSV1_ALERT_UNKNOWN_CA,
                           SSL_R_TLSV1_ALERT_ACCESS_DENIED, SSL_R_TLSV1_ALERT_DECRYPT_ERROR}) {
    EXPECT_THAT(text_of(reason, asked_for_ours, with_ours),
                AllOf(HasSubstr("refused our client certificate, from \"/our.pem\": "),
                      HasSubstr("tls-ca-cert-file")));
    EXPECT_THAT(text_of(reason, asked_for_ours), HasSubstr("none is set"));
    EXPECT_TRUE(net::is_verdict(ssl_error(reason)));
  }
}

TEST_F(TlsErrorsTest, KnowPlainTextByItsFirstByte) {
  for (const char first : {'-', '+', '$', 'H', '\0'}) {
    EXPECT_THAT(
        text_of(SSL_R_WRONG_VERSION_NUMBER, {.name = {}, .certificate_problem = {}, .first_byte = first}),
        AllOf(HasSubstr("answered in plain text"), HasSubstr("redis://")));
  }
  for (const int first : {-1, 0x14, 0x15, 0x16, 0x17}) {
    EXPECT_THAT(
        text_of(SSL_R_WRONG_VERSION_NUMBER, {.name = {}, .certificate_problem = {}, .first_byte = first}),
        HasSubstr("TLS: wrong version number"));
  }
}

TEST_F(TlsErrorsTest, PreferWhatWasSeenOfTheCertificate) {
  EXPECT_EQ(text_of(SSL_R_CERTIFICATE_VERIFY_FAILED, {.name = {}, .certificate_problem = "it is green"}),
            "it is green");
  EXPECT_THAT(net::certificate_problem(X509_V_ERR_CERT_HAS_EXPIRED, nullptr, "h", {}),
              HasSubstr("no certificate"));
}

TEST_F(TlsErrorsTest, BehindTheHandshakeAreVerdictsOrAccidents) {
  EXPECT_TRUE(net::is_verdict(ssl_error(SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED)));
  EXPECT_FALSE(net::is_verdict(ssl_error(SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC)));
  EXPECT_FALSE(net::is_verdict(ERR_PACK(ERR_LIB_EVP, 0, SSL_R_TLSV1_ALERT_UNKNOWN_CA)));
  EXPECT_FALSE(net::is_verdict(0));
}

TEST_F(TlsErrorsTest, WithoutWordsHaveANumber) {
  EXPECT_EQ(net::openssl_text(0), "error 0 of OpenSSL");
  EXPECT_THAT(net::openssl_text(ERR_PACK(ERR_LIB_USER, 0, 999)), HasSubstr(" of OpenSSL"));
}

}  // namespace
}  // namespace rediscache::test
