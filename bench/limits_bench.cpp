// How far many threads could be taken: get of 64 bytes by N threads of ours, and by one thread that always
// has as many requests in the air and hands nothing to anybody, against hiredis with N threads and a
// connection each. What that thread reaches, no client can whose callers are threads: each answer has to
// reach another one. `scripts/bench --limits` runs it.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batch.hpp"
#include "cell.hpp"
#include "data.hpp"
#include "in_the_air.hpp"
#include "server.hpp"
#include "statistics.hpp"
#include "team.hpp"
#include "tls_files.hpp"

namespace bench {
namespace {

constexpr int rounds = 15;
constexpr double batch_seconds = 0.06;
constexpr std::size_t value_bytes = 64;

/// Gets per second of one side.
using Side = std::function<double(std::size_t operations)>;

Side of_threads(std::vector<Batch> batches) {
  auto team = std::make_shared<Team>(batches.size());
  return [team, batches = std::move(batches)](std::size_t operations) {
    std::vector<Latencies> none;
    const std::size_t each = operations / batches.size();
    return static_cast<double>(each * batches.size()) / team->run(batches, each, none);
  };
}

Side of_one_thread(const Endpoint& endpoint, const std::shared_ptr<const Data>& data, std::size_t in_the_air,
                   InTheAir::Wait wait) {
  auto one = std::make_shared<InTheAir>(endpoint, *data, in_the_air, wait);
  return [one](std::size_t operations) {
    const auto began = std::chrono::steady_clock::now();
    one->run(operations);
    return static_cast<double>(operations) /
           std::chrono::duration<double>{std::chrono::steady_clock::now() - began}.count();
  };
}

void compare(const PrivateServer& server, const Endpoint& endpoint, Transport transport,
             std::size_t threads) {
  const std::shared_ptr<const Data> data = make_data(64, value_bytes);
  Connection near{server.unix_endpoint()};
  store_all(near, *data);
  const Cell cell = get_cell(value_bytes, threads);
  // Both placements of threads and connections are as good as the kernel makes them: new ones each round.
  std::array<std::vector<double>, 4> ratios;
  std::vector<double> peer_rates;
  for (int round = 0; round < rounds; ++round) {
    std::array<Side, 5> sides{of_threads(cell.peer(endpoint, threads)),
                              of_threads(cell.peer(endpoint, threads)),
                              of_threads(cell.ours(endpoint, threads)),
                              of_one_thread(endpoint, data, threads, InTheAir::Wait::asleep),
                              of_one_thread(endpoint, data, threads, InTheAir::Wait::awake)};
    std::array<double, 5> rates{};
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const std::size_t turn = (i + static_cast<std::size_t>(round)) % sides.size();
      const double guess = sides[turn](2000);
      rates[turn] = sides[turn](static_cast<std::size_t>(guess * batch_seconds) + threads);
    }
    peer_rates.push_back(rates[0]);
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      ratios[i].push_back(rates[i + 1] / rates[0]);
    }
  }
  std::printf("%-5s %3zu threads  hiredis %6.0f/s", std::string{to_string(transport)}.c_str(), threads,
              spread_of(peer_rates).median);
  constexpr std::array<const char*, 4> names{"control", "ours", "one thread, asleep", "one thread, awake"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Spread spread = spread_of(ratios[i]);
    std::printf("   %s %.2f (%.2f to %.2f)", names[i], spread.median, spread.first_quartile,
                spread.third_quartile);
  }
  std::printf("\n");
  std::fflush(stdout);
}

void run() {
  const TlsFiles files;
  const PrivateServer server{files.for_server()};
  for (const std::size_t threads : {4U, 8U, 16U}) {
    compare(server, server.unix_endpoint(), Transport::unix_socket, threads);
  }
  for (const std::size_t threads : {4U, 8U}) {
    compare(server, server.tcp_endpoint(), Transport::tcp, threads);
  }
  for (const std::size_t threads : {4U, 8U}) {
    compare(server, server.tls_endpoint(), Transport::tls, threads);
  }
}

}  // namespace
}  // namespace bench

int main() {
  try {
    bench::run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "limits_bench: %s\n", error.what());
    return 1;
  }
}
