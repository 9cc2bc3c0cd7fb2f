// What client and server must agree on, and what is said when they do not.
#include <string>
#include <vector>

#include "integration/tls_test.hpp"
#include "support/scripted_server.hpp"
#include "support/tls_proxy.hpp"

namespace rediscache::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TlsHandshakeTest : public TlsTest {
 protected:
  static void SetUpTestSuite() {
    TlsTest::SetUpTestSuite();
    keep("client", authority().issue({.common_name = "client", .names = ""}));
  }
  [[nodiscard]] static RedisServer::Tls strict(const std::string& protocols = "") {
    RedisServer::Tls tls = tls_of("server");
    tls.auth_clients = "yes";
    tls.protocols = protocols;
    return tls;
  }
  [[nodiscard]] static Options with_certificate(const std::string& url, const std::string& name) {
    Options options = options_for(url);
    options.tls.certificate_file = path(name + ".pem");
    options.tls.key_file = path(name + ".key");
    return options;
  }
  template <class E>
  [[nodiscard]] static std::string failure(const Options& options) {
    RedisCache cache{options};
    const auto error = thrown_by<E>([&] { (void)cache.get<std::string>("k"); });
    return error ? error->what() : "";
  }
};

const std::vector<std::string> protocols{"TLSv1.2", "TLSv1.3"};

TEST_F(TlsHandshakeTest, WithAClientCertificateSatisfiesAServerThatWantsOne) {
  for (const std::string& protocol : protocols) {
    const auto server = serve(strict(protocol));
    RedisCache by_options{with_certificate(server->tls_url(), "client")};
    expect_works(by_options);
    RedisCache by_url{options_for(server->tls_url() + "?ssl_certfile=" + path("client.pem") +
                                  "&ssl_keyfile=" + path("client.key"))};
    expect_works(by_url);
  }
}

TEST_F(TlsHandshakeTest, WithoutTheClientCertificateThatIsWantedSaysSo) {
  for (const std::string& protocol : protocols) {
    const auto server = serve(strict(protocol));
    for (int i = 0; i < 10; ++i) {  // the server's word and its closing race with our sending
      EXPECT_THAT(refusal(options_for(server->tls_url())),
                  AllOf(HasSubstr("the server wants a client certificate and none is set"),
                        HasSubstr("Options::tls.certificate_file"), HasSubstr("ssl_certfile")))
          << protocol;
    }
  }
}

TEST_F(TlsHandshakeTest, WithAClientCertificateOfAnotherCaSaysThatItWasRefused) {
  keep("stranger", Authority{"Other CA"}.issue({.common_name = "stranger", .names = ""}));
  for (const std::string& protocol : protocols) {
    const auto server = serve(strict(protocol));
    for (int i = 0; i < 10; ++i) {
      EXPECT_THAT(
          refusal(with_certificate(server->tls_url(), "stranger")),
          AllOf(HasSubstr("the server refused our client certificate, from \"" + path("stranger.pem")),
                HasSubstr("does not know the CA"), HasSubstr("tls-ca-cert-file")))
          << protocol;
    }
  }
}

TEST_F(TlsHandshakeTest, WithAnExpiredClientCertificateSaysThatItWasRefused) {
  keep("late", authority().issue({.names = "", .end = std::chrono::hours{-1}}));
  const auto server = serve(strict());
  EXPECT_THAT(refusal(with_certificate(server->tls_url(), "late")),
              AllOf(HasSubstr("refused our client certificate"), HasSubstr("expired")));
}

TEST_F(TlsHandshakeTest, WhereCertificatesAreOptionalNeedsNone) {
  RedisServer::Tls tls = tls_of("server");
  tls.auth_clients = "optional";
  const auto server = serve(tls);
  RedisCache without{options_for(server->tls_url())};
  expect_works(without);
  RedisCache with{with_certificate(server->tls_url(), "client")};
  expect_works(with);
}

