// Where a server may be reached.
#pragma once

#include <vector>

#include "base/deadline.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/failover_monitor.hpp"
#include "net/resolver.hpp"

namespace rediscache::net {

/// The addresses of a server, never none, in the order to try them: families alternate, and those whose
/// servers were the wrong ones come last, as far as `failover` knows. A unix socket has one.
[[nodiscard]] base::Result<std::vector<SocketAddress>> addresses_of(
    const Endpoint& endpoint, base::Deadline deadline, const FailoverMonitor* failover = nullptr);

}  // namespace rediscache::net
