// Options become the parts of a cache.
#pragma once

#include <memory>

#include <rediscache/options.hpp>

namespace rediscache::cache {
class Core;
}  // namespace rediscache::cache

namespace rediscache::config {

/// Checks the options and puts a cache together; connects to nothing. InvalidOptions names what is wrong.
[[nodiscard]] std::shared_ptr<cache::Core> assemble(const Options& options);

}  // namespace rediscache::config
