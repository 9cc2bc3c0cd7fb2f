// Files of certificates and keys: wrong ones, encrypted ones, and ones that are replaced.
#include <filesystem>
#include <stdexcept>
#include <string>

#include <sys/stat.h>

#include "integration/tls_test.hpp"

namespace rediscache::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TlsFilesTest : public TlsTest {
 protected:
  void SetUp() override {
    client_ = authority().issue({.common_name = "client", .names = ""});
    keep("client", client_);
    RedisServer::Tls tls = tls_of("server");
    tls.auth_clients = "yes";
    server_ = serve(tls);
    options_ = options_for(server_->tls_url());
    options_.max_retries = 2;
    options_.tls.certificate_file = path("client.pem");
    options_.tls.key_file = path("client.key");
  }
  [[nodiscard]] std::string refusal_with(TlsOptions tls) {
    options_.tls = std::move(tls);
    return refusal(options_);
  }
  /// Makes the next call open a connection.
  void drop_connections() { server_->connect().run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}); }

  Certificate client_;
  std::unique_ptr<RedisServer> server_;
  Options options_;
};

TEST_F(TlsFilesTest, ThatAreNotThereAreNamedWithTheirOption) {
  TlsOptions tls = options_.tls;
  tls.ca_file = "/nonexistent/ca.pem";
  EXPECT_THAT(refusal_with(tls),
              HasSubstr("Options::tls.ca_file is \"/nonexistent/ca.pem\" (ssl_ca_certs in a "
                        "URL), which cannot be read: No such file or directory"));
  tls = {.ca_directory = "/nonexistent"};
  EXPECT_THAT(refusal_with(tls),
              HasSubstr("Options::tls.ca_directory is \"/nonexistent\" (ssl_ca_path in a URL), "
                        "which cannot be read: No such file"));
  tls = {.certificate_file = "/nonexistent/c.pem"};
  EXPECT_THAT(refusal_with(tls),
              AllOf(HasSubstr("Options::tls.certificate_file is"), HasSubstr("No such file")));
  tls = {.certificate_file = path("client.pem"), .key_file = "/nonexistent/c.key"};
  EXPECT_THAT(refusal_with(tls), AllOf(HasSubstr("Options::tls.key_file is"), HasSubstr("No such file")));
}

TEST_F(TlsFilesTest, OfAnotherKindAreNamedWithTheirOption) {
  const std::string pipe = path("pipe");
  ::mkfifo(pipe.c_str(), 0600);
  TlsOptions tls{.ca_file = path("")};
  EXPECT_THAT(refusal_with(tls), AllOf(HasSubstr("tls.ca_file"), HasSubstr("which is no file")));
  tls = {.ca_file = pipe};
  EXPECT_THAT(refusal_with(tls), HasSubstr("which is no file")) << "reading it would wait for ever";
  tls = {.ca_directory = path("ca.pem")};
  EXPECT_THAT(refusal_with(tls), AllOf(HasSubstr("tls.ca_directory"), HasSubstr("which is no directory")));
}

TEST_F(TlsFilesTest, WithoutPemAreNamedWithTheirOption) {
  const std::string text = files().write("text", "hello\n");
  TlsOptions tls{.ca_file = text};
  EXPECT_THAT(refusal_with(tls), AllOf(HasSubstr("tls.ca_file"), HasSubstr("holds no certificate in PEM")));
  tls = {.certificate_file = text};
  EXPECT_THAT(refusal_with(tls),
              AllOf(HasSubstr("certificate_file"), HasSubstr("holds no certificate in PEM")));
  tls = {.certificate_file = path("client.pem"), .key_file = text};
  EXPECT_THAT(refusal_with(tls), AllOf(HasSubstr("tls.key_file"), HasSubstr("holds no private key in PEM")));
  tls = {.certificate_file = path("client.pem")};
  EXPECT_THAT(refusal_with(tls), AllOf(HasSubstr("certificate_file"), HasSubstr("key_file is not set"),
                                       HasSubstr("no private key")));
}

TEST_F(TlsFilesTest, WithAKeyOfAnotherCertificateAreRefused) {
  TlsOptions tls = options_.tls;
  tls.key_file = path("server.key");
  EXPECT_THAT(refusal_with(tls), HasSubstr("Options::tls.key_file is \"" + path("server.key") +
                                           "\" (ssl_keyfile in a URL), whose key does not belong to the "
                                           "certificate in \"" +
                                           path("client.pem")));
}

