#include "codec/plain_serializer.hpp"

#include <string>
#include <utility>

#include <rediscache/error.hpp>

#include "base/text.hpp"
#include "codec/json_reader.hpp"
#include "codec/json_serializer.hpp"
#include "codec/json_writer.hpp"
#include "codec/number_text.hpp"

namespace rediscache::codec {
namespace {

Bytes to_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}

/// Says nothing of what was found: values have no place in messages.
[[noreturn]] void throw_unreadable(std::string_view wanted, std::size_t found_bytes) {
  throw ValueError{"expected " + std::string{wanted} + ", and the " + std::to_string(found_bytes) +
                   " bytes stored are not"};
}

void decode_any(std::string&& bytes, const ValueTarget& target) {
  try {
    target.put(read_json(bytes));
    return;
  } catch (const ValueError&) {  // NOLINT(bugprone-empty-catch): then it is something else
  }
  if (base::is_utf8(bytes)) {
    target.put_text(std::move(bytes));
  } else {
    target.put_bytes(to_bytes(bytes));
  }
}

}  // namespace

std::string_view PlainSerializer::encode(const ValueView& value, std::string& scratch) const {
  switch (value.kind()) {
    case ValueView::Kind::text:
      return value.text();
    case ValueView::Kind::bytes:
      return {reinterpret_cast<const char*>(value.bytes().data()), value.bytes().size()};
    case ValueView::Kind::structured:
      write_json(scratch, value.structured(), BytesInJson::escaped);
      return scratch;
    default:
      return JsonSerializer{}.encode(value, scratch);
  }
}

void PlainSerializer::decode(std::string&& bytes, const ValueTarget& target) const {
  if (target.takes_none() && bytes == "null") {
    target.put_none();
    return;
  }
  switch (target.kind()) {
    case ValueTarget::Kind::text:
      target.put_text(std::move(bytes));
      return;
    case ValueTarget::Kind::bytes:
      target.put_bytes(to_bytes(bytes));
      return;
    case ValueTarget::Kind::integer:
      if (const auto number = base::parse_integer(bytes)) {
        target.put_integer(*number);
        return;
      }
      break;
    case ValueTarget::Kind::unsigned_integer:
      if (const auto number = base::parse_unsigned(bytes)) {
        target.put_unsigned(*number);
        return;
      }
      break;
    case ValueTarget::Kind::floating:
      if (double number = 0; parse_float(bytes, number)) {
        target.put_float(number);
        return;
      }
      break;
    case ValueTarget::Kind::boolean:
      if (bytes == "true" || bytes == "false") {
        target.put_bool(bytes == "true");
        return;
      }
      break;
    case ValueTarget::Kind::any:
      decode_any(std::move(bytes), target);
      return;
  }
  throw_unreadable(to_string(target.kind()), bytes.size());
}

}  // namespace rediscache::codec
