// What a set comes down to, by its options.
#pragma once

#include <cstdint>
#include <string_view>

#include <rediscache/cache.hpp>
#include <rediscache/timeout.hpp>

#include "cache/core.hpp"
#include "cache/keys.hpp"
#include "cache/operations/entries.hpp"

namespace rediscache::cache {

struct SetPlan {
  enum class Action : std::uint8_t {
    store,
    remove,  ///< the time is over before it began
    look,  ///< the same, and only an absent key was to be set: nothing to do but to tell whether it is absent
  };
  MadeKey key;
  Action action;
  Timeout timeout;
  Condition condition;
};

/// Throws InvalidArgument for conditions that exclude each other.
[[nodiscard]] SetPlan plan_set(const Core& core, std::string_view key, const SetOptions& options);

}  // namespace rediscache::cache
