// What a URL says of TLS, and what becomes of it.
#include "config/url_tls.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/options.hpp>

#include "config/servers.hpp"
#include "config/url.hpp"
#include "net/tls_context.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using config::mask_url;
using config::parse_url;
using config::Url;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(UrlTlsTest, IsOnForRedissAndOnlyThere) {
  const Url url = parse_url("rediss://u:p@cache.internal:6380/2");
  EXPECT_TRUE(url.is_tls);
  EXPECT_EQ(url.endpoint.host, "cache.internal");
  EXPECT_EQ(url.endpoint.port, 6380);
  EXPECT_EQ(url.username, "u");
  EXPECT_EQ(url.password, "p");
  EXPECT_EQ(url.database, 2);
  EXPECT_FALSE(parse_url("redis://h").is_tls);
  EXPECT_FALSE(parse_url("unix:///r.sock").is_tls);
}

TEST(UrlTlsTest, TakesTheOptionsOfRedisPy) {
  const Url url = parse_url(
      "rediss://h?ssl_cert_reqs=none&ssl_check_hostname=no&ssl_ca_certs=/ca%20s.pem&ssl_ca_path=/cas"
      "&ssl_certfile=/c.pem&ssl_keyfile=/"
      "k.pem&ssl_keyfile_password=p%26q&ssl_min_version=TLSv1.3&ssl_ciphers=A:B");
  EXPECT_EQ(url.tls.certificate_check, CertificateCheck::none);
  EXPECT_EQ(url.tls.check_hostname, false);
  EXPECT_EQ(url.tls.ca_file, "/ca s.pem");
  EXPECT_EQ(url.tls.ca_directory, "/cas");
  EXPECT_EQ(url.tls.certificate_file, "/c.pem");
  EXPECT_EQ(url.tls.key_file, "/k.pem");
  EXPECT_EQ(url.tls.key_password, "p&q");
  EXPECT_EQ(url.tls.minimum_version, TlsVersion::tls_1_3);
  EXPECT_EQ(url.tls.ciphers, "A:B");
  const Url bare = parse_url("rediss://h");
  EXPECT_EQ(bare.tls.certificate_check, std::nullopt);
  EXPECT_EQ(bare.tls.check_hostname, std::nullopt);
  EXPECT_EQ(bare.tls.ca_file, std::nullopt);
}

TEST(UrlTlsTest, TakesEverySpelling) {
  const auto check_hostname = [](const std::string& text) {
    return parse_url("rediss://h?ssl_check_hostname=" + text).tls.check_hostname;
  };
  for (const std::string text : {"true", "True", "1", "yes", "YES", "y", "t"}) {
    EXPECT_EQ(check_hostname(text), true) << text;
  }
  for (const std::string text : {"false", "False", "0", "no", "N", "f"}) {
    EXPECT_EQ(check_hostname(text), false) << text;
  }
  EXPECT_EQ(parse_url("rediss://h?ssl_cert_reqs=optional").tls.certificate_check, CertificateCheck::optional);
  EXPECT_EQ(parse_url("rediss://h?ssl_cert_reqs=Required").tls.certificate_check, CertificateCheck::required);
  EXPECT_EQ(parse_url("rediss://h?ssl_min_version=tlsv1.2").tls.minimum_version, TlsVersion::tls_1_2);
  EXPECT_EQ(parse_url("rediss://h?ssl_min_version=TLSv1").tls.minimum_version, TlsVersion::tls_1_0);
  EXPECT_EQ(parse_url("rediss://h?ssl_min_version=TLSv1.1").tls.minimum_version, TlsVersion::tls_1_1);
}

std::string tls_url_error(std::string_view url) {
  const auto error = thrown_by<InvalidOptions>([&] { (void)parse_url(url); });
  return error ? error->what() : "";
}

TEST(UrlTlsTest, SaysWhatIsWrongWithIt) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows{
      {"rediss://h?ssl_cert_reqs=never", "ssl_cert_reqs is \"never\"; it is none, optional or required"},
      {"rediss://h?ssl_cert_reqs=", "ssl_cert_reqs is \"\""},
      {"rediss://h?ssl_check_hostname=maybe", "ssl_check_hostname is \"maybe\"; it is true or false"},
      {"rediss://h?ssl_min_version=TLSv2", "ssl_min_version is \"TLSv2\"; it is TLSv1.2 or TLSv1.3"},
      {"rediss://h?ssl_ca_cert=/x", "Did you mean \"ssl_ca_certs\"?"},
      {"redis://h?ssl_ca_certs=/x", "ssl_ca_certs is an option of TLS: write rediss:// instead of redis://"},
      {"unix:///r.sock?ssl_cert_reqs=none", "an option of TLS, which a unix socket does not have"},
      {"redisss://h", "Did you mean \"rediss\"?"},
      {"rediss://u:a@b/c@h", "there is an @ behind a /"},
  };
  for (const auto& [url, why] : rows) {
    EXPECT_THAT(tls_url_error(url), HasSubstr(std::string{why})) << url;
  }
}

