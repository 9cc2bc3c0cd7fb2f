// One connection to a server, used by one caller at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "base/deadline.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/failover_monitor.hpp"
#include "net/socket.hpp"
#include "proto/handshake.hpp"
#include "proto/multiplexer.hpp"

namespace rediscache::net {

/// A connection used so recently is taken to be alive: asking the system costs more than it tells.
inline constexpr std::chrono::milliseconds surely_alive{10};

/// A connection on which the calling thread itself sends and receives. Not thread-safe.
class Connection {
 public:
  /// Connects and signs in. Of several addresses it takes the one that signs in first (address_race.hpp).
  /// `failover`: for a connection that may have to be given up for another server.
  [[nodiscard]] static base::Result<std::unique_ptr<Connection>> open(const ServerSettings& settings,
                                                                      base::Deadline deadline,
                                                                      FailoverMonitor* failover = nullptr);

  /// On a socket that is connected, for who signs in on it: with begin() and advance().
  Connection(Socket socket, const ServerSettings& settings)
      : socket_{std::move(socket)},
        server_{settings.endpoint.name()},
        multiplexer_{settings.max_reply_bytes} {}
  /// What a failure to sign in means.
  [[nodiscard]] Failure signing_in_failed(Failure failure, const ServerSettings& settings) const;

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() = default;

  /// Sends commands and waits for their replies. After a failure the connection is not reusable().
  [[nodiscard]] std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                base::Deadline deadline);

  /// Whether the server answers over it. Silence speaks against this connection, not against the server.
  [[nodiscard]] bool answers_ping(base::Deadline deadline);

  // The halves of an exchange, for who waits for several connections at once (flight.hpp).

  /// `call` lives until advance() has said that it is over, or the connection is destroyed.
  void begin(proto::Call& call);
  /// Sends and receives what can be without waiting. True when the call is over, done or failed.
  [[nodiscard]] bool advance(proto::Call& call);
  /// Fails the call that is under way, for its deadline has passed.
  void run_out_of_time();
  /// The descriptor, and the events of poll() after which there is something to do.
  [[nodiscard]] int descriptor() const noexcept { return socket_.descriptor(); }
  [[nodiscard]] short events() const {
    const int to_send = multiplexer_.has_output() ? socket_.events_to_send() : 0;
    return static_cast<short>(socket_.events_to_receive() | to_send);
  }

  /// Where it leads.
  [[nodiscard]] const ConnectionOrigin& origin() const noexcept { return origin_; }
  /// Nothing is under way on it: the next reply would be the next caller's own.
  [[nodiscard]] bool reusable() const noexcept { return !broken_ && !retired_ && multiplexer_.idle(); }
  /// After the call that is under way, nobody uses it again: it may not be what it was.
  void retire() noexcept { retired_ = true; }
  [[nodiscard]] bool retired() const noexcept { return retired_ && !broken_; }
  /// Why it broke, when that says something about the server: it did not answer in time. A connection that
  /// ends under a call may do so for reasons of its own, or because of the call.
  [[nodiscard]] const std::optional<Failure>& server_failed() const noexcept { return server_failed_; }
  /// When it began to wait for what did not come: its last call began, or something was received last.
  [[nodiscard]] base::Clock::time_point waiting_since() const noexcept { return waiting_since_; }
  /// The last call failed because of what it asked for: the server has answered.
  [[nodiscard]] bool call_was_refused() const noexcept { return call_was_refused_; }
  /// As far as the system knows, the server has not closed it.
  [[nodiscard]] bool alive() const noexcept { return socket_.quiet_and_open(); }
  /// The socket alone, for who does the rest another way; only while reusable().
  [[nodiscard]] Socket take_socket() noexcept { return std::move(socket_); }
  /// Never touches the descriptor again: in the child of a fork it is closed, and its number may be
  /// another's.
  void disown() noexcept { socket_.close(); }

 private:
  void fail(Failure failure);
  void end(proto::Call& call);
  [[nodiscard]] std::optional<Failure> transfer(const proto::Call& call, base::Deadline deadline);
  [[nodiscard]] std::optional<Failure> send_some(const proto::Call& call, base::Deadline deadline);
  [[nodiscard]] Failure why_not_sent(Failure failure);
  [[nodiscard]] std::optional<Failure> accept_input(const Transfer& received, std::span<const char> space);

  Socket socket_;
  std::string server_;
  proto::Multiplexer multiplexer_;
  std::optional<Failure> server_failed_;
  base::Clock::time_point waiting_since_{};  // by the coarse clock
  ConnectionOrigin origin_;
  bool broken_ = false;
  bool retired_ = false;
  bool call_was_refused_ = false;
  bool heard_ = false;  // the server has said something
};

}  // namespace rediscache::net
