// Where a server is, and how it is talked to.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "proto/handshake.hpp"

namespace rediscache::net {

class TlsContext;

struct Endpoint {
  enum class Transport { tcp, unix_socket };

  Transport transport = Transport::tcp;
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string path;  ///< of a unix socket

  /// "127.0.0.1:6379", "[::1]:6379", "unix:/run/redis.sock".
  [[nodiscard]] std::string name() const;
};

/// All that is needed to open connections to one server and to use them.
struct ServerSettings {
  Endpoint endpoint;
  std::shared_ptr<TlsContext> tls;  ///< null: plain
  proto::HandshakeOptions handshake;
  std::chrono::milliseconds connect_timeout{2000};
  std::chrono::milliseconds socket_timeout{5000};
  std::chrono::milliseconds pool_timeout{1000};
  std::size_t max_connections = 64;
  std::chrono::milliseconds max_idle_time{240'000};
  std::size_t max_reply_bytes = std::size_t{1} << 30U;
};

}  // namespace rediscache::net
