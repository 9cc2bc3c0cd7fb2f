// The descriptor of a socket, which no child of a fork inherits.
#pragma once

#include <cstdint>
#include <utility>

namespace rediscache::net {

/// Closes itself. Every socket of the process is registered from its creation until it is closed, and both
/// happen under a lock that a fork takes. So the child of a fork closes all sockets of its parent, whatever
/// the parent's threads were doing with them: connecting, transferring, closing. An object that still refers
/// to a closed socket closes nothing. Not thread-safe.
class SocketDescriptor {
 public:
  SocketDescriptor() noexcept = default;
  SocketDescriptor(SocketDescriptor&& other) noexcept
      : fd_{std::exchange(other.fd_, -1)}, id_{std::exchange(other.id_, 0)} {}
  SocketDescriptor& operator=(SocketDescriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
      id_ = std::exchange(other.id_, 0);
    }
    return *this;
  }
  SocketDescriptor(const SocketDescriptor&) = delete;
  SocketDescriptor& operator=(const SocketDescriptor&) = delete;
  ~SocketDescriptor() { close(); }

  /// Creates the registry now. Without this the first socket does, and a fork at that moment would leave the
  /// child waiting for a thread that it does not have.
  static void prepare();

  /// Creates a stream socket that does not block and that exec() closes. False: errno says why. Throws
  /// std::bad_alloc.
  [[nodiscard]] bool open(int family);
  void close() noexcept;

  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
  std::uint64_t id_ = 0;  // numbers of descriptors are used again, ids are not
};

}  // namespace rediscache::net
