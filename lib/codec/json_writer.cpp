#include "codec/json_writer.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include <rediscache/error.hpp>

#include "base/utf8.hpp"
#include "codec/escaped_bytes.hpp"
#include "codec/level_stack.hpp"
#include "codec/limits.hpp"
#include "codec/number_text.hpp"
#include "codec/value_access.hpp"

namespace rediscache::codec {
namespace {

void write_escape(std::string& out, std::uint32_t unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out += digits[unit >> static_cast<unsigned>(shift) & 0xfU];
  }
}

void write_character(std::string& out, std::uint32_t code) {
  switch (code) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\b':
      out += "\\b";
      return;
    default:
      break;
  }
  if (code >= 0x20 && code < 0x7f) {
    out += static_cast<char>(code);
  } else if (code < 0x10000) {
    write_escape(out, code);
  } else {
    write_escape(out, 0xd800 + ((code - 0x10000) >> 10U));
    write_escape(out, 0xdc00 + ((code - 0x10000) & 0x3ffU));
  }
}

/// All but containers.
void write_json_scalar(std::string& out, const Value& value, BytesInJson bytes) {
  switch (value.kind()) {
    case Value::Kind::none:
      out += "null";
      return;
    case Value::Kind::boolean:
      out += value.as_bool() ? "true" : "false";
      return;
    case Value::Kind::integer:
      out +=
          value.needs_unsigned() ? std::to_string(value.as_unsigned()) : std::to_string(value.as_integer());
      return;
    case Value::Kind::big_integer:
      out += value.as_digits();
      return;
    case Value::Kind::floating:
      append_float(out, value.as_float());
      return;
    case Value::Kind::text:
      write_json_string(out, value.as_text());
      return;
    case Value::Kind::bytes:
      if (bytes == BytesInJson::escaped) {
        write_json_string(out, escape_bytes(value.as_bytes()));
        return;
      }
      throw ValueError{"JSON has no bytes; store them as text, or use the serializer \"plain\""};
    case Value::Kind::set:
      throw ValueError{"JSON has no sets; store a list, or use the serializer \"pickle\""};
    case Value::Kind::list:
    case Value::Kind::tuple:
    case Value::Kind::dict:
      return;
  }
}

/// Python makes text of keys that are numbers, bools or None.
void write_key(std::string& out, const Value& key) {
  switch (key.kind()) {
    case Value::Kind::text:
      write_json_string(out, key.as_text());
      return;
    case Value::Kind::none:
    case Value::Kind::boolean:
    case Value::Kind::integer:
    case Value::Kind::big_integer:
    case Value::Kind::floating:
      out += '"';
      write_json_scalar(out, key, BytesInJson::refused);
      out += '"';
      return;
    default:
      throw ValueError{"JSON has no keys of kind " + std::string{to_string(key.kind())}};
  }
}

/// A container that is being written.
struct JsonLevel {
  const Value::List* list;  // null for a dict
  const Value::Dict* dict;
  std::size_t next = 0;  // element
};

class JsonWriter {
 public:
  JsonWriter(std::string& out, BytesInJson bytes) noexcept : out_{out}, bytes_{bytes} {}

  void write(const Value& value) {
    begin(value);
    while (!levels_.empty()) {
      if (const Value* const next = next_value()) {
        begin(*next);
      }
    }
  }

 private:
  void begin(const Value& value) {
    const Value::Kind kind = value.kind();
    const auto* const dict = ValueAccess::get_if<Value::Dict>(value);
    if (dict == nullptr && kind != Value::Kind::list && kind != Value::Kind::tuple) {
      write_json_scalar(out_, value, bytes_);
      return;
    }
    if (levels_.is_full()) {
      throw ValueError{"the value is " + nested_too_deep()};
    }
    out_ += dict != nullptr ? '{' : '[';
    levels_.push({.list = ValueAccess::elements(value), .dict = dict});
  }

  /// The next value of the innermost container, with what stands before it written. Null at the end of that.
  const Value* next_value() {
    JsonLevel& level = levels_.top();
    const bool is_list = level.dict == nullptr;
    if (level.next == (is_list ? level.list->size() : level.dict->size())) {
      out_ += is_list ? ']' : '}';
      levels_.pop();
      return nullptr;
    }
    if (level.next > 0) {
      out_ += ", ";
    }
    const std::size_t index = level.next++;
    if (is_list) {
      return &(*level.list)[index];
    }
    const auto& [key, value] = (*level.dict)[index];
    write_key(out_, key);
    out_ += ": ";
    return &value;
  }

  std::string& out_;
  BytesInJson bytes_;
  LevelStack<JsonLevel> levels_;
};

}  // namespace

void write_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const base::Utf8Character character = base::next_utf8(text);
    if (character.length == 0) {
      throw ValueError{"JSON holds only UTF-8 text, and this is not"};
    }
    write_character(out, character.code);
    text.remove_prefix(character.length);
  }
  out += '"';
}

void write_json(std::string& out, const Value& value, BytesInJson bytes) {
  JsonWriter{out, bytes}.write(value);
}

}  // namespace rediscache::codec
