#include "support/socket.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace rediscache::test {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

union AnyAddress {
  sockaddr any;
  sockaddr_un local;
  sockaddr_in tcp;
};

socklen_t fill(AnyAddress& out, const Address& address) {
  out = {};
  if (!address.path.empty()) {
    out.local = {};
    out.local.sun_family = AF_UNIX;
    if (address.path.size() >= sizeof(out.local.sun_path)) {
      throw std::runtime_error{"the path of a unix socket is too long: " + address.path};
    }
    std::memcpy(out.local.sun_path, address.path.data(), address.path.size());
    return sizeof(out.local);
  }
  out.tcp = {};
  out.tcp.sin_family = AF_INET;
  out.tcp.sin_port = htons(address.port);
  out.tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return sizeof(out.tcp);
}

Descriptor new_socket(const Address& address) {
  const int family = address.path.empty() ? AF_INET : AF_UNIX;
  Descriptor created{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!created) {
    fail("socket");
  }
  return created;
}

}  // namespace

std::string to_string(const Address& address) {
  return address.path.empty() ? "127.0.0.1:" + std::to_string(address.port) : "unix:" + address.path;
}

void Descriptor::close() noexcept {
  if (fd_ >= 0) {
    ::close(std::exchange(fd_, -1));
  }
}

Descriptor connect_to(const Address& address) {
  Descriptor connected = new_socket(address);
  AnyAddress to;
  const socklen_t length = fill(to, address);
  if (::connect(connected.get(), &to.any, length) != 0) {
    return {};
  }
  return connected;
}

Descriptor listen_on(Address& address, int backlog) {
  Descriptor listening = new_socket(address);
  AnyAddress at;
  socklen_t length = fill(at, address);
  if (::bind(listening.get(), &at.any, length) != 0) {
    fail("bind");
  }
  if (::listen(listening.get(), backlog) != 0) {
    fail("listen");
  }
  if (address.path.empty()) {
    if (::getsockname(listening.get(), &at.any, &length) != 0) {
      fail("getsockname");
    }
    address.port = ntohs(at.tcp.sin_port);
  }
  return listening;
}

std::uint16_t free_port() {
  Address address;
  const Descriptor listening = listen_on(address, 1);
  return address.port;
}

bool send_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) {
        continue;
      }
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = "/tmp/rediscache-test-XXXXXX";  // short: the paths of unix sockets are limited
  if (::mkdtemp(name.data()) == nullptr) {
    fail("mkdtemp");
  }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace rediscache::test
