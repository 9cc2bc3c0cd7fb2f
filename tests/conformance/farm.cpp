#include "conformance/farm.hpp"

#include <stdexcept>
#include <utility>

#include "support/wait.hpp"

namespace rediscache::test {
namespace {

constexpr std::size_t shards = 4;
constexpr std::size_t replicas = 2;

}  // namespace

std::ostream& operator<<(std::ostream& out, const Conformer& conformer) {
  if (conformer.client == "locmem") {
    return out << "locmem_" << conformer.serializer;
  }
  const char* const way = conformer.way == Way::local ? "unix" : conformer.way == Way::tcp ? "tcp" : "tls";
  return out << conformer.client << '_' << way << '_' << conformer.serializer;
}

std::vector<Conformer> every_client() {
  std::vector<Conformer> all;
  for (const char* const client : {"default", "replicas", "shard", "herd"}) {
    for (const Way way : {Way::local, Way::tcp, Way::tls}) {
      for (const char* const serializer : {"plain", "json", "pickle", "msgpack"}) {
        all.push_back({client, way, serializer});
      }
    }
  }
  return all;
}

std::vector<Conformer> every_conformer() {
  std::vector<Conformer> all = every_client();
  for (const char* const client : {"locmem", "failover"}) {
    for (const char* const serializer : {"plain", "json", "pickle", "msgpack"}) {
      all.push_back({client, Way::local, serializer});
    }
  }
  return all;
}

Farm::Farm() {
  const Authority authority{"Test CA"};
  const Certificate server = authority.issue({});
  files_.write("ca.pem", authority.certificate());
  files_.write("server.pem", server.certificate);
  files_.write("server.key", server.key);
  const RedisServer::Settings settings{.tcp = true,
                                       // A delay for its own sake is turned off.
                                       .config = {"repl-diskless-sync-delay 0"},
                                       .tls = RedisServer::Tls{.certificate_file = files_.path("server.pem"),
                                                               .key_file = files_.path("server.key"),
                                                               .ca_file = files_.path("ca.pem")}};
  for (std::size_t i = 0; i < shards + replicas; ++i) {
    servers_.push_back(std::make_unique<RedisServer>(settings));
  }
  for (std::size_t i = shards; i < servers_.size(); ++i) {
    RawClient raw = servers_[i]->connect();
    raw.run({"REPLICAOF", "127.0.0.1", std::to_string(servers_[0]->tcp_address().port)});
    const bool follows = eventually([&] {
      return raw.text({"INFO", "replication"}).value_or("").find("master_link_status:up") !=
             std::string::npos;
    });
    if (!follows) {
      throw std::runtime_error{"a replica does not find its primary"};
    }
  }
}

Options Farm::options_for(const Conformer& conformer) const {
  Options options;
  options.serializer = conformer.serializer;
  options.tls.ca_file = files_.path("ca.pem");
  options.location = {url(0, conformer.way)};
  if (conformer.client == "replicas") {
    for (std::size_t i = shards; i < servers_.size(); ++i) {
      options.location.push_back(url(i, conformer.way));
    }
  } else if (conformer.client == "shard") {
    options.client_class = "ShardClient";
    for (std::size_t i = 1; i < shards; ++i) {
      options.location.push_back(url(i, conformer.way));
    }
  } else if (conformer.client == "herd") {
    options.client_class = "HerdClient";
  }
  return options;
}

std::unique_ptr<Cache> Farm::make_cache(const Conformer& conformer) const {
  auto locmem = std::make_unique<LocMemCache>(LocMemOptions{.serializer = conformer.serializer});
  if (conformer.client == "locmem") {
    return locmem;
  }
  auto redis = std::make_unique<RedisCache>(options_for(conformer));
  if (conformer.client == "failover") {
    return std::make_unique<FailoverCache>(std::move(redis), std::move(locmem));
  }
  return redis;
}

std::string Farm::url(std::size_t server, Way way) const {
  switch (way) {
    case Way::local:
      return servers_[server]->unix_url();
    case Way::tcp:
      return servers_[server]->tcp_url();
    case Way::tls:
      break;
  }
  return servers_[server]->tls_url();
}

void Farm::clear() {
  for (std::size_t i = 0; i < shards; ++i) {
    servers_[i]->connect().run({"FLUSHALL"});
  }
  settle();
}

void Farm::settle() {
  RawClient primary = servers_[0]->connect();
  primary.run(
      {"SET", "settled", "1"});  // WAIT waits for what its own connection wrote, and so for all before
  if (primary.integer({"WAIT", std::to_string(replicas), "10000"}) < static_cast<std::int64_t>(replicas)) {
    throw std::runtime_error{"the replicas do not keep up"};
  }
  primary.run({"DEL", "settled"});
}

}  // namespace rediscache::test
