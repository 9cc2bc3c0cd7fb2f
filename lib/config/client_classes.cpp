#include "config/client_classes.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "base/registry.hpp"
#include "base/times.hpp"
#include "client/default_client.hpp"
#include "client/replicated_client.hpp"
#include "client/shard_client.hpp"
#include "config/expect.hpp"
#include "config/servers.hpp"
#include "proto/retry.hpp"

namespace rediscache {
namespace config {
namespace {

std::vector<client::DefaultClientSettings> settings_of_servers(const Options& options) {
  std::vector<client::DefaultClientSettings> servers;
  for (const std::string& location : locations(options)) {
    servers.push_back({.server = server_settings(options, location),
                       .retry = {.max_retries = options.max_retries},
                       .retry_on_startup = base::limited(options.retry_on_startup),
                       .max_calls_in_flight = options.max_calls_in_flight,
                       .max_bytes_in_flight = options.max_bytes_in_flight});
  }
  return servers;
}

void check_replicas(const Options& options) {
  expect(settings_of_servers(options).size() <= client::ReplicatedClient::most_servers,
         "location names more than 64 servers; that is the most that DefaultClient takes");
}

std::unique_ptr<Client> default_client(const Options& options) {
  auto servers = settings_of_servers(options);
  if (servers.size() == 1) {
    return std::make_unique<client::DefaultClient>(std::move(servers.front()));
  }
  return std::make_unique<client::ReplicatedClient>(
      client::ReplicatedClientSettings{.servers = std::move(servers),
                                       .reads = options.replica_reads,
                                       .replica_read_only = options.replica_read_only,
                                       .pause = base::limited(options.replica_pause)});
}

void check_shards(const Options& options) {
  static_cast<void>(settings_of_servers(options));
  auto texts = locations(options);
  std::sort(texts.begin(), texts.end());
  expect(std::adjacent_find(texts.begin(), texts.end()) == texts.end(),
         "location names a shard twice; each can have its keys only once");
}

std::unique_ptr<Client> shard_client(const Options& options) {
  check_shards(options);
  return std::make_unique<client::ShardClient>(
      client::ShardClientSettings{.locations = locations(options), .servers = settings_of_servers(options)});
}

base::Registry<ClientClass>& classes() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): never destroyed, see base/registry.hpp
  static auto& registry = *new base::Registry<ClientClass>{
      "client class",
      {{"DefaultClient", {.factory = default_client, .check = check_replicas}},
       {"ShardClient", {.factory = shard_client, .check = check_shards}},
       {"HerdClient", {.factory = default_client, .check = check_replicas, .herd = true}}}};
  return registry;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> dotted_clients{
    {{"django_redis.client.DefaultClient", "DefaultClient"},
     {"django_redis.client.ShardClient", "ShardClient"},
     {"django_redis.client.HerdClient", "HerdClient"},
     {"django_redis.client.default.DefaultClient", "DefaultClient"},
     {"django_redis.client.sharded.ShardClient", "ShardClient"},
     {"django_redis.client.herd.HerdClient", "HerdClient"}}};

/// django-redis's spellings of what we have; every other name as it is.
std::string_view short_name(std::string_view name) {
  const auto* const found = std::find_if(dotted_clients.begin(), dotted_clients.end(),
                                         [&](const auto& known) { return known.first == name; });
  return found == dotted_clients.end() ? name : found->second;
}

}  // namespace

ClientClass client_class(std::string_view name) {
  return classes().find(short_name(name));
}

std::vector<std::string> client_class_names() {
  std::vector<std::string> names = classes().names();
  for (const auto& each : dotted_clients) {
    names.emplace_back(each.first);
  }
  return names;
}

}  // namespace config

void register_client(std::string name, ClientFactory factory) {
  config::classes().add(std::move(name), {.factory = std::move(factory)});
}

std::unique_ptr<Client> make_client(std::string_view name, const Options& options) {
  return config::client_class(name).factory(options);
}

}  // namespace rediscache
