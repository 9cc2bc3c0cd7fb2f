// Many threads on few connections, while everything that can go wrong does: no reply may go to a wrong
// caller, and no call may end long after its deadline. STRESS_SECONDS or STRESS_CALLS say how much,
// STRESS_SEED what.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <rediscache/tls.hpp>

#include "net/server.hpp"
#include "net/tls_context.hpp"
#include "stress/tally.hpp"
#include "stress/trouble.hpp"
#include "stress/worker.hpp"
#ifdef STRESS_TLS
#include "support/certificates.hpp"
#endif
#include "support/redis_server.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

enum class Way { unix_socket, tcp, tls };
constexpr std::array<const char*, 3> way_names{"unix", "TCP", "TLS"};
constexpr std::array thread_counts{2, 8, 64};

std::uint64_t number_from(const char* name, std::uint64_t fallback) {
  const char* const text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

/// The server of one way, and what a client has to know of it.
struct Place {
  std::unique_ptr<RedisServer> server;
  TlsOptions tls{};
};

net::ServerSettings settings_of(const Place& place, Way way, const Address& address) {
  net::ServerSettings settings;
  if (way == Way::unix_socket) {
    settings.endpoint.transport = net::Endpoint::Transport::unix_socket;
    settings.endpoint.path = address.path;
  } else {
    settings.endpoint.host = "127.0.0.1";
    settings.endpoint.port = address.port;
  }
  if (way == Way::tls) {
    settings.tls = std::make_shared<net::TlsContext>(place.tls, "stress");
  }
  settings.connect_timeout = 300ms;
  settings.tries = {.socket_timeout = 300ms, .call_timeout = 300ms};
  settings.call_patience = 300ms;
  settings.pool_timeout = 200ms;
  settings.max_connections = 16;
  settings.breaker.failures = 0;  // calls that are turned away find nothing
  return settings;
}

Address address_of(const RedisServer& server, Way way) {
  return way == Way::unix_socket ? server.unix_address()
         : way == Way::tcp       ? server.tcp_address()
                                 : server.tls_address();
}

/// Ends the program when a call has not come back at all: nobody else could.
void watch(const std::vector<std::unique_ptr<StressWorker>>& workers) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
  for (const auto& worker : workers) {
    const std::int64_t due = worker->due_us();
    if (due != 0 && now.count() - due > 60'000'000) {
      std::fprintf(stderr, "hang: a call has not come back a minute after its deadline\n");
      std::abort();
    }
  }
}

struct Amount {
  std::chrono::milliseconds time{1000};
  std::uint64_t calls = 0;  ///< 0: as many as fit
};

void round(Place& place, Way way, int threads, Amount amount, std::uint64_t seed, StressTally& all) {
  StressTally tally;
  testing::FaultProxyOptions proxy_options{.seed = seed};
  std::string upstream = place.server->unix_url();
  if (way == Way::unix_socket) {
    proxy_options.unix_socket = "auto";
  } else {
    upstream = way == Way::tcp ? place.server->tcp_url() : place.server->tls_url("127.0.0.1");
  }
  testing::FaultProxy proxy{upstream, proxy_options};
  Address bad;
  bad.port = proxy.port();
  if (way == Way::unix_socket) {
    const std::string url = proxy.url();  // unix:///path?db=0
    const std::size_t begin = std::string{"unix://"}.size();
    bad.path = url.substr(begin, url.find('?') - begin);
  }
  net::Server direct{settings_of(place, way, address_of(*place.server, way))};
  net::Server indirect{settings_of(place, way, bad)};
  StressTrouble trouble{*place.server, proxy, tally, seed};
  std::vector<std::unique_ptr<StressWorker>> workers;
  for (int i = 0; i < threads; ++i) {
    workers.push_back(std::make_unique<StressWorker>(StressWorker::Servers{&direct, &indirect}, tally,
                                                     seed * 1000 + static_cast<std::uint64_t>(i), i));
  }
  std::atomic<bool> stop{false};
  const auto start = Clock::now();
  {
    std::vector<std::jthread> running;
    for (const auto& worker : workers) {
      running.emplace_back([&stop, &worker] {
        while (!stop) {
          worker->step();
        }
      });
    }
    while (amount.calls > 0 ? tally.calls < amount.calls : Clock::now() - start < amount.time) {
      trouble.step();
      watch(workers);
    }
    proxy.heal();
    stop = true;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  std::printf(
      "%-4s %2d threads %6lld ms: %llu calls, answered %llu, timed out %llu, lost %llu (not sent %llu), "
      "wrong %llu, late %llu, latest %lld us;",
      way_names.at(static_cast<std::size_t>(way)), threads, static_cast<long long>(took.count()),
      static_cast<unsigned long long>(tally.calls), static_cast<unsigned long long>(tally.answered),
      static_cast<unsigned long long>(tally.timed_out), static_cast<unsigned long long>(tally.lost),
      static_cast<unsigned long long>(tally.not_sent), static_cast<unsigned long long>(tally.wrong),
      static_cast<unsigned long long>(tally.late), static_cast<long long>(tally.latest_us));
  for (const auto& [name, count] : trouble.counts()) {
    std::printf(" %s %llu", std::string{name}.c_str(), static_cast<unsigned long long>(count));
  }
  std::printf("\n");
  std::fflush(stdout);
  all.calls += tally.calls;
  all.answered += tally.answered;
  all.wrong += tally.wrong;
  all.late += tally.late;
}

Place unix_and_tcp() {
  return {.server = std::make_unique<RedisServer>(RedisServer::Settings{.tcp = true})};
}

bool run() {
  const std::uint64_t seed = number_from("STRESS_SEED", 1);
  const std::uint64_t calls = number_from("STRESS_CALLS", 0);
  const std::uint64_t seconds = number_from("STRESS_SECONDS", 10);
  std::vector<Way> ways{Way::unix_socket, Way::tcp};
  Place plain = unix_and_tcp();
  Place secret;
#ifdef STRESS_TLS
  const PemFiles files;
  const Authority authority{"Stress CA"};
  const Certificate certificate = authority.issue({});
  secret.tls.ca_file = files.write("ca.pem", authority.certificate());
  secret.server = std::make_unique<RedisServer>(RedisServer::Settings{
      .tls = RedisServer::Tls{.certificate_file = files.write("s.pem", certificate.certificate),
                              .key_file = files.write("s.key", certificate.key),
                              .ca_file = files.path("ca.pem")}});
  ways.push_back(Way::tls);
#endif
  const std::uint64_t rounds = ways.size() * thread_counts.size();
  const Amount amount{.time = std::chrono::milliseconds{seconds * 1000 / rounds}, .calls = calls / rounds};
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  StressTally all;
  std::uint64_t number = seed * 100;
  for (const Way way : ways) {
    for (const int threads : thread_counts) {
      round(way == Way::tls ? secret : plain, way, threads, amount, ++number, all);
    }
  }
  // A call that hangs ends the program before this.
  std::printf("total: %llu calls, answered %llu, wrong %llu, late %llu, hangs 0\n",
              static_cast<unsigned long long>(all.calls), static_cast<unsigned long long>(all.answered),
              static_cast<unsigned long long>(all.wrong), static_cast<unsigned long long>(all.late));
  return all.wrong == 0 && all.late == 0 && all.answered > 0;
}

}  // namespace
}  // namespace rediscache::test

int main() {
  return rediscache::test::run() ? EXIT_SUCCESS : EXIT_FAILURE;
}
