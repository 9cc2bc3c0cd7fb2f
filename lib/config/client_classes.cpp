#include "config/client_classes.hpp"

#include <string>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "base/registry.hpp"
#include "client/default_client.hpp"
#include "client/replicated_client.hpp"
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
                       .retry_on_startup = options.retry_on_startup,
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
                                       .pause = options.replica_pause});
}

base::Registry<ClientClass>& classes() {
  static base::Registry<ClientClass> registry{
      "client class", {{"DefaultClient", {.factory = default_client, .check = check_replicas}}}};
  return registry;
}

}  // namespace

ClientClass client_class(std::string_view name) {
  return classes().find(name);
}

}  // namespace config

void register_client(std::string name, ClientFactory factory) {
  config::classes().add(std::move(name), {.factory = std::move(factory)});
}

std::unique_ptr<Client> make_client(std::string_view name, const Options& options) {
  return config::client_class(name).factory(options);
}

}  // namespace rediscache
