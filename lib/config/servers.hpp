// The servers that options name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rediscache/options.hpp>

#include "net/endpoint.hpp"

namespace rediscache::config {

/// One text for each server: the strings of `location`, or the parts of the only one. InvalidOptions when
/// there is none.
[[nodiscard]] std::vector<std::string> locations(const Options& options);

/// How to get to the server of a location. InvalidOptions names what is wrong with it or with the options.
[[nodiscard]] net::ServerSettings server_settings(const Options& options, std::string_view location);

}  // namespace rediscache::config
