#include "testing/echo_server.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rediscache::test {

EchoServer::EchoServer(bool unix_socket) {
  if (unix_socket) {
    address_.path = directory_.path() + "/echo.sock";
  }
  listening_ = listen_on(address_, 128);
  thread_ = std::thread{[this] { accept_all(); }};
}

EchoServer::~EchoServer() {
  ::shutdown(listening_.get(), SHUT_RDWR);
  thread_.join();
  {
    const std::scoped_lock lock{mutex_};
    for (const Descriptor& socket : sockets_) {
      ::shutdown(socket.get(), SHUT_RDWR);
    }
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

std::string EchoServer::url() const {
  return address_.path.empty() ? "redis://" + to_string(address_) : "unix://" + address_.path;
}

std::size_t EchoServer::connections() const {
  const std::scoped_lock lock{mutex_};
  return sockets_.size();
}

void EchoServer::accept_all() {
  while (true) {
    Descriptor socket{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!socket) {
      return;
    }
    const std::scoped_lock lock{mutex_};
    threads_.emplace_back([this, fd = socket.get()] { echo(fd); });
    sockets_.push_back(std::move(socket));
  }
}

void EchoServer::echo(int fd) {
  std::array<char, 4096> bytes{};
  while (true) {
    const ssize_t count = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (count <= 0) {
      break;
    }
    received_ += static_cast<std::uint64_t>(count);
    if (!send_all(fd, {bytes.data(), static_cast<std::size_t>(count)})) {
      break;
    }
  }
  ::shutdown(fd, SHUT_RDWR);
  ++ended_;
}

EchoClient::EchoClient(std::string_view url) {
  Address address;
  if (url.starts_with("unix://")) {
    url.remove_prefix(7);
    address.path = url.substr(0, url.find('?'));
  } else {
    url.remove_prefix(url.rfind(':') + 1);
    address.port = static_cast<std::uint16_t>(std::atoi(std::string{url}.c_str()));
  }
  socket_ = connect_to(address);
}

void EchoClient::end_sending() const noexcept {
  ::shutdown(socket_.get(), SHUT_WR);
}

std::string EchoClient::receive(std::size_t count, std::chrono::milliseconds patience) {
  std::string received;
  std::array<char, 4096> bytes{};
  while (received.size() < count) {
    pollfd waiting{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) {
      end_ = End::none;
      break;
    }
    const std::size_t most = count - received.size() < bytes.size() ? count - received.size() : bytes.size();
    const ssize_t got = ::recv(socket_.get(), bytes.data(), most, 0);
    if (got <= 0) {
      end_ = got == 0 ? End::closed : End::reset;
      break;
    }
    received.append(bytes.data(), static_cast<std::size_t>(got));
  }
  return received;
}

}  // namespace rediscache::test
