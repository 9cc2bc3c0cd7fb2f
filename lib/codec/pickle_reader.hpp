// Pickles of protocols 0 to 5 as values, without a Python.
#pragma once

#include <string_view>

#include <rediscache/value.hpp>

namespace rediscache::codec {

/// The value that the pickle is: none, bool, int, float, str, bytes, list, tuple, dict, set. Nothing is ever
/// imported or called: pickles that want it are refused with the name of what they want, "shop.models.Order".
/// Throws ValueError, with the position, for that and for what is no pickle; for objects inside themselves,
/// integers of more than 4300 digits, nesting beyond 1000 levels and more than 10 million objects. Claimed
/// lengths are believed when the bytes are there.
[[nodiscard]] Value read_pickle(std::string_view bytes);

}  // namespace rediscache::codec
