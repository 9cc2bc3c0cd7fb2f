// LOCATION of a cache on Redis: where its servers are, and what their URLs say besides.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/entry.hpp"

namespace rediscache::config {

/// Reads and shows LOCATION, and what its URLs say instead of the options. `database`: for URLs that name
/// none.
void read_locations(Draft& draft, std::optional<int> database);

/// The same with these texts, each with its place.
void take_locations(Draft& draft, const std::vector<std::pair<std::string, std::string>>& texts,
                    std::optional<int> database);

}  // namespace rediscache::config
