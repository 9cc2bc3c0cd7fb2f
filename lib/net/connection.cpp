#include "net/connection.hpp"

#include <array>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address_race.hpp"
#include "net/addresses.hpp"
#include "net/tls_context.hpp"
#include "proto/handshake.hpp"

namespace rediscache::net {
namespace {

constexpr std::size_t pieces_at_once = 16;
/// So often more is received after sending has failed.
constexpr int most_last_receives = 64;
/// A server that closes so many connections in a row at CLIENT, and none without, does so because of that.
constexpr int no_chance = 2;

/// What to sign in with, which somebody may have to be asked for.
base::Result<proto::HandshakeOptions> handshake_options(const ServerSettings& settings) {
  proto::HandshakeOptions options = settings.handshake;
  if (!settings.credentials) {
    return options;
  }
  const auto failure = [](const std::string& why) {
    return Failure{.code = ErrorCode::authentication,
                   .message = "Options::credentials " + why,
                   .server = {},
                   .command = {}};
  };
  try {
    Credentials credentials = settings.credentials();
    if (!credentials.username.empty() && credentials.password.empty()) {
      return failure("gave a user name and no password; the server asks for both");
    }
    options.username = std::move(credentials.username);
    options.password = std::move(credentials.password);
    return options;
  } catch (const std::exception& error) {
    return failure(std::string{"threw: "} + error.what());
  } catch (...) {
    return failure("threw something that is no std::exception");
  }
}

base::Result<std::unique_ptr<Connection>> open_at(const ServerSettings& settings,
                                                  const SocketAddress& address,
                                                  const proto::Handshake& handshake,
                                                  base::Deadline connected_by, base::Deadline deadline) {
  auto socket = Socket::connect(address, connected_by);
  if (!socket) {
    return std::move(socket.failure());
  }
  deadline = deadline.earlier(base::Deadline::in(settings.connect_timeout));  // as much time again
  if (settings.tls) {
    if (auto failure = socket.value().start_tls(*settings.tls, settings.endpoint, deadline)) {
      return std::move(*failure);
    }
  }
  auto connection = std::make_unique<Connection>(std::move(socket.value()), settings);
  std::vector<Reply> replies(handshake.commands().size());
  auto failure = connection->exchange(handshake.commands(), replies, deadline);
  // A server that turns us away says why before it closes: that is the better reason.
  if (auto refusal = handshake.check(replies)) {
    return std::move(*refusal);
  }
  if (failure) {
    return connection->signing_in_failed(std::move(*failure), settings);
  }
  return connection;
}

base::Result<std::unique_ptr<Connection>> open_at_any(const ServerSettings& settings,
                                                      const std::vector<SocketAddress>& addresses,
                                                      const proto::Handshake& handshake,
                                                      base::Deadline connected_by, base::Deadline deadline) {
  return addresses.size() == 1 ? open_at(settings, addresses.front(), handshake, connected_by, deadline)
                               : AddressRace{settings, handshake, addresses}.run(connected_by, deadline);
}

/// There never was a connection.
Failure never_opened(Failure failure, const ServerSettings& settings) {
  failure.server = settings.endpoint.name();
  failure.maybe_executed = false;
  failure.connection_lost = false;
  failure.caused_by_call = false;
  return failure;
}

/// Whether the first bytes of a server are a TLS alert: what a TLS port says to who does not speak TLS.
bool is_tls_alert(std::string_view bytes) noexcept {
  return bytes.starts_with("\x15\x03");
}

}  // namespace

base::Result<std::unique_ptr<Connection>> Connection::open(const ServerSettings& settings,
                                                           base::Deadline deadline,
                                                           FailoverMonitor* failover) {
  // The caller's code runs before there is a socket: it may fork, and the child has none of this process's.
  auto signing_in = handshake_options(settings);
  if (!signing_in) {
    return never_opened(std::move(signing_in.failure()), settings);
  }
  proto::HandshakeOptions& options = signing_in.value();
  std::atomic<int>& ended_at_client_info = *settings.ended_at_client_info;
  options.client_info =
      options.client_info && ended_at_client_info.load(std::memory_order_relaxed) < no_chance;
  // Before the name is resolved: what is learned meanwhile concerns connections that are older.
  const auto generation = failover == nullptr ? 0 : failover->generation();
  const auto in_time = [&] { return deadline.earlier(base::Deadline::in(settings.connect_timeout)); };
  const base::Deadline connected_by = in_time();
  auto addresses = addresses_of(settings.endpoint, connected_by, failover);
  if (!addresses) {
    return never_opened(std::move(addresses.failure()), settings);
  }
  auto opened = open_at_any(settings, addresses.value(), proto::Handshake{options}, connected_by, deadline);
  if (!opened && options.client_info && opened.failure().connection_lost &&
      opened.failure().code == ErrorCode::connection) {
    // Some proxies close at any CLIENT.
    options.client_info = false;
    auto without = open_at_any(settings, addresses.value(), proto::Handshake{options}, in_time(), deadline);
    if (without) {
      ended_at_client_info.fetch_add(1, std::memory_order_relaxed);
      opened = std::move(without);
    }
  } else if (opened && options.client_info) {
    ended_at_client_info.store(0, std::memory_order_relaxed);
  }
  if (!opened) {
    return never_opened(std::move(opened.failure()), settings);
  }
  if (failover != nullptr) {
    Connection& connection = *opened.value();
    connection.origin_ = failover->origin_of(generation, connection.socket_.peer());
  }
  return opened;
}

Failure Connection::signing_in_failed(Failure failure, const ServerSettings& settings) const {
  failure.command.clear();  // not the caller's
  if (failure.code != ErrorCode::tls) {
    failure.message = "signing in to the server: " + failure.message;
  }
  const bool is_plain_tcp = !settings.tls && settings.endpoint.transport == Endpoint::Transport::tcp;
  if (is_plain_tcp && failure.code == ErrorCode::connection && !heard_) {
    failure.message += ". If this is a TLS port, use rediss://";
  }
  return failure;
}

std::optional<Failure> Connection::exchange(const Commands& commands, std::span<Reply> replies,
                                            base::Deadline deadline) {
  proto::Call call{.commands = &commands, .replies = replies, .failure = {}};
  begin(call);
  if (auto failure = transfer(call, deadline)) {
    fail(std::move(*failure));
    return std::move(call.failure);
  }
  end(call);
  return std::move(call.failure);
}

bool Connection::answers_ping(base::Deadline deadline) {
  Commands ping;
  ping.begin("PING", CommandKind::read, 0);
  Reply reply;
  if (!exchange(ping, {&reply, 1}, deadline)) {
    return true;
  }
  server_failed_.reset();
  return false;
}

void Connection::begin(proto::Call& call) {
  broken_ = true;  // until it is known that all is well, whatever is thrown
  waiting_since_ = base::coarse_now();
  call_was_refused_ = false;
  multiplexer_.submit(call);
}

/// The call is over, and the connection goes on.
void Connection::end(proto::Call& call) {
  broken_ = false;
  if (call.failure) {
    call.failure->server = server_;
    call_was_refused_ = call.failure->caused_by_call;
  }
}

/// Fails whatever is under way.
void Connection::fail(Failure failure) {
  failure.server = server_;
  failure.connection_lost = true;
  call_was_refused_ = failure.caused_by_call;
  multiplexer_.fail(failure);
  if (failure.code == ErrorCode::timeout) {
    server_failed_ = std::move(failure);
  }
}

bool Connection::advance(proto::Call& call) {
  bool drained = true;  // as every call of this leaves it
  while (!call.finished()) {
    if (multiplexer_.has_output()) {
      std::array<std::string_view, pieces_at_once> room;
      const Transfer sent = socket_.try_send(std::span{room.data(), multiplexer_.output(room)});
      if (sent.status == Transfer::Status::done) {
        multiplexer_.wrote(sent.bytes);
        if (drained && !multiplexer_.has_output()) {
          return false;  // the reply needs a moment
        }
        continue;
      }
      if (sent.status != Transfer::Status::would_block) {
        fail(why_not_sent(socket_.failure_of(sent, "sending")));
        return true;
      }
    }
    const std::span<char> space = multiplexer_.input();
    const Transfer received = socket_.try_receive(space);
    if (received.status == Transfer::Status::would_block) {
      return false;
    }
    drained = false;
    if (auto failure = accept_input(received, space)) {
      fail(std::move(*failure));
      return true;
    }
  }
  end(call);
  return true;
}

void Connection::run_out_of_time() {
  fail(socket_.failure_of({.status = Transfer::Status::timed_out},
                          multiplexer_.has_output() ? "sending" : "waiting for the reply"));
}

std::optional<Failure> Connection::transfer(const proto::Call& call, base::Deadline deadline) {
  while (!call.finished()) {
    std::optional<Failure> failure;
    if (multiplexer_.has_output()) {
      failure = send_some(call, deadline);
    } else {
      const std::span<char> space = multiplexer_.input();
      failure = accept_input(socket_.receive(space, deadline), space);
    }
    if (failure) {
      return failure;
    }
  }
  return std::nullopt;
}

/// Sends as much as the system takes. The server may answer the first commands of many while we send the
/// last; reading what comes keeps its replies from piling up there.
std::optional<Failure> Connection::send_some(const proto::Call& call, base::Deadline deadline) {
  std::array<std::string_view, pieces_at_once> room;
  const std::span pieces{room.data(), multiplexer_.output(room)};
  const bool may_be_answered_early = call.commands->size() > 1;
  const Transfer sent = may_be_answered_early ? socket_.try_send(pieces) : socket_.send(pieces, deadline);
  if (sent.status == Transfer::Status::done) {
    multiplexer_.wrote(sent.bytes);
    return std::nullopt;
  }
  if (sent.status != Transfer::Status::would_block) {
    return why_not_sent(socket_.failure_of(sent, "sending"));
  }
  if (const Transfer waited = socket_.wait_for_either(deadline); waited.status != Transfer::Status::done) {
    return socket_.failure_of(waited, "sending");
  }
  const std::span<char> space = multiplexer_.input();
  const Transfer received = socket_.try_receive(space);
  return received.status == Transfer::Status::would_block ? std::nullopt : accept_input(received, space);
}

/// A server that refuses a request says why and closes while the rest is still being sent: its reply waits in
/// the receive queue behind the error of the send, and is the better reason.
Failure Connection::why_not_sent(Failure failure) {
  for (int i = 0; i < most_last_receives; ++i) {
    const Transfer received = socket_.try_receive(multiplexer_.input());
    if (received.status != Transfer::Status::done) {
      break;
    }
    if (auto why = multiplexer_.received(received.bytes)) {
      return why->code == ErrorCode::response ? std::move(*why) : std::move(failure);
    }
  }
  return failure;
}

std::optional<Failure> Connection::accept_input(const Transfer& received, std::span<const char> space) {
  if (received.status == Transfer::Status::done) {
    if (!std::exchange(heard_, true) && is_tls_alert({space.data(), received.bytes})) {
      return Failure{
          .code = ErrorCode::tls,
          .message = "the server answered with a TLS alert: this looks like a TLS port, use rediss://",
          .server = {},
          .command = {}};
    }
    waiting_since_ = base::coarse_now();
    return multiplexer_.received(received.bytes);
  }
  return socket_.failure_of(received, "waiting for the reply");
}

}  // namespace rediscache::net
