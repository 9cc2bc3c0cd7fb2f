// JSON, with all that Python's json.loads takes.
#pragma once

#include <string_view>

#include <rediscache/value.hpp>

namespace rediscache::codec {

/// The value that `text` is. Own code because Python's json also writes NaN, Infinity, lone surrogates and a
/// dict in its order, and JSON libraries refuse or lose these. Throws ValueError, with the position, for what
/// is no JSON, for integers of more than 4300 digits and for nesting beyond 1000. Of a key that occurs twice,
/// the last value counts.
[[nodiscard]] Value read_json(std::string_view text);

}  // namespace rediscache::codec
