// The keys and the value that both sides of a cell work with.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/redis_cache.hpp>

#include "connection.hpp"

namespace bench {

/// The default timeout of a cache, as SET takes it.
inline constexpr std::string_view default_timeout_ms = "300000";

struct Data {
  std::vector<std::string> keys;       ///< as a user of ours writes them
  std::vector<std::string> made_keys;  ///< as the server sees them, ready for hiredis
  std::string value;
};

[[nodiscard]] std::shared_ptr<const Data> make_data(std::size_t keys, std::size_t bytes);

/// A cache with default options, shared by all threads of a cell.
[[nodiscard]] std::shared_ptr<rediscache::RedisCache> make_cache(const Endpoint& endpoint);

/// Stores every key.
void store_all(Connection& server, const Data& data);
/// Stores every key, in one round trip and with the default timeout.
void set_all(Connection& server, const Data& data);
/// Throws unless every key from the first on, `count` of them, holds the value and expires as it should.
void check_stored(Connection& server, const Data& data, std::size_t count);

}  // namespace bench
