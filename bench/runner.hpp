// Measures a cell: ours, the peer and the peer again take turns in short batches, so that whatever else the
// machine does hits all three, and each round is compared within itself.
#pragma once

#include <cstddef>
#include <cstdint>

#include "affinity.hpp"
#include "cell.hpp"
#include "running.hpp"
#include "server.hpp"
#include "statistics.hpp"

namespace bench {

/// In microseconds, of single operations.
struct LatencySummary {
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
  std::uint64_t operations = 0;  ///< that were timed; 0: none were, and the rest means nothing
};

struct SideResult {
  double per_second = 0;
  double client_cpu = 0;  ///< microseconds for each unit
  double server_cpu = 0;
  LatencySummary latency{};
};

struct Result {
  Spread ratio;    ///< throughput of ours / peer
  Spread control;  ///< throughput of a second peer / peer
  SideResult ours{};
  SideResult peer{};
  std::size_t rounds = 0;
  std::size_t operations = 0;  ///< in each batch
};

class Runner {
 public:
  Runner(const PrivateServer& server, std::size_t rounds, double batch_seconds);

  /// Throws what the cell's functions throw.
  [[nodiscard]] Result run(const Cell& cell) const;

 private:
  [[nodiscard]] Endpoint endpoint_of(Transport transport) const;

  const PrivateServer& server_;
  std::size_t rounds_;
  double batch_seconds_;
  cpu_set_t all_cpus_;
};

}  // namespace bench
