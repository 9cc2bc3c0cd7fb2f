// A walk through the keys of a cache.
//
//   auto scan = cache.iter_keys("user:*");
//   for (const std::string& key : scan) ...
//   if (!scan.complete()) ...   // the server was lost on the way, and that is ignored
#pragma once

#include <string>

#include <rediscache/scan.hpp>

namespace rediscache {

namespace detail {
using KeyPages = Pages<std::string>;
}  // namespace detail

/// The keys that match a pattern, as the caller knows them; see Scan.
using KeyScan = Scan<std::string>;

}  // namespace rediscache
