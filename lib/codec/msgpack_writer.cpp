#include "codec/msgpack_writer.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

#include "base/text.hpp"
#include "codec/limits.hpp"

namespace rediscache::codec {
namespace {

void put(std::string& out, unsigned byte) {
  out += static_cast<char>(byte);
}

/// A type, and a number whose highest byte comes first.
void put(std::string& out, unsigned type, std::uint64_t number, unsigned bytes) {
  put(out, type);
  for (unsigned i = bytes; i-- > 0;) {
    put(out, static_cast<unsigned>(number >> (8 * i) & 0xffU));
  }
}

void write_unsigned(std::string& out, std::uint64_t value) {
  if (value < 0x80) {
    put(out, static_cast<unsigned>(value));
  } else if (value <= 0xff) {
    put(out, 0xcc, value, 1);
  } else if (value <= 0xffff) {
    put(out, 0xcd, value, 2);
  } else if (value <= 0xffffffff) {
    put(out, 0xce, value, 4);
  } else {
    put(out, 0xcf, value, 8);
  }
}

void write_integer(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0) {
    write_unsigned(out, bits);
  } else if (value >= -0x20) {
    put(out, static_cast<unsigned>(bits & 0xffU));
  } else if (value >= INT8_MIN) {
    put(out, 0xd0, bits, 1);
  } else if (value >= INT16_MIN) {
    put(out, 0xd1, bits, 2);
  } else if (value >= INT32_MIN) {
    put(out, 0xd2, bits, 4);
  } else {
    put(out, 0xd3, bits, 8);
  }
}

/// The head of something with a count: in the type up to `most_short`, else in 1 (where there is such a
/// form), 2 or 4 bytes.
void put_count(std::string& out, unsigned short_type, std::size_t most_short, unsigned type8, unsigned type16,
               std::size_t count) {
  if (count <= most_short && short_type != 0) {
    put(out, short_type | static_cast<unsigned>(count));
  } else if (count <= 0xff && type8 != 0) {
    put(out, type8, count, 1);
  } else if (count <= 0xffff) {
    put(out, type16, count, 2);
  } else if (count <= 0xffffffff) {
    put(out, type16 + 1, count, 4);
  } else {
    throw ValueError{"MessagePack holds nothing of more than 4 GiB"};
  }
}

void write_text(std::string& out, std::string_view text) {
  if (!base::is_utf8(text)) {
    throw ValueError{"MessagePack holds only UTF-8 text, and this is not; store it as bytes"};
  }
  put_count(out, 0xa0, 31, 0xd9, 0xda, text.size());
  out += text;
}

void write(std::string& out, const ValueView& value, int depth);

void write_structured(std::string& out, const Value& value, int depth) {
  if (depth > deepest) {
    throw ValueError{"the value is nested deeper than " + std::to_string(deepest) + " levels"};
  }
  switch (value.kind()) {
    case Value::Kind::dict:
      put_count(out, 0x80, 15, 0, 0xde, value.as_dict().size());
      for (const auto& [key, element] : value.as_dict()) {
        write(out, ValueView{key}, depth + 1);
        write(out, ValueView{element}, depth + 1);
      }
      return;
    case Value::Kind::set:
      throw ValueError{"MessagePack has no sets; store a list, or use the serializer \"pickle\""};
    case Value::Kind::big_integer:
      throw ValueError{"MessagePack has no integers beyond 64 bits; use the serializer \"pickle\""};
    default:
      put_count(out, 0x90, 15, 0, 0xdc, value.as_list().size());
      for (const Value& element : value.as_list()) {
        write(out, ValueView{element}, depth + 1);
      }
      return;
  }
}

void write(std::string& out, const ValueView& value, int depth) {
  switch (value.kind()) {
    case ValueView::Kind::none:
      return put(out, 0xc0);
    case ValueView::Kind::boolean:
      return put(out, value.boolean() ? 0xc3 : 0xc2);
    case ValueView::Kind::integer:
      return write_integer(out, value.integer());
    case ValueView::Kind::unsigned_integer:
      return write_unsigned(out, value.unsigned_integer());
    case ValueView::Kind::floating:
      return put(out, 0xcb, std::bit_cast<std::uint64_t>(value.floating()), 8);
    case ValueView::Kind::text:
      return write_text(out, value.text());
    case ValueView::Kind::bytes:
      put_count(out, 0, 0, 0xc4, 0xc5, value.bytes().size());
      out.append(reinterpret_cast<const char*>(value.bytes().data()), value.bytes().size());
      return;
    case ValueView::Kind::structured:
      return write_structured(out, value.structured(), depth);
  }
}

}  // namespace

void write_msgpack(std::string& out, const ValueView& value) {
  write(out, value, 0);
}

}  // namespace rediscache::codec
