#include <utility>

#include <rediscache/testing/fault_proxy.hpp>

#include "testing/proxy.hpp"

namespace rediscache::testing {

FaultProxy::FaultProxy(std::string_view upstream, const FaultProxyOptions& options)
    : proxy_{std::make_unique<Proxy>(upstream, options)} {}
FaultProxy::~FaultProxy() = default;

std::string FaultProxy::url(int database) const {
  if (!proxy_->path().empty()) {
    return "unix://" + proxy_->path() + "?db=" + std::to_string(database);
  }
  const std::string scheme = proxy_->scheme() == "unix" ? "redis" : proxy_->scheme();
  return scheme + "://127.0.0.1:" + std::to_string(port()) + "/" + std::to_string(database);
}

std::uint16_t FaultProxy::port() const noexcept {
  return proxy_->port();
}

void FaultProxy::set(const Fault& fault) {
  proxy_->set(fault);
}

void FaultProxy::script(std::vector<Fault> faults) {
  proxy_->script(std::move(faults));
}

void FaultProxy::schedule(const FaultSchedule& schedule) {
  proxy_->schedule(schedule);
}

void FaultProxy::break_connections(Break how) {
  proxy_->break_connections(how);
}

FaultProxyStatistics FaultProxy::statistics() const {
  return proxy_->statistics();
}

}  // namespace rediscache::testing
