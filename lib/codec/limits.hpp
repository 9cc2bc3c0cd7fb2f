// What the bytes of one value may unfold to, in every format.
#pragma once

#include <cstddef>
#include <string>

namespace rediscache::codec {

/// Lists, tuples, dicts and sets inside one another. Python's own limit is near it.
inline constexpr std::size_t deepest = 1000;
/// Values in one, dict keys included. A Value takes 40 bytes, and a compressed one a fraction of a bit of
/// what is stored.
inline constexpr std::size_t most_values = 4'000'000;

inline std::string nested_too_deep() {
  return "nested deeper than " + std::to_string(deepest) + " levels";
}
inline std::string too_many_values() {
  return "more than " + std::to_string(most_values) + " values";
}

/// Dicts of at most so many keys are searched for a repeated key pair by pair, which costs less than an
/// index.
inline constexpr std::size_t few_keys = 16;

}  // namespace rediscache::codec