TEST(UrlTlsTest, HidesThePasswordOfTheKeyAndNothingElse) {
  EXPECT_EQ(mask_url("rediss://h?ssl_keyfile=/k&ssl_keyfile_password=s3cret&ssl_cert_reqs=none"),
            "rediss://h?ssl_keyfile=/k&ssl_keyfile_password=***&ssl_cert_reqs=none");
  for (const std::string_view url :
       {"rediss://h?ssl_keyfile_password=s3cret&x=1", "redis://h?ssl_keyfile_password=s3cret",
        "rediss://h/x?ssl_keyfile_password=a@s3cret", "rediss://h?ssl_keyfile_pasword=s3cret",
        "rediss://h?ssl_keyfile_password=s3cret%"}) {
    EXPECT_THAT(mask_url(url), Not(HasSubstr("s3cret"))) << url;
    EXPECT_THAT(tls_url_error(url), Not(HasSubstr("s3cret"))) << url;
  }
}

TEST(UrlTlsTest, BeatsTheOptions) {
  const TlsOptions options{.certificate_check = CertificateCheck::required,
                           .server_name = "n",
                           .ca_file = "/ca",
                           .certificate_file = "/c",
                           .key_file = "/k",
                           .key_password = [] { return std::string{"p"}; },
                           .ciphers = "A"};
  const auto with = [&](const std::string& query) {
    return merged(options, parse_url("rediss://h?" + query).tls);
  };
  const TlsOptions same = with("");
  EXPECT_EQ(same.certificate_check, CertificateCheck::required);
  EXPECT_TRUE(same.check_hostname);
  EXPECT_EQ(same.server_name, "n");
  EXPECT_EQ(same.ca_file, "/ca");
  EXPECT_EQ(same.certificate_file, "/c");
  EXPECT_EQ(same.key_file, "/k");
  EXPECT_EQ(same.key_password(), "p");
  EXPECT_EQ(same.ciphers, "A");
  EXPECT_EQ(with("ssl_cert_reqs=none").certificate_check, CertificateCheck::none);
  EXPECT_FALSE(with("ssl_check_hostname=0").check_hostname);
  EXPECT_EQ(with("ssl_keyfile=/k2").key_file, "/k2");
  EXPECT_EQ(with("ssl_keyfile_password=q").key_password(), "q");
  EXPECT_EQ(with("ssl_min_version=TLSv1.3").minimum_version, TlsVersion::tls_1_3);
  EXPECT_EQ(with("ssl_ciphers=B").ciphers, "B");
}

TEST(UrlTlsTest, ReplacesWhomToTrustAndWhoWeAreAsAWhole) {
  const TlsOptions options{.ca_file = "/ca", .certificate_file = "/c", .key_file = "/k"};
  const TlsOptions trusting = merged(options, parse_url("rediss://h?ssl_ca_path=/cas").tls);
  EXPECT_EQ(trusting.ca_file, "") << "or the URL could not narrow it";
  EXPECT_EQ(trusting.ca_directory, "/cas");
  const TlsOptions other = merged(options, parse_url("rediss://h?ssl_certfile=/both").tls);
  EXPECT_EQ(other.certificate_file, "/both");
  EXPECT_EQ(other.key_file, "") << "the key of another certificate is of no use";
}

std::string tls_option_error(const Options& options) {
  const auto error =
      thrown_by<InvalidOptions>([&] { (void)config::server_settings(options, options.location.front()); });
  return error ? error->what() : "";
}

TEST(UrlTlsTest, MakesTheSettingsOfAServer) {
  Options options;
  options.tls.ca_file = "/ca";
  EXPECT_EQ(config::server_settings(options, options.location.front()).tls, nullptr)
      << "set, and of no effect for redis://";
  options.location = {"rediss://h?ssl_cert_reqs=none"};
  if (!net::TlsContext::available()) {
    EXPECT_THAT(tls_option_error(options),
                HasSubstr("this build of rediscache has no TLS; configure with -Dtls=enabled"));
    return;
  }
  const auto settings = config::server_settings(options, options.location.front());
  ASSERT_NE(settings.tls, nullptr);
  EXPECT_EQ(settings.tls->options().ca_file, "/ca");
  EXPECT_EQ(settings.tls->options().certificate_check, CertificateCheck::none);
  options.tls.key_file = "/k";
  EXPECT_THAT(tls_option_error(options),
              HasSubstr("tls.key_file (ssl_keyfile in a URL) is set and tls.certificate_file"));
}

}  // namespace
}  // namespace rediscache::test
