// A Redis server of our own, which lives as long as the object and dies with this process.
#pragma once

#include <string>

#include <sched.h>
#include <sys/types.h>

#include "connection.hpp"

namespace bench {

class PrivateServer {
 public:
  /// Starts redis-server on a Unix socket and a free port of 127.0.0.1 and waits until it answers.
  PrivateServer();
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  [[nodiscard]] Endpoint unix_endpoint() const;
  [[nodiscard]] Endpoint tcp_endpoint() const;
  /// Lets the server, with all its threads, run on these CPUs only.
  void run_on(const cpu_set_t& cpus) const;
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

  std::string directory_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace bench
