// The fixture of tests that share one real server: it starts with the suite and is emptied for every test.
#pragma once

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "support/redis_server.hpp"

namespace rediscache::test {

class ServerSuite : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    server_ = std::make_unique<RedisServer>(RedisServer::Settings{.tcp = true, .config = {}});
  }
  static void TearDownTestSuite() { server_.reset(); }

 protected:
  void SetUp() override {
    if (!server().running()) {
      server().restart();
    }
    raw().run({"FLUSHALL"});
    raw().run({"CONFIG", "RESETSTAT"});
  }

  [[nodiscard]] static RedisServer& server() { return *server_; }

  /// A look at the server that does not go through the library. Made anew after the server was restarted.
  [[nodiscard]] RawClient& raw() {
    if (!raw_) {
      raw_.emplace(server().unix_address());
    }
    return *raw_;
  }
  void restart_server() {
    raw_.reset();
    server().restart();
  }

 private:
  static inline std::unique_ptr<RedisServer> server_;
  std::optional<RawClient> raw_;
};

}  // namespace rediscache::test
