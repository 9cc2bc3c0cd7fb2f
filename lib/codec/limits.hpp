#pragma once

#include <cstddef>

namespace rediscache::codec {

/// How deep values may be nested, in every format, on reading and on writing.
inline constexpr int deepest = 1000;

/// Dicts of at most so many keys are searched for a repeated key pair by pair, which costs less than an index.
inline constexpr std::size_t few_keys = 16;

}  // namespace rediscache::codec
