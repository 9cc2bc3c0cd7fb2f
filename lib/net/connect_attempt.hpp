// An attempt to connect to one of several addresses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "net/connection.hpp"
#include "net/endpoint.hpp"
#include "net/resolver.hpp"
#include "net/socket.hpp"
#include "proto/handshake.hpp"
#include "proto/multiplexer.hpp"

namespace rediscache::net {

/// Connects, shakes hands where there is TLS, and signs in, without ever waiting. What it is given outlives
/// it. Not thread-safe.
class ConnectAttempt {
 public:
  /// Begins to connect.
  ConnectAttempt(const ServerSettings& settings, const proto::Handshake& handshake,
                 const SocketAddress& address);
  ConnectAttempt(const ConnectAttempt&) = delete;
  ConnectAttempt& operator=(const ConnectAttempt&) = delete;
  ~ConnectAttempt() = default;

  /// Does what can be done now; to be called when the descriptor is ready for waits_for().
  void advance();
  [[nodiscard]] int descriptor() const noexcept;
  [[nodiscard]] short waits_for() const noexcept;
  /// The deadline has passed: it has failed, unless it had ended before.
  void run_out_of_time();

  /// The server has accepted the connection.
  [[nodiscard]] bool connected() const noexcept {
    return state_ == State::shaking_hands || state_ == State::signing_in || state_ == State::succeeded;
  }
  [[nodiscard]] bool succeeded() const noexcept { return state_ == State::succeeded; }
  /// Why it failed; nothing while it goes on, and when it succeeded.
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }
  /// The connection, signed in, once it succeeded.
  [[nodiscard]] std::unique_ptr<Connection> take() noexcept { return std::move(connection_); }

 private:
  enum class State : std::uint8_t { connecting, shaking_hands, signing_in, succeeded, failed };

  void fail(Failure failure);
  void end_connect();
  void shake_hands();
  void begin_to_sign_in();
  void end_sign_in();

  const ServerSettings& settings_;
  const proto::Handshake& handshake_;
  State state_ = State::connecting;
  short waits_for_ = 0;
  std::optional<Socket> socket_;  // until it signs in
  std::vector<Reply> replies_;
  proto::Call call_;
  std::unique_ptr<Connection> connection_;  // goes before the call, which it knows
  std::optional<Failure> failure_;
};

}  // namespace rediscache::net
