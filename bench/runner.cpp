#include "runner.hpp"

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <rediscache/testing/fault_proxy.hpp>

namespace bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

using Clock = std::chrono::steady_clock;

// A batch function for each thread of a cell.
class Side {
 public:
  explicit Side(std::vector<Batch> batches) : batches_{std::move(batches)} {}

  // Seconds for that many operations, from the first thread's start to the last one's end.
  [[nodiscard]] double run(std::size_t operations) const {
    if (batches_.size() == 1) {
      const auto start = Clock::now();
      batches_.front()(operations);
      return std::chrono::duration<double>(Clock::now() - start).count();
    }
    return run_threads(std::max<std::size_t>(1, operations / batches_.size()));
  }

 private:
  struct Times {
    Clock::time_point start;
    Clock::time_point end;
    std::exception_ptr error;
  };

  [[nodiscard]] double run_threads(std::size_t operations_each) const {
    std::vector<Times> times(batches_.size());
    std::barrier ready{static_cast<std::ptrdiff_t>(batches_.size())};
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < batches_.size(); ++i) {
        threads.emplace_back([&batch = batches_[i], &mine = times[i], &ready, operations_each] {
          ready.arrive_and_wait();
          mine.start = Clock::now();
          try {
            batch(operations_each);
          } catch (...) {
            mine.error = std::current_exception();
          }
          mine.end = Clock::now();
        });
      }
    }
    for (const Times& thread : times) {
      if (thread.error != nullptr) {
        std::rethrow_exception(thread.error);
      }
    }
    const auto start = std::ranges::min(times, {}, &Times::start).start;
    const auto end = std::ranges::max(times, {}, &Times::end).end;
    return std::chrono::duration<double>(end - start).count();
  }

  std::vector<Batch> batches_;
};

// A cell, connected.
class Running {
 public:
  // `admin` is the server itself, `endpoint` the way to it that is measured.
  Running(const Cell& cell, const Endpoint& admin, Endpoint endpoint)
      : cell_{cell},
        endpoint_{std::move(endpoint)},
        admin_{admin},
        sides_{connect(ours), connect(peer), connect(control)} {}

  enum Which : std::size_t { ours, peer, control };
  using Order = std::array<std::size_t, 3>;

  [[nodiscard]] double run(std::size_t which, std::size_t operations) {
    if (interrupted != 0) {
      throw Interrupted{};
    }
    if (cell_.restore) {
      cell_.restore(admin_);
    }
    return sides_[which].run(operations);
  }

  // Runs one operation of each side, and sees whether they leave the same behind.
  void warm_up() {
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

  // As many operations as ours and hiredis together do in twice `seconds`.
  [[nodiscard]] std::size_t calibrate(double seconds) {
    if (cell_.operations != 0) {
      return cell_.operations;
    }
    return std::max((per_batch(ours, seconds) + per_batch(peer, seconds)) / 2, cell_.threads);
  }

  // How the kernel sizes the buffers of one TCP connection makes 1 MiB up to twice as fast or slow for as
  // long as it lives, so every round gets new connections, made in that order, and the median is that of
  // many.
  void reconnect(const Order& order, std::size_t operations) {
    if (cell_.operations != 0) {  // too few and long ones to spend some on warming up
      return;
    }
    for (const std::size_t which : order) {
      sides_[which] = connect(which);
      static_cast<void>(run(which, std::max(operations / 4, cell_.threads)));
    }
  }

  void flush() { static_cast<void>(admin_.command(std::array<std::string_view, 1>{"FLUSHALL"})); }

 private:
  [[nodiscard]] Side connect(std::size_t which) const {
    return Side{(which == ours ? cell_.ours : cell_.peer)(endpoint_, cell_.threads)};
  }

  [[nodiscard]] std::size_t per_batch(Which which, double seconds) {
    for (std::size_t operations = cell_.threads;; operations *= 4) {
      const double taken = run(which, operations);
      if (taken >= seconds / 4) {
        return static_cast<std::size_t>(static_cast<double>(operations) * seconds / taken);
      }
    }
  }

  const Cell& cell_;
  const Endpoint endpoint_;
  Connection admin_;
  std::array<Side, 3> sides_;
};

// A network in front of the server, for the cells that want one.
class Network {
 public:
  Network(const Endpoint& server, std::chrono::microseconds round_trip) : endpoint_{server} {
    if (round_trip.count() > 0) {
      proxy_.emplace(server.url);
      proxy_->set(rediscache::testing::round_trip(round_trip));
      endpoint_ = {.url = proxy_->url(), .socket_path = {}, .port = proxy_->port()};
    }
  }

  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }

 private:
  std::optional<rediscache::testing::FaultProxy> proxy_;
  Endpoint endpoint_;
};

}  // namespace

Runner::Runner(const PrivateServer& server, std::size_t rounds, double batch_seconds)
    : server_{server}, rounds_{rounds}, batch_seconds_{batch_seconds}, all_cpus_{usable_cpus()} {}

Result Runner::run(const Cell& cell) const {
  const cpu_set_t cpus = cell.mode == Mode::pinned ? last_of(all_cpus_) : all_cpus_;
  server_.run_on(cpus);
  run_this_thread_on(cpus);

  const Endpoint server = cell.transport == Transport::tcp ? server_.tcp_endpoint() : server_.unix_endpoint();
  const Network network{server, round_trip_of(cell.mode)};  // its thread may run where this one may
  Running running{cell, server, network.endpoint()};
  running.warm_up();
  const std::size_t operations = running.calibrate(batch_seconds_);
  const std::size_t rounds = cell.most_rounds == 0 ? rounds_ : std::min(rounds_, cell.most_rounds);

  std::vector<double> ratios;
  std::vector<double> controls;
  std::vector<double> ours_per_second;
  std::vector<double> peer_per_second;
  // All six orders in turn: none of the three always comes right after the same other one.
  Running::Order order{Running::ours, Running::peer, Running::control};
  for (std::size_t round = 0; round < rounds; ++round) {
    running.reconnect(order, operations);
    std::array<double, 3> seconds{};
    for (const std::size_t which : order) {
      seconds[which] = running.run(which, operations);
    }
    std::ranges::next_permutation(order);
    ratios.push_back(seconds[Running::peer] / seconds[Running::ours]);
    controls.push_back(seconds[Running::peer] / seconds[Running::control]);
    const auto units = static_cast<double>(operations * cell.units_per_operation);
    ours_per_second.push_back(units / seconds[Running::ours]);
    peer_per_second.push_back(units / seconds[Running::peer]);
  }
  running.flush();
  return {.ratio = spread_of(ratios),
          .control = spread_of(controls),
          .ours_per_second = spread_of(ours_per_second).median,
          .peer_per_second = spread_of(peer_per_second).median,
          .rounds = rounds,
          .operations = operations};
}

void stop_on_interrupt() noexcept {
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
}

}  // namespace bench