TEST_F(TlsFilesTest, MayHoldCertificateAndKeyTogether) {
  options_.tls.certificate_file = files().write("both.pem", client_.key + client_.certificate);
  options_.tls.key_file.clear();
  RedisCache cache{options_};
  expect_works(cache);
}

TEST_F(TlsFilesTest, WithAnEncryptedKeyNeedItsPassword) {
  options_.tls.key_file = files().write("client-encrypted.key", encrypted_key(client_.key, "s3cret"));
  EXPECT_THAT(refusal(options_),
              AllOf(HasSubstr("key is encrypted"), HasSubstr("Options::tls.key_password")));
  options_.tls.key_password = [] { return std::string{"wr0ng"}; };
  EXPECT_THAT(refusal(options_), AllOf(HasSubstr("gives the wrong password"), Not(HasSubstr("wr0ng"))));
  options_.tls.key_password = []() -> std::string { throw std::runtime_error{"the vault is closed"}; };
  EXPECT_THAT(refusal(options_),
              HasSubstr("Options::tls.key_password threw an exception: the vault is closed"));
  options_.tls.key_password = []() -> std::string { throw 42; };
  EXPECT_THAT(refusal(options_), HasSubstr("Options::tls.key_password threw an exception"));
  options_.tls.key_password = [] { return std::string(5000, 'x'); };
  EXPECT_THAT(refusal(options_), HasSubstr("wrong password"));
  int asked = 0;
  options_.tls.key_password = [&] {
    ++asked;
    return std::string{"s3cret"};
  };
  RedisCache cache{options_};
  expect_works(cache);
  EXPECT_EQ(asked, 1);
  options_.tls.key_password = nullptr;
  options_.location.front() += "?ssl_keyfile_password=s3cret";
  RedisCache by_url{options_};
  expect_works(by_url);
}

TEST_F(TlsFilesTest, ThatAreReplacedAreUsedFromTheNextConnectionOn) {
  RedisCache cache{options_};
  expect_works(cache);
  // Nobody trusts this one: whoever reads it is refused.
  keep("client", Authority{"Other CA"}.issue({.common_name = "stranger", .names = ""}));
  expect_works(cache);
  EXPECT_EQ(cache.statistics().client.connections_opened, 1) << "the connection that there is goes on";
  drop_connections();
  EXPECT_THROW((void)cache.get<std::string>("k"), TlsError);
  keep("client", authority().issue({.common_name = "client", .names = ""}));
  expect_works(cache);
}

TEST_F(TlsFilesTest, ThatAreReplacedByBrokenOnesLeaveTheOldInUse) {
  RedisCache cache{options_};
  expect_works(cache);
  const auto warnings = [&] {
    drop_connections();
    ::testing::internal::CaptureStderr();
    expect_works(cache);
    const std::string out = ::testing::internal::GetCapturedStderr();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = out.find("cannot be used", at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  };
  files().write("client.key", "nonsense");
  EXPECT_EQ(warnings(), 1U);
  EXPECT_EQ(warnings(), 0U) << "said once";
  std::filesystem::remove(path("client.key"));
  EXPECT_EQ(warnings(), 1U) << "but again when they change again";
  files().write("client.key", client_.key);
  EXPECT_EQ(warnings(), 0U);
  EXPECT_GE(cache.statistics().client.connections_opened, 5);
}

TEST_F(TlsFilesTest, OfTrustThatAreReplacedDecideFromTheNextConnectionOn) {
  options_.tls.ca_file = files().write("trust.pem", authority().certificate());
  RedisCache cache{options_};
  expect_works(cache);
  files().write("trust.pem", Authority{"Other CA"}.certificate());
  drop_connections();
  EXPECT_THROW((void)cache.get<std::string>("k"), TlsError) << "no earlier session makes up for it";
}

TEST_F(TlsFilesTest, ThatComeLateAreFound) {
  options_.tls.key_file = path("late.key");
  RedisCache cache{options_};
  EXPECT_THROW((void)cache.get<std::string>("k"), TlsError);
  files().write("late.key", client_.key);
  expect_works(cache);
}

}  // namespace
}  // namespace rediscache::test
