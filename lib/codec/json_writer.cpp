#include "codec/json_writer.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include <rediscache/error.hpp>

#include "base/utf8.hpp"
#include "codec/limits.hpp"
#include "codec/number_text.hpp"

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
      write_json(out, key);
      out += '"';
      return;
    default:
      throw ValueError{"JSON has no keys of kind " + std::string{to_string(key.kind())}};
  }
}

template <class Range, class WriteOne>
void write_sequence(std::string& out, char open, char close, const Range& range, WriteOne write_one) {
  out += open;
  bool first = true;
  for (const auto& element : range) {
    if (!first) {
      out += ", ";
    }
    first = false;
    write_one(element);
  }
  out += close;
}

void write(std::string& out, const Value& value, int depth) {
  if (depth > deepest) {
    throw ValueError{"the value is nested deeper than " + std::to_string(deepest) + " levels"};
  }
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
      throw ValueError{"JSON has no bytes; store them as text, or use the serializer \"plain\""};
    case Value::Kind::set:
      throw ValueError{"JSON has no sets; store a list, or use the serializer \"pickle\""};
    case Value::Kind::list:
    case Value::Kind::tuple:
      write_sequence(out, '[', ']', value.as_list(),
                     [&](const Value& element) { write(out, element, depth + 1); });
      return;
    case Value::Kind::dict:
      write_sequence(out, '{', '}', value.as_dict(), [&](const auto& entry) {
        write_key(out, entry.first);
        out += ": ";
        write(out, entry.second, depth + 1);
      });
      return;
  }
}

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

void write_json(std::string& out, const Value& value) {
  write(out, value, 0);
}

}  // namespace rediscache::codec
