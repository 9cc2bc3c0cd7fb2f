// What a proxy counts, in its thread, for others to read.
#pragma once

#include <atomic>
#include <cstdint>

#include <rediscache/testing/fault_proxy.hpp>

namespace rediscache::testing {

struct Counters {
  using Count = std::atomic<std::uint64_t>;

  Count connections{0};
  Count connections_open{0};
  Count request_bytes{0};
  Count reply_bytes{0};
  Count breaks{0};
  Count refusals{0};
  Count corrupted_bytes{0};
  Count duplicated_chunks{0};
  Count delayed_chunks{0};

  [[nodiscard]] FaultProxyStatistics statistics() const noexcept {
    return {.connections = connections.load(),
            .connections_open = connections_open.load(),
            .request_bytes = request_bytes.load(),
            .reply_bytes = reply_bytes.load(),
            .breaks = breaks.load(),
            .refusals = refusals.load(),
            .corrupted_bytes = corrupted_bytes.load(),
            .duplicated_chunks = duplicated_chunks.load(),
            .delayed_chunks = delayed_chunks.load()};
  }
};

}  // namespace rediscache::testing
