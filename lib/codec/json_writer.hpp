// JSON, byte for byte as Python's json.dumps writes it.
#pragma once

#include <string>
#include <string_view>

#include <rediscache/value.hpp>

namespace rediscache::codec {

/// Appends a value: separators ", " and ": ", everything beyond ASCII as \uXXXX, dicts in their own order,
/// their keys made text as Python does. Own code because no JSON library writes these bytes. Throws
/// ValueError for bytes, sets, text that is not UTF-8, dict keys that are lists or dicts, and nesting beyond
/// 1000.
void write_json(std::string& out, const Value& value);
/// Appends text as a JSON string.
void write_json_string(std::string& out, std::string_view text);

}  // namespace rediscache::codec
