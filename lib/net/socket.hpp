// A connected stream socket on which nothing waits beyond a deadline.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/deadline.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"

namespace rediscache::net {

/// How a transfer ended.
struct Transfer {
  enum class Status { done, would_block, timed_out, closed, broken };

  Status status = Status::done;
  std::size_t bytes = 0;  ///< moved, when done
  int error = 0;          ///< errno, when broken
};

/// TCP (with TCP_NODELAY and keep-alive) or unix. Never raises SIGPIPE. Not thread-safe.
///
/// The descriptor blocks in slices of a second: a call that has long to go sleeps in the transfer itself, one
/// system call, as a socket without deadlines would; only near its deadline does it poll() first.
class Socket {
 public:
  /// Resolves and connects; of several addresses the first that answers.
  [[nodiscard]] static base::Result<Socket> connect(const Endpoint& endpoint, base::Deadline deadline);

  /// Sends some of the pieces, at least one byte; waits for room when none is there.
  [[nodiscard]] Transfer send(std::span<const std::string_view> pieces, base::Deadline deadline);
  /// The same without waiting.
  [[nodiscard]] Transfer try_send(std::span<const std::string_view> pieces);
  /// Receives at least one byte; waits for it.
  [[nodiscard]] Transfer receive(std::span<char> space, base::Deadline deadline);
  [[nodiscard]] Transfer try_receive(std::span<char> space);
  /// Waits until bytes can be sent or received; done or timed_out.
  [[nodiscard]] Transfer wait_for_either(base::Deadline deadline);

  /// False when the peer has closed, or sent something nobody asked for, which before closing is its last
  /// word.
  [[nodiscard]] bool quiet_and_open() const noexcept;

  void close() noexcept { fd_.reset(); }

 private:
  explicit Socket(base::Fd fd) noexcept : fd_{std::move(fd)} {}

  base::Fd fd_;
};

/// "Connection refused", for an errno.
[[nodiscard]] std::string error_text(int error);

}  // namespace rediscache::net
