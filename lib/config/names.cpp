#include "config/names.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include <rediscache/compressor.hpp>
#include <rediscache/error.hpp>
#include <rediscache/key_functions.hpp>

#include "base/registry.hpp"
#include "codec/compressors.hpp"
#include "codec/serializers.hpp"
#include "config/client_classes.hpp"
#include "config/typed.hpp"

namespace rediscache {
namespace config {
namespace {

using Spellings = std::span<const std::pair<std::string_view, std::string_view>>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> serializers{
    {{"django_redis.serializers.pickle.PickleSerializer", "pickle"},
     {"django_redis.serializers.json.JSONSerializer", "json"},
     {"django_redis.serializers.msgpack.MSGPackSerializer", "msgpack"},
     {"django.core.cache.backends.redis.RedisSerializer", "pickle5"}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> compressors{
    {{"django_redis.compressors.identity.IdentityCompressor", ""},
     {"django_redis.compressors.zlib.ZlibCompressor", "zlib"},
     {"django_redis.compressors.gzip.GzipCompressor", "gzip"},
     {"django_redis.compressors.lzma.LzmaCompressor", "lzma"},
     {"django_redis.compressors.lz4.Lz4Compressor", "lz4"},
     {"django_redis.compressors.zstd.ZStdCompressor", "zstd"}}};

constexpr std::string_view default_key_function = "django.core.cache.backends.base.default_key_func";
constexpr std::string_view default_reverse_function = "django_redis.util.default_reverse_key";

std::optional<std::string> read_name(Reading& reading, const Found& found, std::string_view what,
                                     Spellings python, std::vector<std::string> known) {
  auto name = read_text(reading, found);
  if (!name) {
    return std::nullopt;
  }
  const auto spelt =
      std::find_if(python.begin(), python.end(), [&](const auto& each) { return each.first == *name; });
  if (spelt != python.end()) {
    return std::string{spelt->second};
  }
  if (std::find(known.begin(), known.end(), *name) == known.end()) {
    for (const auto& each : python) {
      known.emplace_back(each.first);
    }
    reading.unknown_name(found, what, known);
    return std::nullopt;
  }
  return name;
}

base::Registry<KeyFunction>& key_functions() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): never destroyed, see base/registry.hpp
  static auto& registry = *new base::Registry<KeyFunction>{"key function", {}};
  return registry;
}
base::Registry<ReverseKeyFunction>& reverse_key_functions() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): never destroyed, see base/registry.hpp
  static auto& registry = *new base::Registry<ReverseKeyFunction>{"reverse key function", {}};
  return registry;
}

template <class Function>
void read_function(Reading& reading, const Found& found, std::string_view python_default,
                   const base::Registry<Function>& registry, std::string_view how, Function& function) {
  const auto name = read_text(reading, found);
  if (!name || *name == python_default) {
    return;
  }
  const std::vector<std::string> known = registry.names();
  if (std::find(known.begin(), known.end(), *name) == known.end()) {
    reading.wrong(found, "the name of a function in C++: call rediscache::" + std::string{how} +
                             "(\"name\", function) before the settings are read");
    return;
  }
  function = registry.find(*name);
}

}  // namespace

std::optional<std::string> read_serializer(Reading& reading, const Found& found) {
  return read_name(reading, found, "serializer", serializers, codec::serializer_names());
}

std::optional<std::string> read_compressor(Reading& reading, const Found& found) {
  auto name = read_name(reading, found, "compressor", compressors, codec::compressor_names());
  try {
    if (name && !name->empty()) {
      static_cast<void>(make_compressor(*name));
    }
  } catch (const InvalidOptions& error) {  // this build lacks it
    reading.problem(found.path, std::string{"cannot be used: "} + error.what());
    return std::nullopt;
  }
  return name;
}

std::optional<std::string> read_client_class(Reading& reading, const Found& found) {
  auto name = read_text(reading, found);
  const std::vector<std::string> known = client_class_names();
  if (!name || std::find(known.begin(), known.end(), *name) != known.end()) {
    return name;
  }
  if (name->ends_with("SentinelClient") || name->ends_with("ClusterClient")) {
    reading.problem(found.path,
                    "names a client that is not implemented yet; there are DefaultClient (a primary "
                    "and its replicas), ShardClient and HerdClient");
  } else {
    reading.unknown_name(found, "client class", known);
  }
  return std::nullopt;
}

void read_key_function(Reading& reading, const Found& found, KeyFunction& function) {
  read_function(reading, found, default_key_function, key_functions(), "register_key_function", function);
}

void read_reverse_key_function(Reading& reading, const Found& found, ReverseKeyFunction& function) {
  read_function(reading, found, default_reverse_function, reverse_key_functions(),
                "register_reverse_key_function", function);
}

std::optional<std::string> read_pickle_version(Reading& reading, const Found& found) {
  const std::optional<std::int64_t> version =
      found.value.kind() == Value::Kind::integer && !found.value.needs_unsigned()
          ? found.value.as_integer()
          : (found.value.kind() == Value::Kind::text ? base::parse_integer(found.value.as_text())
                                                     : std::nullopt);
  if (version && *version == 4) {
    return "pickle";
  }
  if (version && (*version == 5 || *version < 0)) {
    return "pickle5";
  }
  reading.wrong(found, "4, 5, or -1 for 5: older protocols are read and not written");
  return std::nullopt;
}

}  // namespace config

void register_key_function(std::string name, KeyFunction function) {
  config::key_functions().add(std::move(name), std::move(function));
}

void register_reverse_key_function(std::string name, ReverseKeyFunction function) {
  config::reverse_key_functions().add(std::move(name), std::move(function));
}

}  // namespace rediscache
