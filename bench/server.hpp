// A Redis server of our own, which lives as long as the object and dies with this process.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/types.h>

#include "connection.hpp"
#include "cpu_time.hpp"

namespace bench {

/// Paths of files in PEM.
struct ServerTls {
  std::string certificate_file{};
  std::string key_file{};
  std::string ca_file{};
};

class PrivateServer {
 public:
  /// Starts redis-server on a Unix socket and a free port of 127.0.0.1, with `tls` on another one for TLS,
  /// and waits until it answers.
  explicit PrivateServer(std::optional<ServerTls> tls = {});
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  [[nodiscard]] Endpoint unix_endpoint() const;
  [[nodiscard]] Endpoint tcp_endpoint() const;
  /// Throws when the server was started without.
  [[nodiscard]] Endpoint tls_endpoint() const;
  /// Lets the server, with all its threads, run on these CPUs only.
  void run_on(const cpu_set_t& cpus) const;
  /// CPU time it has used so far, in seconds.
  [[nodiscard]] double cpu_seconds() const { return cpu_seconds_of(pid_); }
  /// Ends it at once, as a crash would.
  void kill() noexcept;
  /// Starts it again, empty, on the same Unix socket and another port.
  void restart() { start(); }
  /// As the server tells it, "7.0.15".
  [[nodiscard]] std::string version() const;

 private:
  void start();
  /// False when the server ended, as it does when somebody else took the port first.
  [[nodiscard]] bool wait_until_ready();

  [[nodiscard]] std::vector<std::string> command_line() const;

  std::optional<ServerTls> tls_;
  std::string directory_;
  int port_ = 0;
  int tls_port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace bench
