// Where a server is, and how it is talked to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <rediscache/breaker.hpp>
#include <rediscache/credentials.hpp>

#include "base/log.hpp"
#include "net/try_time.hpp"
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
  /// How often in a row the server closed a connection at sign-in, and not one without CLIENT SETNAME and
  /// SETINFO. Once may be chance.
  std::shared_ptr<std::atomic<int>> ended_at_client_info = std::make_shared<std::atomic<int>>(0);
  CredentialsProvider credentials;  ///< when set, beats those in `handshake`
  /// For resolving and connecting; signing in has as long again.
  std::chrono::milliseconds connect_timeout{1000};
  TryLimits tries;
  /// No call waits longer than this for a reply on a shared connection.
  std::chrono::milliseconds call_patience{2000};
  std::chrono::milliseconds pool_timeout{1000};
  /// Connections that many threads share. 0: each call has one of its own.
  std::size_t shared_connections = 2;
  /// So many sends may be unanswered on a shared connection. 0: what measured round trips advise (see
  /// pace.hpp).
  int shared_depth = 0;
  /// How often a thread gives way before it sleeps.
  int shared_yields = 16;
  /// Larger requests have a connection of their own.
  std::size_t shared_request_bytes = 16 * 1024;
  std::size_t max_connections = 64;
  std::chrono::milliseconds max_idle_time{240'000};
  /// Unused for so long, a connection is tried out before a call gets it. 0: never.
  std::chrono::milliseconds health_check_interval{30'000};
  std::size_t max_reply_bytes = std::size_t{1} << 30U;
  BreakerOptions breaker;
  base::Logger logger;  ///< where threads that nobody calls tell what happens to them
};

}  // namespace rediscache::net
