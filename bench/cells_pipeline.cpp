// pipeline_get and pipeline_set: many commands in one round trip. One pipeline counts as one operation.
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
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
using rediscache::Pending;

Cell pipeline_cell(std::string bench, const Shared& data) {
  return {.bench = std::move(bench), .bytes = data->value.size(), .keys = data->keys.size()};
}

std::vector<Batch> ours_get(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  const auto cache = make_cache(endpoint);
  using Values = std::vector<Pending<std::optional<std::string>>>;
  return std::vector<Batch>(threads, repeat([data, cache, values = Values{}](std::size_t) mutable {
                              values.clear();
                              auto pipeline = cache->pipeline();
                              for (const std::string& key : data->keys) {
                                values.push_back(pipeline.get<std::string>(key));
                              }
                              pipeline.execute();
                              for (const auto& value : values) {
                                const auto found = value.value();
                                if (!found || found->size() != data->value.size()) {
                                  throw std::runtime_error{"ours: a pipeline did not find what was stored"};
                                }
                              }
                            }));
}

std::vector<Batch> peer_get(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    const auto connection = std::make_shared<Connection>(endpoint);
    batches.push_back(repeat([data, connection](std::size_t) {
      for (const std::string& key : data->made_keys) {
        connection->append(std::array<std::string_view, 2>{"GET", key});
      }
      for (std::size_t at = 0; at < data->made_keys.size(); ++at) {
        expect_text(*connection->read(), data->value.size());
      }
    }));
  }
  return batches;
}

std::vector<Batch> ours_set(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  const auto cache = make_cache(endpoint);
  using Results = std::vector<Pending<bool>>;
  return std::vector<Batch>(threads, repeat([data, cache, stored = Results{}](std::size_t) mutable {
                              stored.clear();
                              auto pipeline = cache->pipeline();
                              for (const std::string& key : data->keys) {
                                stored.push_back(pipeline.set(key, data->value));
                              }
                              pipeline.execute();
                              for (const auto& result : stored) {
                                if (!result.value()) {
                                  throw std::runtime_error{"ours: a pipeline did not store everything"};
                                }
                              }
                            }));
}

std::vector<Batch> peer_set(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    const auto connection = std::make_shared<Connection>(endpoint);
    batches.push_back(repeat([data, connection](std::size_t) { set_all(*connection, *data); }));
  }
  return batches;
}

}  // namespace

Cell pipeline_get_cell(std::size_t commands, std::size_t bytes) {
  const Shared data = make_data(commands, bytes);
  Cell cell = pipeline_cell("pipeline_get", data);
  cell.prepare = [data](Connection& server) { store_all(server, *data); };
  cell.ours = [data](const Endpoint& endpoint, std::size_t threads) {
    return ours_get(data, endpoint, threads);
  };
  cell.peer = [data](const Endpoint& endpoint, std::size_t threads) {
    return peer_get(data, endpoint, threads);
  };
  return cell;
}

Cell pipeline_set_cell(std::size_t commands, std::size_t bytes) {
  const Shared data = make_data(commands, bytes);
  Cell cell = pipeline_cell("pipeline_set", data);
  cell.check = [data](Connection& server) { check_stored(server, *data, data->keys.size()); };
  cell.ours = [data](const Endpoint& endpoint, std::size_t threads) {
    return ours_set(data, endpoint, threads);
  };
  cell.peer = [data](const Endpoint& endpoint, std::size_t threads) {
    return peer_set(data, endpoint, threads);
  };
  return cell;
}

}  // namespace bench
