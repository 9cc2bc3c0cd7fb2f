// A connected stream socket on which nothing waits beyond a deadline.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/deadline.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/resolver.hpp"
#include "net/socket_descriptor.hpp"
#include "net/tls_stream.hpp"
#include "net/transfer.hpp"

namespace rediscache::net {

/// TCP (with TCP_NODELAY and keep-alive), maybe with TLS on it, or unix. Never raises SIGPIPE. Not
/// thread-safe.
///
/// The descriptor blocks in slices of a second: a call that has long to go sleeps in the transfer itself, one
/// system call, as a socket without deadlines would; only near its deadline does it poll() first.
class Socket {
 public:
  [[nodiscard]] static base::Result<Socket> connect(const SocketAddress& address, base::Deadline deadline);
  /// The TLS handshake, before anything is sent.
  [[nodiscard]] std::optional<Failure> start_tls(TlsContext& tls, const Endpoint& endpoint,
                                                 base::Deadline deadline);

  // The same in steps that do not wait, for who connects to several addresses at once.

  /// Begins to connect. When the descriptor can be written to, end_connect() tells what became of it. Waits
  /// only while the backlog of a unix socket is full, for which there is no event.
  [[nodiscard]] static base::Result<Socket> begin_connect(const SocketAddress& address,
                                                          base::Deadline deadline);
  [[nodiscard]] std::optional<Failure> end_connect();
  [[nodiscard]] std::optional<Failure> begin_tls(TlsContext& tls, const Endpoint& endpoint);
  /// What to poll() for before it is called again; 0 when the handshake is over.
  [[nodiscard]] base::Result<short> continue_tls();

  /// The address that it is connected to; of size 0 for a unix socket.
  [[nodiscard]] SocketAddress peer() const noexcept;

  /// Sends some of the pieces, at least one byte; waits for room when none is there.
  [[nodiscard]] Transfer send(std::span<const std::string_view> pieces, base::Deadline deadline);
  /// The same without waiting.
  [[nodiscard]] Transfer try_send(std::span<const std::string_view> pieces);
  /// Receives at least one byte; waits for it.
  [[nodiscard]] Transfer receive(std::span<char> space, base::Deadline deadline);
  [[nodiscard]] Transfer try_receive(std::span<char> space);
  /// Waits until bytes can be sent or received; done or timed_out.
  [[nodiscard]] Transfer wait_for_either(base::Deadline deadline);

  /// Waits until bytes can be sent; done or timed_out.
  [[nodiscard]] Transfer wait_for_output(base::Deadline deadline);

  /// False when the peer has closed, or sent something nobody asked for, which before closing is its last
  /// word.
  [[nodiscard]] bool quiet_and_open() const noexcept;

  /// What a transfer that ended badly `doing` something ("sending") means.
  [[nodiscard]] Failure failure_of(const Transfer& transfer, std::string_view doing) const;

  /// The events of poll() that the next receive, or send, waits for.
  [[nodiscard]] short events_to_receive() const;
  [[nodiscard]] short events_to_send() const;

  /// For poll() on several sockets. A TLS socket too is ready when its descriptor is, once a try_receive()
  /// has found nothing.
  [[nodiscard]] int descriptor() const noexcept { return fd_.get(); }

  /// From now on one thread may try_send() while another one receives.
  void share();
  /// Ends every transfer, also one in which another thread is waiting: there is no more input, and no output.
  void shut_down() noexcept;

  /// Says nothing to the peer: in the child of a fork, the connection is the parent's.
  void close() noexcept;

 private:
  explicit Socket(SocketDescriptor fd) noexcept : fd_{std::move(fd)} {}

  SocketDescriptor fd_;
  bool is_tcp_ = false;
  bool connecting_ = false;
  std::unique_ptr<TlsStream> tls_;  // null: plain
};

/// Why an address does not do when nothing came from there in time.
[[nodiscard]] Failure connect_timeout();
/// "Connection refused", for an errno.
[[nodiscard]] std::string error_text(int error);

}  // namespace rediscache::net
