#include "codec/json_serializer.hpp"

#include <rediscache/error.hpp>

#include "codec/json_reader.hpp"
#include "codec/json_writer.hpp"
#include "codec/number_text.hpp"

namespace rediscache::codec {

std::string_view JsonSerializer::encode(const ValueView& value, std::string& scratch) const {
  switch (value.kind()) {
    case ValueView::Kind::none:
      return "null";
    case ValueView::Kind::boolean:
      return value.boolean() ? "true" : "false";
    case ValueView::Kind::integer:
      scratch += std::to_string(value.integer());
      break;
    case ValueView::Kind::unsigned_integer:
      scratch += std::to_string(value.unsigned_integer());
      break;
    case ValueView::Kind::floating:
      append_float(scratch, value.floating());
      break;
    case ValueView::Kind::text:
      write_json_string(scratch, value.text());
      break;
    case ValueView::Kind::bytes:
      throw ValueError{"JSON has no bytes; store them as text, or use the serializer \"plain\""};
    case ValueView::Kind::structured:
      write_json(scratch, value.structured());
      break;
  }
  return scratch;
}

void JsonSerializer::decode(std::string&& bytes, const ValueTarget& target) const {
  const std::string text = std::move(bytes);
  target.put(read_json(text));
}

}  // namespace rediscache::codec
