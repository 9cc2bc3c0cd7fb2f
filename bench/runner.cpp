#include "runner.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include "network.hpp"

namespace bench {
namespace {

// One side's throughput batches, one number for each round.
struct Rounds {
  std::vector<double> per_second{};
  std::vector<double> client_cpu{};
  std::vector<double> server_cpu{};

  void add(const Taken& taken, double units) {
    constexpr double microseconds = 1e6;
    per_second.push_back(units / taken.seconds);
    client_cpu.push_back(taken.client_cpu_seconds * microseconds / units);
    server_cpu.push_back(taken.server_cpu_seconds * microseconds / units);
  }
};

LatencySummary summary_of(const Latencies& latencies) {
  const auto microseconds = [&](double share) {
    return std::chrono::duration<double, std::micro>{latencies.quantile(share)}.count();
  };
  return {.p50 = microseconds(0.5),
          .p99 = microseconds(0.99),
          .p999 = microseconds(0.999),
          .operations = latencies.count()};
}

SideResult result_of(const Rounds& rounds, const Latencies& latencies) {
  return {.per_second = spread_of(rounds.per_second).median,
          .client_cpu = spread_of(rounds.client_cpu).median,
          .server_cpu = spread_of(rounds.server_cpu).median,
          .latency = summary_of(latencies)};
}

// New connections every round; less often when there are many, which takes longer than the round itself.
bool wants_new_connections(const Cell& cell, std::size_t round) {
  if (cell.operations != 0) {  // too few and long ones to spend some on warming up
    return false;
  }
  return round % (cell.threads > 8 ? 4 : 1) == 0;
}

}  // namespace

Runner::Runner(const PrivateServer& server, std::size_t rounds, double batch_seconds)
    : server_{server}, rounds_{rounds}, batch_seconds_{batch_seconds}, all_cpus_{usable_cpus()} {}

Endpoint Runner::endpoint_of(Transport transport) const {
  switch (transport) {
    case Transport::unix_socket:
      return server_.unix_endpoint();
    case Transport::tcp:
      return server_.tcp_endpoint();
    case Transport::tls:
      break;
  }
  return server_.tls_endpoint();
}

Result Runner::run(const Cell& cell) const {
  const cpu_set_t cpus = cell.mode == Mode::pinned ? last_of(all_cpus_) : all_cpus_;
  server_.run_on(cpus);
  run_this_thread_on(cpus);

  // Its thread may run where this one may.
  const Network network{endpoint_of(cell.transport), round_trip_of(cell.mode)};
  Running running{cell, server_, server_.unix_endpoint(), network.endpoint()};
  running.warm_up();
  // Threads do not end all at the same time; in a longer batch the last ones are alone for a smaller part of
  // it. And where each call waits for a network, a short batch has too few of them.
  const bool longer = cell.threads > 1 || round_trip_of(cell.mode).count() != 0;
  const double batch_seconds = longer ? 2 * batch_seconds_ : batch_seconds_;
  const std::size_t operations = running.calibrate(batch_seconds);
  const std::size_t timed_operations = std::max(operations / 3, cell.threads);
  const std::size_t rounds = cell.most_rounds == 0 ? rounds_ : std::min(rounds_, cell.most_rounds);

  std::vector<double> ratios;
  std::vector<double> controls;
  Rounds ours;
  Rounds peer;
  // All six orders in turn: none of the three always comes right after the same other one.
  Running::Order order{Running::ours, Running::peer, Running::control};
  for (std::size_t round = 0; round < rounds; ++round) {
    if (wants_new_connections(cell, round)) {
      running.reconnect(order, operations);
    }
    std::array<Taken, 3> taken{};
    for (const std::size_t which : order) {
      taken[which] = running.run(which, operations);
    }
    std::ranges::next_permutation(order);
    ratios.push_back(taken[Running::peer].seconds / taken[Running::ours].seconds);
    controls.push_back(taken[Running::peer].seconds / taken[Running::control].seconds);
    const auto units = static_cast<double>(operations * cell.units_per_operation);
    ours.add(taken[Running::ours], units);
    peer.add(taken[Running::peer], units);
    if (cell.operations == 0) {
      const bool ours_first = round % 2 == 0;
      running.run_for_latencies(ours_first ? Running::ours : Running::peer, timed_operations);
      running.run_for_latencies(ours_first ? Running::peer : Running::ours, timed_operations);
    }
  }
  running.flush();
  return {.ratio = spread_of(ratios),
          .control = spread_of(controls),
          .ours = result_of(ours, running.latencies_of(Running::ours)),
          .peer = result_of(peer, running.latencies_of(Running::peer)),
          .rounds = rounds,
          .operations = operations};
}

}  // namespace bench
