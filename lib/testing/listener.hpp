// The socket on which a proxy listens: it can stop listening and start again, at the same address.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/fd.hpp"

namespace rediscache::testing {

/// Belongs to the proxy's thread once that runs.
class Listener {
 public:
  using Accepted = std::function<void(boost::asio::generic::stream_protocol::socket socket)>;

  /// On a unix socket, "auto" for one in a directory of its own, or, with an empty path, on a free port of
  /// 127.0.0.1. Throws ConnectionError.
  Listener(boost::asio::io_context& context, const std::string& path, Accepted accepted);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  void open();
  void close();
  [[nodiscard]] bool is_open() const noexcept { return listening_.is_open(); }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  [[nodiscard]] base::Fd bound() const;
  void wait();
  void accept_all();

  boost::asio::io_context& context_;
  Accepted accepted_;
  std::string directory_;  // empty unless it is ours
  std::string path_;
  std::uint16_t port_ = 0;
  base::Fd holder_;  // keeps the port while nobody listens there
  boost::asio::posix::stream_descriptor listening_;
  boost::asio::steady_timer timer_;
};

}  // namespace rediscache::testing
