// A cache that keeps nothing.
#pragma once

#include <memory>

#include <rediscache/cache.hpp>

namespace rediscache::config {

/// The backend "dummy", with the answers of Django's: whatever is stored is forgotten at once.
[[nodiscard]] std::shared_ptr<Cache> make_dummy();

}  // namespace rediscache::config
