// A real redis-server of the test's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/raw_client.hpp"
#include "support/socket.hpp"

namespace rediscache::test {

/// Starts `redis-server` (or what REDIS_SERVER in the environment says) from the PATH in a directory of its
/// own, waits until it answers, and ends it with the object. It dies with the test program as well. It stores
/// nothing on disk unless its config says so.
class RedisServer {
 public:
  /// Files in PEM, and what redis.conf says of them.
  struct Tls {
    std::string certificate_file{};
    std::string key_file{};
    std::string ca_file{};
    std::string auth_clients = "no";  ///< "yes", "no" or "optional"
    std::string protocols{};          ///< "TLSv1.2"; empty: what the server is built with
  };
  struct Settings {
    bool tcp = false;                        ///< listen on a free port of 127.0.0.1 too
    std::vector<std::string> config{};       ///< more lines of redis.conf: "requirepass x", "user ..."
    std::optional<Tls> tls{};                ///< listen for TLS too, on another port
    std::vector<std::string> environment{};  ///< "NAME=value", beside that of this program
  };

  RedisServer() : RedisServer{Settings{}} {}
  explicit RedisServer(Settings settings);
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer();

  [[nodiscard]] std::string unix_url(int db = 0) const;
  [[nodiscard]] std::string tcp_url(int db = 0) const;
  /// Of the TLS port, for that host: "localhost", "127.0.0.1".
  [[nodiscard]] std::string tls_url(const std::string& host = "localhost", int db = 0) const;
  [[nodiscard]] const Address& tls_address() const noexcept { return tls_; }
  [[nodiscard]] const Address& unix_address() const noexcept { return unix_; }
  [[nodiscard]] const Address& tcp_address() const noexcept { return tcp_; }
  [[nodiscard]] RawClient connect() const { return RawClient{unix_}; }

  [[nodiscard]] bool running() const noexcept { return pid_ > 0; }
  /// Ends it at once, as a crash would.
  void kill();
  /// Starts it again where it was: empty, unless its config has it store things.
  void restart();
  /// Freezes it: it keeps its connections and answers nothing.
  void stop_process();
  void continue_process();

 private:
  [[nodiscard]] bool start();
  [[nodiscard]] bool answers() const;
  [[nodiscard]] bool has_ended();
  [[nodiscard]] std::string log() const;
  void write_config() const;

  Settings settings_;
  TemporaryDirectory directory_;
  Address unix_;
  Address tcp_;
  Address tls_;
  pid_t pid_ = -1;
};

}  // namespace rediscache::test
