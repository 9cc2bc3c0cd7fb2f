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
  return std::vector<Batch>(threads, [data, cache](std::size_t operations) {
    for (std::size_t i = 0; i < operations; ++i) {
      const auto value = cache->get<std::string>(data->keys[i % data->keys.size()]);
      if (!value || value->size() != data->value.size()) {
        throw std::runtime_error{"ours: get did not find what was stored"};
      }
    }
  });
}

std::vector<Batch> peer_get(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    const auto connection = std::make_shared<Connection>(endpoint);
    batches.emplace_back([data, connection](std::size_t operations) {
      for (std::size_t i = 0; i < operations; ++i) {
        const std::string& key = data->made_keys[i % data->made_keys.size()];
        const Reply reply = connection->command(std::array<std::string_view, 2>{"GET", key});
        expect_text(*reply, data->value.size());
      }
    });
  }
  return batches;
}

std::vector<Batch> ours_set(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  const auto cache = make_cache(endpoint);
  return std::vector<Batch>(threads, [data, cache](std::size_t operations) {
    for (std::size_t i = 0; i < operations; ++i) {
      if (!cache->set(data->keys[i % data->keys.size()], data->value)) {
        throw std::runtime_error{"ours: set did not store"};
      }
    }
  });
}

std::vector<Batch> peer_set(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    const auto connection = std::make_shared<Connection>(endpoint);
    batches.emplace_back([data, connection](std::size_t operations) {
      for (std::size_t i = 0; i < operations; ++i) {
        const std::string& key = data->made_keys[i % data->made_keys.size()];
        expect_ok(*connection->command(
            std::array<std::string_view, 5>{"SET", key, data->value, "PX", default_timeout_ms}));
      }
    });
  }
  return batches;
}

}  // namespace

Cell get_cell(std::size_t bytes, std::size_t threads) {
  const Shared data = single_data(bytes);
  Cell cell = single_cell("get", threads, data);
  cell.prepare = [data](Connection& server) { store_all(server, *data); };
  cell.ours = [data](const Endpoint& endpoint, std::size_t count) { return ours_get(data, endpoint, count); };
  cell.peer = [data](const Endpoint& endpoint, std::size_t count) { return peer_get(data, endpoint, count); };
  return cell;
}

Cell set_cell(std::size_t bytes, std::size_t threads) {
  const Shared data = single_data(bytes);
  Cell cell = single_cell("set", threads, data);
  cell.check = [data](Connection& server) { check_stored(server, *data, 1); };
  cell.ours = [data](const Endpoint& endpoint, std::size_t count) { return ours_set(data, endpoint, count); };
  cell.peer = [data](const Endpoint& endpoint, std::size_t count) { return peer_set(data, endpoint, count); };
  return cell;
}

}  // namespace bench
