// What a server that is down costs: how long a call takes while the breaker is open, how often a dead server
// is asked, and how soon a server that is back is noticed. `scripts/bench --outage` runs it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <thread>
#include <vector>

#include <rediscache/rediscache.hpp>

#include "server.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using rediscache::BreakerState;
using rediscache::Options;
using rediscache::RedisCache;

Options ignoring(const PrivateServer& server) {
  Options options;
  options.location = {server.unix_endpoint().url};
  options.ignore_exceptions = true;
  return options;
}

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>{time}.count();
}

/// Calls until nothing is sent any more.
void open_breaker(RedisCache& cache) {
  while (cache.statistics().client.breaker != BreakerState::open) {
    static_cast<void>(cache.get("k", 0));
  }
}

void print_cost_of_a_call(const PrivateServer& server) {
  RedisCache cache{ignoring(server)};
  open_breaker(cache);
  std::vector<double> times(200'000);
  for (double& time : times) {
    const auto began = Clock::now();
    static_cast<void>(cache.get("k", 0));
    time = microseconds(Clock::now() - began);
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * double(times.size() - 1))];
  };
  std::printf("get, omitted while the breaker is open: median %.2f us, p99 %.2f us, p99.9 %.2f us\n", at(0.5),
              at(0.99), at(0.999));
}

void print_attempts(const PrivateServer& server, int threads, std::chrono::seconds duration) {
  RedisCache cache{ignoring(server)};
  std::atomic<std::uint64_t> calls{0};
  {
    const auto end = Clock::now() + duration;
    std::vector<std::jthread> callers;
    for (int i = 0; i < threads; ++i) {
      callers.emplace_back([&] {
        std::uint64_t own = 0;
        for (; Clock::now() < end; ++own) {
          static_cast<void>(cache.get("k", 0));
        }
        calls += own;
      });
    }
  }
  std::printf("%d threads against a dead server for %d s: %llu calls, %llu attempts to connect\n", threads,
              static_cast<int>(duration.count()), static_cast<unsigned long long>(calls.load()),
              static_cast<unsigned long long>(cache.statistics().client.connect_failures));
}

void print_return(PrivateServer& server, int rounds) {
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    server.kill();
    RedisCache cache{ignoring(server)};
    std::atomic<bool> through{false};
    std::jthread caller{[&] {  // as a service does, all the time
      while (!cache.set("k", 1)) {
        std::this_thread::sleep_for(1ms);
      }
      through = true;
      through.notify_one();
    }};
    std::this_thread::sleep_for(3s);  // the pauses have grown by then
    server.restart();
    const auto back = Clock::now();
    through.wait(false);
    times.push_back(microseconds(Clock::now() - back) / 1000);
  }
  std::sort(times.begin(), times.end());
  std::printf(
      "the server is back, calls go through after: median %.0f ms, most %.0f ms (a pause is at most %d ms)\n",
      times[times.size() / 2], times.back(),
      static_cast<int>(rediscache::BreakerOptions{}.longest_pause.count()));
}

}  // namespace
}  // namespace bench

int main() {
  try {
    bench::PrivateServer server;
    server.kill();
    bench::print_cost_of_a_call(server);
    bench::print_attempts(server, 64, std::chrono::seconds{10});
    bench::print_return(server, 9);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "outage_bench: %s\n", error.what());
    return 1;
  }
}
