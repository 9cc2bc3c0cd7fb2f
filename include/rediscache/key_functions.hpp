// Functions that make keys, by the names that settings call them.
//
//   rediscache::register_key_function("shop.keys.make_key", [](auto key, auto prefix, int version) { ... });
//
// and in the settings `"KEY_FUNCTION": "shop.keys.make_key"`. A dotted name of Python says the same to both
// sides.
#pragma once

#include <string>

#include <rediscache/export.hpp>
#include <rediscache/options.hpp>

namespace rediscache {

/// Makes `name` usable as KEY_FUNCTION of settings that are read from now on; an existing name is replaced.
/// Thread-safe.
REDISCACHE_API void register_key_function(std::string name, KeyFunction function);
/// The same for REVERSE_KEY_FUNCTION.
REDISCACHE_API void register_reverse_key_function(std::string name, ReverseKeyFunction function);

}  // namespace rediscache
