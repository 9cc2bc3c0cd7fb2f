// The way to the server that a cell wants.
#pragma once

#include <chrono>
#include <optional>

#include <rediscache/testing/fault_proxy.hpp>

#include "connection.hpp"

namespace bench {

/// A network of that round trip in front of the server; none when it is zero. Lives as long as the object.
class Network {
 public:
  Network(const Endpoint& server, std::chrono::microseconds round_trip);

  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }

 private:
  std::optional<rediscache::testing::FaultProxy> proxy_;
  Endpoint endpoint_;
};

}  // namespace bench
