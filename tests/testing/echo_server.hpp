// A server that sends back what it gets, and a client for it that waits no longer than it should.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/socket.hpp"

namespace rediscache::test {

/// A thread for each connection. Ends its side of a connection when the client has ended its own.
class EchoServer {
 public:
  explicit EchoServer(bool unix_socket);
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;
  ~EchoServer();

  [[nodiscard]] std::string url() const;
  /// Bytes it got, over all connections.
  [[nodiscard]] std::uint64_t received() const noexcept { return received_.load(); }
  [[nodiscard]] std::size_t connections() const;
  /// Connections whose end it has seen.
  [[nodiscard]] std::size_t ended() const noexcept { return ended_.load(); }

 private:
  void accept_all();
  void echo(int fd);

  TemporaryDirectory directory_;
  Address address_;
  Descriptor listening_;
  mutable std::mutex mutex_;
  std::vector<Descriptor> sockets_;
  std::vector<std::thread> threads_;
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::size_t> ended_{0};
  std::thread thread_;
};

/// A blocking client whose reads end after a while.
class EchoClient {
 public:
  enum class End : std::uint8_t { none, closed, reset };

  explicit EchoClient(std::string_view url);

  [[nodiscard]] bool connected() const noexcept { return static_cast<bool>(socket_); }
  bool send(std::string_view bytes) const noexcept { return send_all(socket_.get(), bytes); }
  void end_sending() const noexcept;
  /// So many bytes, or fewer when the connection ended or nothing came for `patience`.
  std::string receive(std::size_t count, std::chrono::milliseconds patience = std::chrono::seconds{15});
  /// Everything until the end or until nothing comes for `patience`.
  std::string receive_all(std::chrono::milliseconds patience = std::chrono::seconds{15}) {
    return receive(std::string::npos, patience);
  }
  /// How the last read ended.
  [[nodiscard]] End end() const noexcept { return end_; }
  void close() noexcept { socket_.close(); }

 private:
  Descriptor socket_;
  End end_ = End::none;
};

}  // namespace rediscache::test
