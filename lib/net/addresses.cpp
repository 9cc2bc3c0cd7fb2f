#include "net/addresses.hpp"

#include <cstddef>
#include <cstring>
#include <string>

#include <sys/un.h>

#include "proto/address_schedule.hpp"

namespace rediscache::net {
namespace {

base::Result<std::vector<SocketAddress>> unix_address(const std::string& path) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (path.size() >= sizeof(local.sun_path)) {
    return Failure{.code = ErrorCode::connection,
                   .message = "cannot connect: the path of a unix socket has at most " +
                              std::to_string(sizeof(local.sun_path) - 1) + " bytes",
                   .server = {},
                   .command = {}};
  }
  std::memcpy(local.sun_path, path.data(), path.size());
  SocketAddress address{.size = sizeof(local)};
  std::memcpy(&address.storage, &local, sizeof(local));
  return std::vector{address};
}

}  // namespace

base::Result<std::vector<SocketAddress>> addresses_of(const Endpoint& endpoint, base::Deadline deadline,
                                                      const FailoverMonitor* failover) {
  if (endpoint.transport == Endpoint::Transport::unix_socket) {
    return unix_address(endpoint.path);
  }
  auto found = resolve(endpoint.host, endpoint.port, deadline);
  if (!found || found.value().size() == 1) {
    return found;
  }
  std::vector<int> families;
  for (const SocketAddress& address : found.value()) {
    families.push_back(address.storage.ss_family);
  }
  std::vector<SocketAddress> ordered;
  for (const std::size_t i : proto::interleaved(families)) {
    ordered.push_back(found.value()[i]);
  }
  if (failover != nullptr) {
    failover->sort(ordered);
  }
  return ordered;
}

}  // namespace rediscache::net
