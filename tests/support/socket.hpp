// Just enough of sockets for the helpers of the tests. Nothing here comes from the library under test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace rediscache::test {

/// A unix socket when it has a path, else a port on 127.0.0.1.
struct Address {
  std::string path{};
  std::uint16_t port = 0;
};

/// "127.0.0.1:6379", "unix:/tmp/redis.sock".
[[nodiscard]] std::string to_string(const Address& address);

/// A descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_{fd} {}
  Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }

  void close() noexcept;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// A connected, blocking socket, or an empty descriptor when nobody listens there.
[[nodiscard]] Descriptor connect_to(const Address& address);

/// A listening socket. A port of 0 becomes the port that the system chose.
[[nodiscard]] Descriptor listen_on(Address& address, int backlog);

/// A port of 127.0.0.1 on which nobody listened a moment ago.
[[nodiscard]] std::uint16_t free_port();

/// Sends everything; false when the peer has gone.
bool send_all(int fd, std::string_view bytes) noexcept;

/// A directory of its own under the system's, removed with everything in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace rediscache::test
