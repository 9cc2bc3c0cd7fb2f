// get_many and set_many: one call, many keys. One call counts as one operation.
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

Cell many_cell(std::string bench, const Shared& data) {
  return {.bench = std::move(bench), .bytes = data->value.size(), .keys = data->keys.size()};
}

std::vector<Batch> ours_get_many(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  const auto cache = make_cache(endpoint);
  return std::vector<Batch>(threads, repeat([data, cache](std::size_t) {
                              const auto found = cache->get_many<std::string>(data->keys);
                              std::size_t bytes = 0;
                              for (const auto& [key, value] : found) {
                                bytes += value.size();
                              }
                              if (bytes != data->keys.size() * data->value.size()) {
                                throw std::runtime_error{"ours: get_many did not find what was stored"};
                              }
                            }));
}

std::vector<Batch> peer_get_many(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    const auto connection = std::make_shared<Connection>(endpoint);
    const auto arguments = std::make_shared<Arguments>("MGET", data->made_keys);
    batches.push_back(repeat([data, connection, arguments](std::size_t) {
      const Reply reply = connection->command(*arguments);
      if (reply->type != REDIS_REPLY_ARRAY || reply->elements != data->keys.size()) {
        throw std::runtime_error{"hiredis: MGET gave another number of values"};
      }
      for (std::size_t at = 0; at < reply->elements; ++at) {
        expect_text(*reply->element[at], data->value.size());
      }
    }));
  }
  return batches;
}

std::vector<Batch> ours_set_many(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  const auto cache = make_cache(endpoint);
  const auto entries = std::make_shared<std::vector<std::pair<std::string, std::string>>>();
  for (const std::string& key : data->keys) {
    entries->emplace_back(key, data->value);
  }
  return std::vector<Batch>(threads, repeat([cache, entries](std::size_t) {
                              if (!cache->set_many(*entries).empty()) {
                                throw std::runtime_error{"ours: set_many did not store everything"};
                              }
                            }));
}

std::vector<Batch> peer_set_many(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    const auto connection = std::make_shared<Connection>(endpoint);
    batches.push_back(repeat([data, connection](std::size_t) { set_all(*connection, *data); }));
  }
  return batches;
}

}  // namespace

Cell get_many_cell(std::size_t keys, std::size_t bytes) {
  const Shared data = make_data(keys, bytes);
  Cell cell = many_cell("get_many", data);
  cell.prepare = [data](Connection& server) { store_all(server, *data); };
  cell.ours = [data](const Endpoint& endpoint, std::size_t threads) {
    return ours_get_many(data, endpoint, threads);
  };
  cell.peer = [data](const Endpoint& endpoint, std::size_t threads) {
    return peer_get_many(data, endpoint, threads);
  };
  return cell;
}

Cell set_many_cell(std::size_t keys, std::size_t bytes) {
  const Shared data = make_data(keys, bytes);
  Cell cell = many_cell("set_many", data);
  cell.check = [data](Connection& server) { check_stored(server, *data, data->keys.size()); };
  cell.ours = [data](const Endpoint& endpoint, std::size_t threads) {
    return ours_set_many(data, endpoint, threads);
  };
  cell.peer = [data](const Endpoint& endpoint, std::size_t threads) {
    return peer_set_many(data, endpoint, threads);
  };
  return cell;
}

}  // namespace bench
