// What several servers bring: get_many over four shards, all asked at once, against the same four MGETs of
// raw hiredis one after the other; and reads over two replicas beside one server. `scripts/bench --clients`
// runs it.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <rediscache/rediscache.hpp>

#include "allocator.hpp"
#include "connection.hpp"
#include "data.hpp"
#include "network.hpp"
#include "server.hpp"
#include "statistics.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using rediscache::Options;
using rediscache::RedisCache;

constexpr std::size_t shards = 4;
constexpr std::size_t keys = 1000;
constexpr std::size_t value_bytes = 64;
constexpr int rounds = 21;

/// Operations per second of `operation`, done `count` times.
template <class Operation>
double rate(int count, Operation&& operation) {
  const auto began = Clock::now();
  for (int i = 0; i < count; ++i) {
    operation();
  }
  return count / std::chrono::duration<double>{Clock::now() - began}.count();
}

Options sharded(const std::vector<Endpoint>& endpoints) {
  Options options;
  options.client_class = "ShardClient";
  options.location.clear();
  for (const Endpoint& endpoint : endpoints) {
    options.location.push_back(endpoint.url);
  }
  return options;
}

/// Which of the made keys a server has.
std::vector<std::string> keys_on(Connection& server, const Data& data) {
  std::vector<std::string> found;
  for (const std::string& key : data.made_keys) {
    if (server.command(std::array<std::string_view, 2>{"EXISTS", key})->integer == 1) {
      found.push_back(key);
    }
  }
  return found;
}

void compare_get_many(const std::vector<std::unique_ptr<PrivateServer>>& servers,
                      std::chrono::microseconds round_trip, const char* name, int count) {
  std::vector<std::unique_ptr<Network>> networks;
  std::vector<Endpoint> endpoints;
  for (const auto& server : servers) {
    const Endpoint near = round_trip.count() > 0 ? server->tcp_endpoint() : server->unix_endpoint();
    networks.push_back(std::make_unique<Network>(near, round_trip));
    endpoints.push_back(networks.back()->endpoint());
  }
  const auto data = make_data(keys, value_bytes);
  RedisCache cache{sharded(endpoints)};
  std::vector<std::pair<std::string, std::string>> entries;
  for (const std::string& key : data->keys) {
    entries.emplace_back(key, data->value);
  }
  cache.clear();
  if (!cache.set_many(entries).empty()) {
    throw std::runtime_error{"not everything was stored"};
  }

  struct Shard {
    Connection connection;
    std::vector<std::string> made_keys;
    Arguments arguments;
  };
  std::vector<std::unique_ptr<Shard>> peers;
  for (std::size_t i = 0; i < shards; ++i) {
    Connection near{servers[i]->unix_endpoint()};
    peers.push_back(std::make_unique<Shard>(Shard{Connection{endpoints[i]}, {}, Arguments{"MGET", {}}}));
    peers.back()->made_keys = keys_on(near, *data);
    peers.back()->arguments = Arguments{"MGET", peers.back()->made_keys};
  }
  const auto peer = [&] {
    std::size_t bytes = 0;
    for (const auto& shard : peers) {
      const Reply reply = shard->connection.command(shard->arguments);
      for (std::size_t i = 0; i < reply->elements; ++i) {
        bytes += static_cast<std::size_t>(reply->element[i]->len);
      }
    }
    if (bytes != keys * value_bytes) {
      throw std::runtime_error{"hiredis: not every value came"};
    }
  };
  const auto ours = [&] {
    std::size_t bytes = 0;
    for (const auto& [key, value] : cache.get_many<std::string>(data->keys)) {
      bytes += value.size();
    }
    if (bytes != keys * value_bytes) {
      throw std::runtime_error{"ours: not every value came"};
    }
  };

  rate(count, peer);
  rate(count, ours);
  std::vector<double> ratios;
  std::vector<double> our_rates;
  std::vector<double> peer_rates;
  for (int round = 0; round < rounds; ++round) {
    double of_ours = 0;
    if (round % 2 == 0) {
      of_ours = rate(count, ours);
    }
    const double of_peer = rate(count, peer);
    if (round % 2 != 0) {
      of_ours = rate(count, ours);
    }
    ratios.push_back(of_ours / of_peer);
    our_rates.push_back(of_ours);
    peer_rates.push_back(of_peer);
  }
  const Spread ratio = spread_of(ratios);
  std::printf(
      "get_many of %zu over %zu shards, %s: ours %.0f/s, hiredis one by one %.0f/s, ratio %.2f (%.2f to "
      "%.2f)\n",
      keys, shards, name, spread_of(our_rates).median, spread_of(peer_rates).median, ratio.median,
      ratio.first_quartile, ratio.third_quartile);
}

double reads_per_second(RedisCache& cache, std::size_t threads) {
  constexpr int each = 4000;
  std::vector<std::thread> team;
  team.reserve(threads);
  const auto began = Clock::now();
  for (std::size_t i = 0; i < threads; ++i) {
    team.emplace_back([&cache] {
      for (int call = 0; call < each; ++call) {
        if (!cache.get<std::string>("k")) {
          std::terminate();
        }
      }
    });
  }
  for (std::thread& thread : team) {
    thread.join();
  }
  return static_cast<double>(threads) * each / std::chrono::duration<double>{Clock::now() - began}.count();
}

void compare_replicas(const std::vector<std::unique_ptr<PrivateServer>>& servers) {
  Connection primary{servers[0]->unix_endpoint()};
  expect_ok(*primary.command(std::array<std::string_view, 3>{"SET", ":1:k", std::string(value_bytes, 'x')}));
  const std::string port = std::to_string(servers[0]->tcp_endpoint().port);
  for (std::size_t i = 1; i <= 2; ++i) {
    Connection replica{servers[i]->unix_endpoint()};
    expect_ok(*replica.command(std::array<std::string_view, 3>{"REPLICAOF", "127.0.0.1", port}));
    const auto until = Clock::now() + 30s;
    while (replica.command(std::array<std::string_view, 2>{"EXISTS", ":1:k"})->integer != 1) {
      if (Clock::now() > until) {
        throw std::runtime_error{"a replica does not get what its primary has"};
      }
      std::this_thread::sleep_for(10ms);
    }
  }
  Options alone;
  alone.location = {servers[0]->unix_endpoint().url};
  Options with_replicas = alone;
  with_replicas.location.push_back(servers[1]->unix_endpoint().url);
  with_replicas.location.push_back(servers[2]->unix_endpoint().url);
  RedisCache one{alone};
  RedisCache three{with_replicas};
  for (const std::size_t threads : {1UL, 8UL, 32UL}) {
    std::vector<double> of_one;
    std::vector<double> of_three;
    for (int round = 0; round < 7; ++round) {
      of_one.push_back(reads_per_second(one, threads));
      of_three.push_back(reads_per_second(three, threads));
    }
    std::printf("get by %zu threads: one server %.0f/s, primary with two replicas %.0f/s\n", threads,
                spread_of(of_one).median, spread_of(of_three).median);
  }
}

void run() {
  std::vector<std::unique_ptr<PrivateServer>> servers;
  servers.reserve(shards);
  for (std::size_t i = 0; i < shards; ++i) {
    servers.push_back(std::make_unique<PrivateServer>());
  }
  compare_get_many(servers, 0us, "unix sockets", 50);
  compare_get_many(servers, 1ms, "1 ms of round trip", 20);
  compare_replicas(servers);
}

}  // namespace
}  // namespace bench

int main() {
  try {
    bench::steady_allocator();
    bench::run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "clients_bench: %s\n", error.what());
    return 1;
  }
}
