// Pickles of protocols 0 to 5 as values, without a Python.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <rediscache/value.hpp>

namespace rediscache::codec {

/// The value that the pickle is: none, bool, int, float, str, bytes, list, tuple, dict, set. Nothing is ever
/// imported or called: pickles that want it are refused with the name of what they want, "shop.models.Order".
/// Throws ValueError, with the position, for that and for what is no pickle; for objects inside themselves,
/// integers of more than 4300 digits, nesting beyond 1000 levels and more than 10 million objects. Claimed
/// lengths are believed when the bytes are there.
[[nodiscard]] Value read_pickle(std::string_view bytes);

/// What django-redis's HerdClient stores: a tuple of an object of its own, the value, and when its time is
/// over.
struct HerdPickle {
  Value value;
  std::optional<double>
      over;                 ///< in seconds since 1970; nothing: it is another pickle, and `value` all of it
  std::size_t over_at = 0;  ///< where in the pickle the instruction for `over` is
};
/// The same for a pickle that may be one of these. Anywhere else in it that object is refused.
[[nodiscard]] HerdPickle read_herd_pickle(std::string_view bytes);

}  // namespace rediscache::codec
