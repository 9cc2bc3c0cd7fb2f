#include "testing/listener.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rediscache/error.hpp>

namespace rediscache::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  const std::string why = std::generic_category().message(errno);
  Failure failure;
  failure.message = "FaultProxy: " + what + ": " + why;
  throw ConnectionError{failure};
}

union AnyAddress {
  sockaddr any;
  sockaddr_in tcp;
  sockaddr_un local;
};

}  // namespace

Listener::Listener(boost::asio::io_context& context, const std::string& path, Accepted accepted)
    : context_{context}, accepted_{std::move(accepted)}, path_{path}, listening_{context}, timer_{context} {
  if (path == "auto") {
    std::string name = "/tmp/rediscache-proxy-XXXXXX";  // short: the paths of unix sockets are limited
    if (::mkdtemp(name.data()) == nullptr) {
      fail("mkdtemp");
    }
    directory_ = name;
    path_ = directory_ + "/proxy.sock";
  }
  if (path_.empty()) {
    holder_ = bound();
    AnyAddress at{};
    socklen_t length = sizeof(at);
    if (::getsockname(holder_.get(), &at.any, &length) != 0) {
      fail("getsockname");
    }
    port_ = ntohs(at.tcp.sin_port);
  }
  open();
}

Listener::~Listener() {
  if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
  if (!directory_.empty()) {
    ::rmdir(directory_.c_str());
  }
}

base::Fd Listener::bound() const {
  const bool is_tcp = path_.empty();
  base::Fd made{::socket(is_tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!made.valid()) {
    fail("socket");
  }
  AnyAddress at{};
  socklen_t length = 0;
  if (is_tcp) {
    // Two sockets may be bound to one port as long as only one listens: so the port is never free.
    const int yes = 1;
    ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    at.tcp = {};
    at.tcp.sin_family = AF_INET;
    at.tcp.sin_port = htons(port_);
    at.tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    length = sizeof(at.tcp);
  } else {
    at.local = {};
    at.local.sun_family = AF_UNIX;
    if (path_.size() >= sizeof(at.local.sun_path)) {
      throw InvalidOptions{"FaultProxy: the path of the unix socket is too long"};
    }
    std::memcpy(at.local.sun_path, path_.data(), path_.size());
    length = sizeof(at.local);
    ::unlink(path_.c_str());
  }
  if (::bind(made.get(), &at.any, length) != 0) {
    fail("bind");
  }
  return made;
}

void Listener::open() {
  base::Fd made = bound();
  constexpr int backlog = 1024;
  if (::listen(made.get(), backlog) != 0) {
    fail("listen");
  }
  const int own = ::fcntl(made.get(), F_DUPFD_CLOEXEC, 0);
  if (own < 0) {
    fail("dup");
  }
  listening_.assign(own);
  wait();
}

void Listener::close() {
  boost::system::error_code ignored;
  timer_.cancel();
  static_cast<void>(listening_.close(ignored));
}

void Listener::wait() {
  listening_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        [this](const boost::system::error_code& error) {
                          if (!error) {
                            accept_all();
                          }
                        });
}

void Listener::accept_all() {
  while (listening_.is_open()) {
    const int fd = ::accept4(listening_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) {
        continue;
      }
      if (errno == EAGAIN) {
        wait();
        return;
      }
      // Out of descriptors or memory: the connection stays in the queue until there are some again.
      timer_.expires_after(std::chrono::milliseconds{10});
      timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) {
          accept_all();
        }
      });
      return;
    }
    if (path_.empty()) {
      const int yes = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    }
    const boost::asio::generic::stream_protocol protocol{path_.empty() ? AF_INET : AF_UNIX, 0};
    accepted_(boost::asio::generic::stream_protocol::socket{context_, protocol, fd});
  }
}

}  // namespace rediscache::testing
