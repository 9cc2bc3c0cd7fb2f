// get and set of one key.
#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cell.hpp"
#include "data.hpp"
#include "tls_connection.hpp"

namespace bench {
namespace {

using Shared = std::shared_ptr<const Data>;

Cell single_cell(std::string bench, std::size_t threads, const Shared& data) {
  return {
      .bench = std::move(bench), .bytes = data->value.size(), .threads = threads, .keys = data->keys.size()};
}

Shared single_data(std::size_t bytes) {
  // Few enough keys that the server's own cache misses do not hide what a client costs.
  return make_data(bytes >= std::size_t{1} << 20U ? 8 : 64, bytes);
}

std::vector<Batch> ours_get(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  const auto cache = make_cache(endpoint);
  return std::vector<Batch>(threads, repeat([data, cache](std::size_t i) {
                              const auto value = cache->get<std::string>(data->keys[i % data->keys.size()]);
                              if (!value || value->size() != data->value.size()) {
                                throw std::runtime_error{"ours: get did not find what was stored"};
                              }
                            }));
}

template <class Peer>
std::vector<Batch> peer_get(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    batches.push_back(repeat([data, peer = std::make_shared<Peer>(endpoint)](std::size_t i) {
      const std::string& key = data->made_keys[i % data->made_keys.size()];
      expect_text(*peer->command(std::array<std::string_view, 2>{"GET", key}), data->value.size());
    }));
  }
  return batches;
}

std::vector<Batch> ours_set(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  const auto cache = make_cache(endpoint);
  return std::vector<Batch>(threads, repeat([data, cache](std::size_t i) {
                              if (!cache->set(data->keys[i % data->keys.size()], data->value)) {
                                throw std::runtime_error{"ours: set did not store"};
                              }
                            }));
}

template <class Peer>
std::vector<Batch> peer_set(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    batches.push_back(repeat([data, peer = std::make_shared<Peer>(endpoint)](std::size_t i) {
      const std::string& key = data->made_keys[i % data->made_keys.size()];
      expect_ok(
          *peer->command(std::array<std::string_view, 5>{"SET", key, data->value, "PX", default_timeout_ms}));
    }));
  }
  return batches;
}

}  // namespace

Cell get_cell(std::size_t bytes, std::size_t threads) {
  const Shared data = single_data(bytes);
  Cell cell = single_cell("get", threads, data);
  cell.prepare = [data](Connection& server) { store_all(server, *data); };
  cell.ours = [data](const Endpoint& endpoint, std::size_t count) { return ours_get(data, endpoint, count); };
  cell.peer = [data](const Endpoint& endpoint, std::size_t count) {
    return endpoint.ca_file.empty() ? peer_get<Connection>(data, endpoint, count)
                                    : peer_get<TlsConnection>(data, endpoint, count);
  };
  return cell;
}

Cell set_cell(std::size_t bytes, std::size_t threads) {
  const Shared data = single_data(bytes);
  Cell cell = single_cell("set", threads, data);
  cell.check = [data](Connection& server) { check_stored(server, *data, 1); };
  cell.ours = [data](const Endpoint& endpoint, std::size_t count) { return ours_set(data, endpoint, count); };
  cell.peer = [data](const Endpoint& endpoint, std::size_t count) {
    return endpoint.ca_file.empty() ? peer_set<Connection>(data, endpoint, count)
                                    : peer_set<TlsConnection>(data, endpoint, count);
  };
  return cell;
}

}  // namespace bench