TEST_F(TlsHandshakeTest, WithAServerThatIsTooOldNamesTheOption) {
  RedisServer::Tls tls = tls_of("server");
  tls.protocols = "TLSv1.2";
  const auto server = serve(tls);
  Options options = options_for(server->tls_url());
  options.tls.minimum_version = TlsVersion::tls_1_3;
  const auto too_old = AllOf(HasSubstr("the server does not speak TLS 1.3,"), HasSubstr("minimum_version"),
                             HasSubstr("ssl_min_version"), HasSubstr("tls-protocols"));
  EXPECT_THAT(refusal(options), too_old);
  EXPECT_THAT(refusal(options_for(server->tls_url() + "?ssl_min_version=TLSv1.3")), too_old);
  RedisCache content{options_for(server->tls_url())};
  expect_works(content);
}

TEST_F(TlsHandshakeTest, WithoutACommonCipherNamesTheOptions) {
  const ScriptedServer plain{Transport::local, {Script{}}};
  const TlsProxy server{{.certificate = authority().issue({}),
                         .only_tls_1_2 = true,
                         .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"},
                        plain.address()};
  Options options = options_for(server.url());
  options.tls.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  EXPECT_THAT(refusal(options), AllOf(HasSubstr("no cipher in common"), HasSubstr("Options::tls.ciphers"),
                                      HasSubstr("ssl_ciphers"), HasSubstr("tls-ciphers")));
  options.tls.ciphers = "DEFAULT";
  options.tls.ciphersuites = "TLS_AES_256_GCM_SHA384";
  options.connect_timeout = std::chrono::seconds{20};
  const auto redis = serve("server");
  options.location = {redis->tls_url()};
  RedisCache cache{options};
  expect_works(cache);
}

TEST_F(TlsHandshakeTest, WithCiphersNobodyHasNamesTheOption) {
  const auto server = serve("server");
  Options options = options_for(server->tls_url());
  options.tls.ciphers = "NONSENSE";
  EXPECT_THAT(refusal(options), HasSubstr("Options::tls.ciphers is \"NONSENSE\" (ssl_ciphers in a URL)"));
  options.tls.ciphers.clear();
  options.tls.ciphersuites = "NONSENSE";
  EXPECT_THAT(refusal(options), HasSubstr("Options::tls.ciphersuites is \"NONSENSE\""));
}

TEST_F(TlsHandshakeTest, WithAServerThatAnswersInPlainTextSaysSo) {
  const ScriptedServer server{
      Transport::tcp,
      {Script{}.expect_bytes(5).send("-ERR Protocol error: unbalanced quotes in request\r\n").close()}};
  EXPECT_THAT(refusal(options_for("rediss://" + to_string(server.address()))),
              AllOf(HasSubstr("the server answered in plain text"), HasSubstr("use redis://")));
}

TEST_F(TlsHandshakeTest, WithAPlainServerThatIsSilentEndsInTimeWithAHint) {
  const auto server = serve("server");
  Options options = options_for(server->tcp_url());
  options.location = {"rediss://127.0.0.1:" + std::to_string(server->tcp_address().port)};
  options.connect_timeout = std::chrono::milliseconds{150};
  EXPECT_THAT(failure<ConnectionInterrupted>(options), HasSubstr("use redis://"));
}

TEST_F(TlsHandshakeTest, WithAServerThatClosesIsNoTlsError) {
  const ScriptedServer server{Transport::tcp, {Script{}.expect_bytes(5).close()}};
  EXPECT_THAT(failure<ConnectionError>(options_for("rediss://" + to_string(server.address()))),
              HasSubstr("TLS handshake"));
  const ScriptedServer resetting{Transport::tcp, {Script{}.expect_bytes(5).reset()}};
  EXPECT_THAT(failure<ConnectionError>(options_for("rediss://" + to_string(resetting.address()))),
              HasSubstr("TLS handshake"));
}

TEST_F(TlsHandshakeTest, ThatAPlainClientForgoesIsWhatItIsAdvised) {
  const auto server = serve("server");
  Options options = patient_options("redis://127.0.0.1:" + std::to_string(server->tls_address().port));
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(failure<ConnectionInterrupted>(options), HasSubstr("use rediss://"));
  }
  const ScriptedServer alerting{
      Transport::tcp, {Script{}.expect_bytes(5).send(std::string{"\x15\x03\x01\x00\x02\x02\x46", 7})}};
  EXPECT_THAT(failure<TlsError>(patient_options(alerting.url())),
              HasSubstr("this looks like a TLS port, use rediss://"));
}

