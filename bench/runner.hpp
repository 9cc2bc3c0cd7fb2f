// Measures a cell: ours, hiredis and hiredis again take turns in short batches, so that whatever else the
// machine does hits all three, and each round is compared within itself.
#pragma once

#include <cstddef>
#include <stdexcept>

#include "affinity.hpp"
#include "cell.hpp"
#include "server.hpp"
#include "statistics.hpp"

namespace bench {

struct Result {
  Spread ratio;    ///< throughput of ours / hiredis
  Spread control;  ///< throughput of a second hiredis connection / hiredis
  double ours_per_second = 0;
  double peer_per_second = 0;
  std::size_t rounds = 0;
  std::size_t operations = 0;  ///< in each batch
};

/// Somebody pressed Ctrl-C.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error{"interrupted"} {}
};

class Runner {
 public:
  Runner(const PrivateServer& server, std::size_t rounds, double batch_seconds);

  /// Throws what the cell's functions throw.
  [[nodiscard]] Result run(const Cell& cell) const;

 private:
  const PrivateServer& server_;
  std::size_t rounds_;
  double batch_seconds_;
  cpu_set_t all_cpus_;
};

/// Makes Ctrl-C end the run at the next batch, with the server and its directory removed.
void stop_on_interrupt() noexcept;

}  // namespace bench
