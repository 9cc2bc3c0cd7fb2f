// A cell while it is measured: connected, with its threads waiting.
#pragma once

#include <array>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "cell.hpp"
#include "cpu_time.hpp"
#include "server.hpp"
#include "team.hpp"

namespace bench {

/// Somebody pressed Ctrl-C.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error{"interrupted"} {}
};

/// Makes Ctrl-C end the run at the next batch, with the server and its directory removed.
void stop_on_interrupt() noexcept;

/// What a batch took.
struct Taken {
  double seconds = 0;
  double client_cpu_seconds = 0;
  double server_cpu_seconds = 0;
};

/// Ours, the peer, and the peer again as a control.
class Running {
 public:
  enum Which : std::size_t { ours, peer, control };
  using Order = std::array<std::size_t, 3>;

  /// `admin` is the way to the server that is not measured, `endpoint` the one that is.
  Running(const Cell& cell, const PrivateServer& server, const Endpoint& admin, Endpoint endpoint);

  /// Runs one operation of each side and each thread, and sees whether they leave the same behind.
  void warm_up();
  /// As many operations as ours and the peer together do in twice `seconds`, the same number for each thread.
  [[nodiscard]] std::size_t calibrate(double seconds);
  /// Connects all sides anew, in that order.
  void reconnect(const Order& order, std::size_t operations);
  [[nodiscard]] Taken run(std::size_t which, std::size_t operations) { return run(which, operations, none_); }
  /// The same, with a clock read after each operation.
  void run_for_latencies(Which which, std::size_t operations);
  /// Of all threads and rounds.
  [[nodiscard]] Latencies latencies_of(Which which) const;
  void flush();

 private:
  using Side = std::vector<Batch>;

  [[nodiscard]] Side connect(std::size_t which) const;
  [[nodiscard]] Taken run(std::size_t which, std::size_t operations, std::vector<Latencies>& latencies);
  [[nodiscard]] std::size_t per_batch(Which which, double seconds);

  const Cell& cell_;
  const PrivateServer& server_;
  const Endpoint endpoint_;
  const ClientCpu client_cpu_;  // before there are threads of ours
  Connection admin_;
  std::array<Side, 3> sides_;
  std::vector<Latencies> none_{};
  std::array<std::vector<Latencies>, 2> latencies_;
  Team team_;
};

}  // namespace bench
