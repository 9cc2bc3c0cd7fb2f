// Backends that keep, or can keep, entries in this process.
#pragma once

#include "config/backends.hpp"
#include "config/entry.hpp"

namespace rediscache::config {

/// Django's locmem: LOCATION is a name and says nothing here, for each alias has a memory of its own.
[[nodiscard]] CacheMaker read_locmem(Draft& draft);
/// Redis, and memory while that is down; OPTIONS has the keys of both.
[[nodiscard]] CacheMaker read_failover(Draft& draft);
/// Whatever else is said is for another backend, as in Django.
[[nodiscard]] CacheMaker read_dummy(Draft& draft);

}  // namespace rediscache::config
