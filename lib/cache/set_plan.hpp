// What a set comes down to, by its options.
#pragma once

#include <cstdint>
#include <string_view>

#include <rediscache/cache.hpp>
#include <rediscache/timeout.hpp>

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
void check_conditions(const SetOptions& options);
/// The plan of one set; `timeout` is the cache's. Throws as check_conditions does.
[[nodiscard]] SetPlan plan_set(const KeyMaker& keys, Timeout timeout, std::string_view key,
                               const SetOptions& options);

}  // namespace rediscache::cache
