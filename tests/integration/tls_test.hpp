// What the tests of TLS share: one authority and its certificates, and servers that use them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/certificates.hpp"
#include "support/redis_server.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {

class TlsTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    files_ = std::make_unique<PemFiles>();
    authority_ = std::make_unique<Authority>("Test CA");
    files_->write("ca.pem", authority_->certificate());
    keep("server", authority_->issue({}));
  }
  static void TearDownTestSuite() {
    authority_.reset();
    files_.reset();
  }

 protected:
  [[nodiscard]] static const PemFiles& files() { return *files_; }
  [[nodiscard]] static const Authority& authority() { return *authority_; }
  [[nodiscard]] static std::string path(std::string_view name) { return files_->path(name); }

  /// Writes NAME.pem and NAME.key.
  static void keep(const std::string& name, const Certificate& certificate) {
    files_->write(name + ".pem", certificate.certificate);
    files_->write(name + ".key", certificate.key);
  }

  /// Of a server that shows the certificate kept under that name.
  [[nodiscard]] static RedisServer::Tls tls_of(const std::string& name) {
    return {
        .certificate_file = path(name + ".pem"), .key_file = path(name + ".key"), .ca_file = path("ca.pem")};
  }
  [[nodiscard]] static std::unique_ptr<RedisServer> serve(RedisServer::Tls tls) {
    return std::make_unique<RedisServer>(RedisServer::Settings{.tcp = true, .tls = std::move(tls)});
  }
  [[nodiscard]] static std::unique_ptr<RedisServer> serve(const std::string& name) {
    return serve(tls_of(name));
  }

  /// Of a client that trusts our authority, and waits long.
  [[nodiscard]] static Options options_for(const std::string& url) {
    Options options = patient_options(url);
    options.tls.ca_file = path("ca.pem");
    return options;
  }
  /// What the TlsError of the first call says.
  [[nodiscard]] static std::string refusal(const Options& options) {
    RedisCache cache{options};
    const auto error = thrown_by<TlsError>([&] { (void)cache.get<std::string>("k"); });
    return error ? error->what() : "";
  }
  static void expect_works(RedisCache& cache) {
    EXPECT_TRUE(cache.set("k", "v"));
    EXPECT_EQ(cache.get<std::string>("k"), "v");
  }

 private:
  static inline std::unique_ptr<PemFiles> files_;
  static inline std::unique_ptr<Authority> authority_;
};

}  // namespace rediscache::test
