// What the tests of connections and pools share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/addresses.hpp"
#include "net/connection.hpp"
#include "net/endpoint.hpp"
#include "net/socket.hpp"
#include "support/scripted_server.hpp"

namespace rediscache::test {

/// How to reach a scripted server.
[[nodiscard]] inline net::ServerSettings settings_for(const ScriptedServer& server) {
  net::ServerSettings settings;
  if (server.address().path.empty()) {
    settings.endpoint.port = server.address().port;
  } else {
    settings.endpoint.transport = net::Endpoint::Transport::unix_socket;
    settings.endpoint.path = server.address().path;
  }
  return settings;
}

/// The descriptor of this process that is connected to a port of this machine; -1 when there is none.
[[nodiscard]] inline int descriptor_to(std::uint16_t port) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
        ntohs(peer.sin_port) == port) {
      return fd;
    }
  }
  return -1;
}

/// So late that only a test that hangs meets it.
[[nodiscard]] inline base::Deadline late() {
  return base::Deadline::in(std::chrono::seconds{30});
}
/// So soon that a test that means to meet it need not wait.
[[nodiscard]] inline base::Deadline soon() {
  return base::Deadline::in(std::chrono::milliseconds{30});
}

/// A socket that is connected to the first address of the endpoint that accepts it.
[[nodiscard]] inline base::Result<net::Socket> connected_socket(const net::Endpoint& endpoint,
                                                                base::Deadline deadline,
                                                                net::TlsContext* tls = nullptr) {
  auto addresses = net::addresses_of(endpoint, deadline);
  if (!addresses) {
    return addresses.failure();
  }
  for (std::size_t i = 0;; ++i) {
    auto socket = net::Socket::connect(addresses.value()[i], deadline);
    if (socket && tls != nullptr) {
      if (auto failure = socket.value().start_tls(*tls, endpoint, deadline)) {
        return std::move(*failure);
      }
    }
    if (socket || i + 1 == addresses.value().size()) {
      return socket;
    }
  }
}

/// GET of a key over a connection.
[[nodiscard]] inline std::optional<Failure> get(net::Connection& connection, Reply& reply,
                                                base::Deadline deadline = late()) {
  Commands commands;
  commands.begin("GET", CommandKind::read, 1).key("k");
  return connection.exchange(commands, {&reply, 1}, deadline);
}

}  // namespace rediscache::test
