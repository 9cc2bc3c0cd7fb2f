#include "running.hpp"

#include <algorithm>
#include <csignal>
#include <string_view>
#include <utility>

namespace bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

void stop_on_interrupt() noexcept {
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
}

Running::Running(const Cell& cell, const PrivateServer& server, const Endpoint& admin, Endpoint endpoint)
    : cell_{cell},
      server_{server},
      endpoint_{std::move(endpoint)},
      admin_{admin},
      sides_{connect(ours), connect(peer), connect(control)},
      latencies_{std::vector<Latencies>(cell.threads), std::vector<Latencies>(cell.threads)},
      team_{cell.threads} {}

void Running::warm_up() {
  for (std::size_t which = 0; which < sides_.size(); ++which) {
    flush();
    if (cell_.prepare) {
      cell_.prepare(admin_);
    }
    static_cast<void>(run(which, cell_.threads));
    if (cell_.check) {
      cell_.check(admin_);
    }
  }
}

std::size_t Running::calibrate(double seconds) {
  if (cell_.operations != 0) {
    return cell_.operations;
  }
  const std::size_t wanted = (per_batch(ours, seconds) + per_batch(peer, seconds)) / 2;
  return std::max<std::size_t>(1, wanted / cell_.threads) * cell_.threads;
}

// How the kernel sizes the buffers of one TCP connection makes 1 MiB up to twice as fast or slow for as long
// as it lives, so rounds get new connections, and the median is that of many.
void Running::reconnect(const Order& order, std::size_t operations) {
  for (const std::size_t which : order) {
    sides_[which] = connect(which);
    static_cast<void>(run(which, std::max(operations / 4, cell_.threads)));
  }
}

void Running::run_for_latencies(Which which, std::size_t operations) {
  static_cast<void>(run(which, operations, latencies_[which]));
}

Latencies Running::latencies_of(Which which) const {
  Latencies all;
  for (const Latencies& thread : latencies_[which]) {
    all.merge(thread);
  }
  return all;
}

void Running::flush() {
  static_cast<void>(admin_.command(std::array<std::string_view, 1>{"FLUSHALL"}));
}

Running::Side Running::connect(std::size_t which) const {
  return (which == ours ? cell_.ours : cell_.peer)(endpoint_, cell_.threads);
}

Taken Running::run(std::size_t which, std::size_t operations, std::vector<Latencies>& latencies) {
  if (interrupted != 0) {
    throw Interrupted{};
  }
  if (cell_.restore) {
    cell_.restore(admin_);
  }
  Taken taken;
  const double client_before = client_cpu_.seconds();
  const double server_before = server_.cpu_seconds();
  taken.seconds = team_.run(sides_[which], operations / cell_.threads, latencies);
  taken.server_cpu_seconds = server_.cpu_seconds() - server_before;
  taken.client_cpu_seconds = client_cpu_.seconds() - client_before;
  return taken;
}

std::size_t Running::per_batch(Which which, double seconds) {
  for (std::size_t operations = cell_.threads;; operations *= 4) {
    const double taken = run(which, operations).seconds;
    if (taken >= seconds / 4) {
      return static_cast<std::size_t>(static_cast<double>(operations) * seconds / taken);
    }
  }
}

}  // namespace bench
