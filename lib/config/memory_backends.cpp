#include "config/memory_backends.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/dummy_cache.hpp>
#include <rediscache/error.hpp>
#include <rediscache/failover_cache.hpp>
#include <rediscache/locmem_cache.hpp>
#include <rediscache/redis_cache.hpp>

#include "config/names.hpp"
#include "config/option_rows.hpp"
#include "config/typed.hpp"

namespace rediscache::config {
namespace {

constexpr std::array<std::string_view, 4> memory_keys{"MAX_ENTRIES", "MAX_BYTES", "CULL_FREQUENCY", "SHARDS"};

/// They are made at once.
constexpr std::int64_t most_shards = 4096;

/// A key of `memory_keys`.
void read_memory_key(Draft& draft, std::string_view name, const Value& value, LocMemOptions& options) {
  const std::string path = under(under(draft.path(), "OPTIONS"), name);
  const std::int64_t least = name == "CULL_FREQUENCY" ? 0 : 1;
  const std::int64_t most = name == "SHARDS" ? most_shards : std::numeric_limits<std::int64_t>::max();
  const auto count = read_count(draft.reading(), {value, path}, least, most);
  if (!count) {
    return;
  }
  const auto size = static_cast<std::size_t>(*count);
  if (name == "MAX_ENTRIES") {
    options.max_entries = size;
  } else if (name == "MAX_BYTES") {
    options.max_bytes = size;
  } else if (name == "SHARDS") {
    options.shards = size;
  } else {
    options.cull_frequency = size;
  }
  draft.came(name, draft.reading().origin(path));
}

void show(Draft& draft, const LocMemOptions& options) {
  draft.show("MAX_ENTRIES", std::to_string(options.max_entries));
  draft.show("MAX_BYTES", std::to_string(options.max_bytes));
  draft.show("CULL_FREQUENCY", options.cull_frequency ? std::to_string(*options.cull_frequency) : "none");
  draft.show("SHARDS", std::to_string(options.shards));
}

/// Those of the cache that its memory shares.
void take(const Options& from, LocMemOptions& options) {
  options.key_prefix = from.key_prefix;
  options.version = from.version;
  options.key_function = from.key_function;
  options.reverse_key_function = from.reverse_key_function;
  options.timeout = from.timeout;
  options.serializer = from.serializer;
  options.compressor = from.compressor;
  options.max_decompressed_bytes = from.max_decompressed_bytes;
  options.on_decode_error = from.on_decode_error;
}

void check(Draft& draft, const LocMemOptions& options) {
  try {
    const LocMemCache cache{options};
  } catch (const InvalidOptions& error) {
    draft.reading().problem(draft.path(), std::string{"cannot be used: "} + error.what());
  }
}

bool is_memory_key(std::string_view name) noexcept {
  return std::find(memory_keys.begin(), memory_keys.end(), name) != memory_keys.end();
}

}  // namespace

CacheMaker read_locmem(Draft& draft) {
  Reading& reading = draft.reading();
  const std::size_t problems_before = reading.problems();
  Options& options = draft.options();
  LocMemOptions memory;
  options.serializer = "pickle";  // Django's
  for (const auto& [key, value] : draft.backend_options()) {
    const std::string& name = key.as_text();
    const std::string path = under(under(draft.path(), "OPTIONS"), name);
    const bool is_serializer = name == "SERIALIZER";
    if (value.is_none() && (is_memory_key(name) || is_serializer || name == "COMPRESSOR")) {
      continue;
    }
    if (const OptionRow* const row = name == "ON_DECODE_ERROR" ? find_row(redis_rows(), name) : nullptr) {
      draft.take(*row, value, path);
    } else if (is_memory_key(name)) {
      read_memory_key(draft, name, value, memory);
    } else if (is_serializer || name == "COMPRESSOR") {
      const Found found{value, path};
      const auto named = is_serializer ? read_serializer(reading, found) : read_compressor(reading, found);
      (is_serializer ? options.serializer : options.compressor) = named.value_or("");
      draft.came(name, reading.origin(path));
    } else {
      std::vector<std::string> known(memory_keys.begin(), memory_keys.end());
      known.insert(known.end(), {"SERIALIZER", "COMPRESSOR", "ON_DECODE_ERROR"});
      reading.unknown_key(path, name, known);
    }
  }
  take(options, memory);
  draft.show("SERIALIZER", options.serializer);
  draft.show("COMPRESSOR", options.compressor.empty() ? "none" : options.compressor);
  draft.show("ON_DECODE_ERROR", options.on_decode_error == OnDecodeError::miss ? "miss" : "error");
  show(draft, memory);
  if (reading.problems() == problems_before) {
    check(draft, memory);
  }
  return [memory] { return std::make_shared<LocMemCache>(memory); };
}

CacheMaker read_failover(Draft& draft) {
  LocMemOptions memory;
  draft.leave(memory_keys);
  for (const auto& [key, value] : draft.backend_options()) {
    if (is_memory_key(key.as_text()) && !value.is_none()) {
      read_memory_key(draft, key.as_text(), value, memory);
    }
  }
  const std::size_t problems_before = draft.reading().problems();
  read_redis(draft, false);
  take(draft.options(), memory);
  show(draft, memory);
  if (draft.reading().problems() == problems_before) {
    check(draft, memory);
  }
  return [options = draft.options(), memory]() -> std::shared_ptr<Cache> {
    return std::make_shared<FailoverCache>(RedisCache{options}, std::make_shared<LocMemCache>(memory));
  };
}

CacheMaker read_dummy(Draft& /*draft*/) {
  return [] { return std::make_shared<DummyCache>(); };
}

}  // namespace rediscache::config
