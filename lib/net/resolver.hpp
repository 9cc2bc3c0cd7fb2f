// Host names become addresses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "base/deadline.hpp"
#include "base/result.hpp"

namespace rediscache::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// The addresses of a host, in the order to try them. An IPv4 or IPv6 address is itself; a name is looked up
/// in a thread of its own, which is left behind when the deadline passes: the system's resolver cannot be
/// interrupted. There are never more than 16 such threads.
[[nodiscard]] base::Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                                               base::Deadline deadline);

}  // namespace rediscache::net
