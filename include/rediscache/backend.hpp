// Backends: what a cache is kept in. Settings name one as BACKEND; a program may add its own.
//
//   rediscache::register_backend("disk", [](const rediscache::BackendSettings& settings) {
//     return std::make_shared<DiskCache>(settings.options.location.front(), settings.options.key_prefix);
//   });
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <rediscache/cache.hpp>
#include <rediscache/export.hpp>
#include <rediscache/options.hpp>
#include <rediscache/value.hpp>

namespace rediscache {

/// What settings say of a cache with a backend of the program's own.
struct BackendSettings {
  std::string alias{};
  /// LOCATION, TIMEOUT, KEY_PREFIX, VERSION and the key functions; everything else is as ever.
  Options options{};
  /// OPTIONS, a dict, with variables filled in. Nobody but the backend checks it.
  Value extra{};
};

/// Makes a cache; never null. It may be called by several threads at once, for the same cache too: then one
/// of the caches is used.
using BackendFactory = std::function<std::shared_ptr<Cache>(const BackendSettings& settings)>;

/// Makes `name` usable as BACKEND of settings that are read from now on; an existing name is replaced.
/// Thread-safe.
REDISCACHE_API void register_backend(std::string name, BackendFactory factory);

}  // namespace rediscache
