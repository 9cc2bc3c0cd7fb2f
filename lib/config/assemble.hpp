// Options become the parts of a cache.
#pragma once

#include <memory>

#include <rediscache/options.hpp>

#include "net/endpoint.hpp"

namespace rediscache::cache {
class Core;
}  // namespace rediscache::cache

namespace rediscache::config {

/// Checks the options and puts a cache together; connects to nothing. InvalidOptions names what is wrong.
[[nodiscard]] std::shared_ptr<cache::Core> assemble(const Options& options);

/// The one server that the options name.
[[nodiscard]] net::ServerSettings server_settings(const Options& options);

}  // namespace rediscache::config
