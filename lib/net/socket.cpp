#include "net/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "net/plain_transfer.hpp"
#include "net/readiness.hpp"

namespace rediscache::net {
namespace {

using Status = Transfer::Status;

Failure connect_failure(ErrorCode code, const std::string& why) {
  return {.code = code, .message = "cannot connect: " + why, .server = {}, .command = {}};
}

std::string advice(int error) {
  switch (error) {
    case ECONNREFUSED:
      return " (is a server running there?)";
    case ENOENT:
      return " (no such socket; is a server running with this unixsocket?)";
    case EACCES:
      return " (this user may not open the socket; see the server's unixsocketperm)";
    default:
      return "";
  }
}

template <class T>
void set_option(int fd, int level, int option, const T& value) noexcept {
  // Each of these only makes things better; a socket without it works.
  static_cast<void>(::setsockopt(fd, level, option, &value, sizeof(value)));
}

void configure(int fd, bool is_tcp) noexcept {
  if (is_tcp) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    // What was sent and not acknowledged for so long breaks the connection, as keep-alive does an idle one.
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
  }
  const timeval time{.tv_sec = slice.count(), .tv_usec = 0};
  set_option(fd, SOL_SOCKET, SO_RCVTIMEO, time);
  set_option(fd, SOL_SOCKET, SO_SNDTIMEO, time);
}

/// Begins to connect: 0, or errno. A unix socket whose backlog is full says EAGAIN, and there is no event to
/// wait for: it is asked again.
int begin_to_connect(int fd, const sockaddr* address, socklen_t size, base::Deadline deadline) {
  constexpr std::chrono::milliseconds longest_pause{32};
  for (std::chrono::milliseconds pause{1};; pause = std::min(2 * pause, longest_pause)) {
    const int error = ::connect(fd, address, size) == 0 ? 0 : errno;
    if (error != EAGAIN || deadline.remaining() <= pause) {
      return error;
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

Failure connect_timeout() {
  return connect_failure(ErrorCode::timeout, "no answer within connect_timeout");
}

std::string error_text(int error) {
  return std::generic_category().message(error);
}

base::Result<Socket> Socket::connect(const SocketAddress& address, base::Deadline deadline) {
  auto begun = begin_connect(address, deadline);
  if (!begun) {
    return begun;
  }
  Socket& socket = begun.value();
  if (socket.connecting_ && !wait_for(socket.descriptor(), POLLOUT, deadline)) {
    return connect_timeout();
  }
  if (auto failure = socket.end_connect()) {
    return std::move(*failure);
  }
  return begun;
}

std::optional<Failure> Socket::start_tls(TlsContext& tls, const Endpoint& endpoint, base::Deadline deadline) {
  auto stream = TlsStream::connect(tls, descriptor(), endpoint.host, endpoint.port, deadline);
  if (!stream) {
    return std::move(stream.failure());
  }
  tls_ = std::move(stream.value());
  return std::nullopt;
}

base::Result<Socket> Socket::begin_connect(const SocketAddress& address, base::Deadline deadline) {
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address.storage);
  SocketDescriptor fd;
  if (!fd.open(generic->sa_family)) {
    return connect_failure(ErrorCode::connection, error_text(errno));
  }
  Socket socket{std::move(fd)};
  socket.is_tcp_ = generic->sa_family != AF_UNIX;
  const int error = begin_to_connect(socket.descriptor(), generic, address.size, deadline);
  socket.connecting_ = error == EINPROGRESS || error == EINTR;
  if (error == EAGAIN) {
    return connect_failure(ErrorCode::timeout,
                           "the server's backlog of new connections stayed full within connect_timeout");
  }
  if (error != 0 && !socket.connecting_) {
    return connect_failure(ErrorCode::connection, error_text(error) + advice(error));
  }
  return socket;
}

std::optional<Failure> Socket::end_connect() {
  if (std::exchange(connecting_, false)) {
    int error = 0;
    socklen_t length = sizeof(error);
    ::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
      return connect_failure(ErrorCode::connection, error_text(error) + advice(error));
    }
  }
  ::fcntl(descriptor(), F_SETFL, ::fcntl(descriptor(), F_GETFL) & ~O_NONBLOCK);
  configure(descriptor(), is_tcp_);
  return std::nullopt;
}

std::optional<Failure> Socket::begin_tls(TlsContext& tls, const Endpoint& endpoint) {
  auto stream = TlsStream::begin(tls, descriptor(), endpoint.host, endpoint.port);
  if (!stream) {
    return std::move(stream.failure());
  }
  tls_ = std::move(stream.value());
  return std::nullopt;
}

base::Result<short> Socket::continue_tls() {
  return tls_->continue_handshake();
}

SocketAddress Socket::peer() const noexcept {
  SocketAddress peer;
  peer.size = sizeof(peer.storage);
  const bool known = ::getpeername(fd_.get(), reinterpret_cast<sockaddr*>(&peer.storage), &peer.size) == 0;
  if (!known || peer.storage.ss_family == AF_UNIX) {
    peer.size = 0;
  }
  return peer;
}

Transfer Socket::send(std::span<const std::string_view> pieces, base::Deadline deadline) {
  if (tls_) {
    return tls_->send(pieces, deadline);
  }
  return send_raw(fd_.get(), pieces, deadline);
}

Transfer Socket::try_send(std::span<const std::string_view> pieces) {
  if (tls_) {
    return tls_->try_send(pieces);
  }
  return try_send_raw(fd_.get(), pieces);
}

Transfer Socket::receive(std::span<char> space, base::Deadline deadline) {
  if (tls_) {
    return tls_->receive(space, deadline);
  }
  return receive_raw(fd_.get(), space, deadline);
}

Transfer Socket::try_receive(std::span<char> space) {
  if (tls_) {
    return tls_->try_receive(space);
  }
  return try_receive_raw(fd_.get(), space);
}

Transfer Socket::wait_for_either(base::Deadline deadline) {
  if (tls_) {
    return tls_->wait_for_either(deadline);
  }
  return {.status = wait_for(fd_.get(), POLLIN | POLLOUT, deadline) ? Status::done : Status::timed_out};
}

bool Socket::quiet_and_open() const noexcept {
  if (tls_) {
    return tls_->quiet_and_open();
  }
  char byte = 0;
  return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

Transfer Socket::wait_for_output(base::Deadline deadline) {
  return {.status = wait_for(fd_.get(), events_to_send(), deadline) ? Status::done : Status::timed_out};
}

short Socket::events_to_receive() const {
  return tls_ ? tls_->events_to_receive() : short{POLLIN};
}

short Socket::events_to_send() const {
  return tls_ ? tls_->events_to_send() : short{POLLOUT};
}

Failure Socket::failure_of(const Transfer& transfer, std::string_view doing) const {
  const auto failure = [](ErrorCode code, std::string message) {
    return Failure{.code = code, .message = std::move(message), .server = {}, .command = {}};
  };
  if (transfer.status == Status::tls_failed && tls_) {
    if (auto why = tls_->failure()) {
      return std::move(*why);
    }
  }
  switch (transfer.status) {
    case Status::timed_out:
      return failure(ErrorCode::timeout, "the deadline passed while " + std::string{doing});
    case Status::closed:
      return failure(ErrorCode::connection, "the server closed the connection while " + std::string{doing});
    default:
      return failure(ErrorCode::connection, std::string{doing} + ": " + error_text(transfer.error));
  }
}

void Socket::share() {
  if (tls_) {
    tls_->share();
  }
}

void Socket::shut_down() noexcept {
  ::shutdown(fd_.get(), SHUT_RDWR);
}

void Socket::close() noexcept {
  if (tls_) {
    tls_->let_go();
  }
  fd_.close();
}

}  // namespace rediscache::net
