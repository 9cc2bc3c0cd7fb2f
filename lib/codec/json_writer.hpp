// JSON, byte for byte as Python's json.dumps writes it.
#pragma once

#include <string>
#include <string_view>

#include <rediscache/value.hpp>

namespace rediscache::codec {

/// What becomes of bytes, which JSON has not.
enum class BytesInJson {
  refused,
  escaped,  ///< text as escape_bytes() makes it
};

/// Appends a value: separators ", " and ": ", everything beyond ASCII as \uXXXX, dicts in their own order,
/// their keys made text as Python does. Own code because no JSON library writes these bytes. Throws
/// ValueError for bytes, if these are refused, sets, text that is not UTF-8, dict keys that are bytes, lists
/// or dicts, and what is nested too deep. Does not recurse.
void write_json(std::string& out, const Value& value, BytesInJson bytes = BytesInJson::refused);
/// Appends text as a JSON string.
void write_json_string(std::string& out, std::string_view text);

}  // namespace rediscache::codec