TEST_F(TlsHandshakeTest, ThatSettingsForgoIsWhatTheyAreAdvised) {
  const auto server = serve("server");
  Caches registry;
  registry.configure(
      Settings::from_json(R"({"default": {"BACKEND": "redis", "LOCATION": "redis://127.0.0.1:)" +
                          std::to_string(server->tls_address().port) + "\"}}"));
  const auto error = thrown_by<ConnectionInterrupted>([&] { (void)registry["default"].get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("use rediss://"));
}

TEST_F(TlsHandshakeTest, ThatFailsByMisconfigurationIsNotTriedAgain) {
  const ScriptedServer server{Transport::tcp, {Script{}.expect_bytes(5).send("-ERR no\r\n").close()}};
  Options options = options_for("rediss://" + to_string(server.address()));
  options.max_retries = 5;
  EXPECT_THAT(refusal(options), HasSubstr("plain text"));
  EXPECT_EQ(server.connection_count(), 1);
}

TEST_F(TlsHandshakeTest, AsksForTheHostByNameButNotByAddress) {
  const ScriptedServer plain{Transport::local, {Script{}.expect_command().send("$1\r\nv\r\n")}};
  const TlsProxy server{
      {.certificate = authority().issue({.names = "DNS:localhost,DNS:a.example,IP:127.0.0.1"})},
      plain.address()};
  const auto asked_for = [&](const Options& options) {
    RedisCache cache{options};
    EXPECT_EQ(cache.get<std::string>("k"), "v");
    return server.handshakes().back().server_name;
  };
  EXPECT_EQ(asked_for(options_for(server.url("localhost"))), "localhost");
  EXPECT_EQ(asked_for(options_for(server.url("127.0.0.1"))), "");
  Options named = options_for(server.url("127.0.0.1"));
  named.tls.server_name = "a.example";
  EXPECT_EQ(asked_for(named), "a.example");
}

TEST_F(TlsHandshakeTest, IsShortenedByTheSessionBefore) {
  for (const bool only_tls_1_2 : {false, true}) {
    const ScriptedServer plain{Transport::local,
                               {Script{}.expect_command().send("$1\r\nv\r\n").expect_command().close()}};
    const TlsProxy server{{.certificate = authority().issue({}), .only_tls_1_2 = only_tls_1_2},
                          plain.address()};
    Options options = options_for(server.url());
    options.max_retries = 2;
    RedisCache cache{options};
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(cache.get<std::string>("k"), "v");
      EXPECT_THROW((void)cache.execute("PUBLISH", "c", "m"), ConnectionError) << "and the connection is gone";
    }
    const auto handshakes = server.handshakes();
    ASSERT_GE(handshakes.size(), 4U);
    EXPECT_FALSE(handshakes[0].resumed);
    for (std::size_t i = 1; i < handshakes.size(); ++i) {
      EXPECT_TRUE(handshakes[i].resumed) << i << " of TLS 1." << (only_tls_1_2 ? 2 : 3);
    }
    RedisCache other{options};
    EXPECT_EQ(other.get<std::string>("k"), "v");
    EXPECT_FALSE(server.handshakes().back().resumed) << "sessions are the cache's own";
  }
}

}  // namespace
}  // namespace rediscache::test
