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
/// interrupted. One look-up of a name is under way at a time, for all who ask; an answer that came too late
/// serves the next call. While a look-up takes long, addresses found at most 30 s ago are used. There are
/// never more than 16 such threads. Throws std::bad_alloc.
[[nodiscard]] base::Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                                               base::Deadline deadline);

}  // namespace rediscache::net
