// Whom a cache trusts, and what it says of those it does not.
#include "integration/tls_test.hpp"

namespace rediscache::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TlsCertificateTest : public TlsTest {};

TEST_F(TlsCertificateTest, OfATrustedServerIsTakenForEachOfItsNames) {
  const auto server = serve("server");
  for (const std::string host : {"localhost", "127.0.0.1", "LOCALHOST"}) {
    RedisCache cache{options_for(server->tls_url(host))};
    expect_works(cache);
  }
}

TEST_F(TlsCertificateTest, IsCheckedAgainstAnIpv6AddressToo) {
  RedisServer server{{.config = {"bind 127.0.0.1 ::1"}, .tls = tls_of("server")}};
  RedisCache cache{options_for(server.tls_url("[::1]"))};
  expect_works(cache);
}

TEST_F(TlsCertificateTest, OfAnUnknownCaIsRefused) {
  const Authority other{"Other CA"};
  keep("other", other.issue({.common_name = "impostor"}));
  const auto server = serve("other");
  EXPECT_THAT(refusal(options_for(server->tls_url())),
              AllOf(HasSubstr("Redis TlsError: "), HasSubstr("CN=impostor was issued by CN=Other CA"),
                    HasSubstr(path("ca.pem")), HasSubstr("Options::tls.ca_file (ssl_ca_certs"),
                    HasSubstr("localhost:")));
  Options by_system = options_for(server->tls_url());
  by_system.tls.ca_file.clear();
  EXPECT_THAT(refusal(by_system), HasSubstr("not among the system's CAs"));
}

TEST_F(TlsCertificateTest, SignedByItselfIsRefusedUnlessGiven) {
  keep("self", Authority::self_signed({.common_name = "loner"}));
  const auto server = serve("self");
  EXPECT_THAT(refusal(options_for(server->tls_url())), HasSubstr("CN=loner is signed by itself"));
  Options trusting = options_for(server->tls_url());
  trusting.tls.ca_file = path("self.pem");
  RedisCache cache{trusting};
  expect_works(cache);
}

TEST_F(TlsCertificateTest, GivenItselfIsTrustedWithoutItsCa) {
  const auto server = serve("server");
  Options trusting = options_for(server->tls_url());
  trusting.tls.ca_file = path("server.pem");
  RedisCache cache{trusting};
  expect_works(cache);
}

TEST_F(TlsCertificateTest, OfAnotherHostIsRefusedAndSaysWhoseItIs) {
  keep("elsewhere", authority().issue({.names = "DNS:cache.example,DNS:*.shop.example,IP:192.0.2.7"}));
  const auto server = serve("elsewhere");
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    EXPECT_THAT(
        refusal(options_for(server->tls_url(host))),
        AllOf(HasSubstr("is for \"cache.example\", \"*.shop.example\", 192.0.2.7, not for \"" + host + "\""),
              HasSubstr("Options::tls.server_name"), HasSubstr("ssl_check_hostname=false")));
  }
  for (const std::string name : {"cache.example", "a.shop.example", "192.0.2.7", "cache.example."}) {
    Options named = options_for(server->tls_url());
    named.tls.server_name = name;
    RedisCache cache{named};
    expect_works(cache);
  }
  Options other_name = options_for(server->tls_url());
  other_name.tls.server_name = "shop.example";
  EXPECT_THAT(refusal(other_name), HasSubstr("not for \"shop.example\""));
}

TEST_F(TlsCertificateTest, WithoutNamesIsForItsCommonName) {
  keep("common", authority().issue({.common_name = "old.example", .names = ""}));
  const auto server = serve("common");
  EXPECT_THAT(refusal(options_for(server->tls_url())), HasSubstr("is for \"old.example\", not for"));
  Options named = options_for(server->tls_url());
  named.tls.server_name = "old.example";
  RedisCache cache{named};
  expect_works(cache);
}

TEST_F(TlsCertificateTest, OfWhateverHostIsTakenWhenTheHostIsNotChecked) {
  keep("elsewhere", authority().issue({.names = "DNS:cache.example"}));
  const auto server = serve("elsewhere");
  Options unchecked = options_for(server->tls_url());
  unchecked.tls.check_hostname = false;
  RedisCache by_option{unchecked};
  expect_works(by_option);
  RedisCache by_url{options_for(server->tls_url() + "?ssl_check_hostname=false")};
  expect_works(by_url);
  Options distrustful = unchecked;
  distrustful.tls.ca_file.clear();
  EXPECT_THAT(refusal(distrustful), HasSubstr("not trusted"));
}

TEST_F(TlsCertificateTest, WhateverItIsIsTakenWhenNothingIsChecked) {
  keep("odd", Authority::self_signed({.names = "DNS:cache.example", .end = std::chrono::hours{-1}}));
  const auto server = serve("odd");
  RedisCache by_url{patient_options(server->tls_url() + "?ssl_cert_reqs=none")};
  expect_works(by_url);
  EXPECT_THAT(refusal(patient_options(server->tls_url() + "?ssl_cert_reqs=optional")),
              HasSubstr("certificate"))
      << "a client always gets one, so that optional is required";
}

TEST_F(TlsCertificateTest, ThatExpiredIsRefusedWithItsDate) {
  keep("late", authority().issue({.end = std::chrono::hours{-1}}));
  const auto server = serve("late");
  EXPECT_THAT(refusal(options_for(server->tls_url())),
              AllOf(HasSubstr("(CN=cache) expired on "), HasSubstr("GMT"), HasSubstr("clock")));
}

TEST_F(TlsCertificateTest, ThatIsNotYetValidIsRefusedWithItsDate) {
  keep("early", authority().issue({.begin = std::chrono::hours{1}}));
  const auto server = serve("early");
  EXPECT_THAT(refusal(options_for(server->tls_url())),
              AllOf(HasSubstr("(CN=cache) is not valid before "), HasSubstr("GMT"), HasSubstr("clock")));
}

TEST_F(TlsCertificateTest, OfADirectoryOfCasIsTrusted) {
  const auto server = serve("server");
  Options options = options_for(server->tls_url());
  options.tls.ca_file.clear();
  options.tls.ca_directory = files().ca_directory("cas", authority().certificate());
  RedisCache cache{options};
  expect_works(cache);
  options.tls.ca_directory = files().ca_directory("others", Authority{"Other CA"}.certificate());
  EXPECT_THAT(refusal(options),
              AllOf(HasSubstr("not among those in \"" + path("others")), HasSubstr("openssl rehash")));
}

TEST_F(TlsCertificateTest, IsNoMatterOfChanceForAHostThatCannotBeOne) {
  const auto server = serve("server");
  Options options = options_for(server->tls_url());
  options.tls.server_name = std::string{"localhost\0.example", 18};
  EXPECT_THAT(refusal(options), HasSubstr("no certificate can be for the host"));
  options.tls.server_name = std::string(300, 'a');
  EXPECT_THAT(refusal(options), HasSubstr("no certificate can be for the host"));
}

}  // namespace
}  // namespace rediscache::test
