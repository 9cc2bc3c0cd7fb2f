#include "codec/msgpack_writer.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

#include "base/text.hpp"
#include "codec/level_stack.hpp"
#include "codec/limits.hpp"
#include "codec/value_access.hpp"

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

void write_msgpack_scalar(std::string& out, const ValueView& value) {
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
      return;
  }
}

/// A list or a dict that is being written; in a dict keys and values are elements by turns.
struct MsgpackLevel {
  const Value::List* list;  // null for a dict
  const Value::Dict* dict;
  std::size_t next = 0;

  [[nodiscard]] std::size_t size() const noexcept {
    return dict == nullptr ? list->size() : 2 * dict->size();
  }
  [[nodiscard]] const Value& take() noexcept {
    const std::size_t at = next++;
    if (dict == nullptr) {
      return (*list)[at];
    }
    return at % 2 == 0 ? (*dict)[at / 2].first : (*dict)[at / 2].second;
  }
};

class MsgpackWriter {
 public:
  explicit MsgpackWriter(std::string& out) noexcept : out_{out} {}

  void write(const ValueView& value) {
    begin(value);
    while (!levels_.empty()) {
      MsgpackLevel& level = levels_.top();
      if (level.next == level.size()) {
        levels_.pop();
      } else {
        begin(ValueView{level.take()});
      }
    }
  }

 private:
  void begin(const ValueView& value) {
    if (value.kind() == ValueView::Kind::structured) {
      enter(value.structured());
    } else {
      write_msgpack_scalar(out_, value);
    }
  }

  void enter(const Value& value) {
    if (value.kind() == Value::Kind::set) {
      throw ValueError{"MessagePack has no sets; store a list, or use the serializer \"pickle\""};
    }
    if (value.kind() == Value::Kind::big_integer) {
      throw ValueError{"MessagePack has no integers beyond 64 bits; use the serializer \"pickle\""};
    }
    if (levels_.is_full()) {
      throw ValueError{"the value is " + nested_too_deep()};
    }
    const auto* const dict = ValueAccess::get_if<Value::Dict>(value);
    const Value::List* const list = ValueAccess::elements(value);
    if (dict != nullptr) {
      put_count(out_, 0x80, 15, 0, 0xde, dict->size());
    } else {
      put_count(out_, 0x90, 15, 0, 0xdc, list->size());
    }
    levels_.push({.list = list, .dict = dict});
  }

  std::string& out_;
  LevelStack<MsgpackLevel> levels_;
};

}  // namespace

void write_msgpack(std::string& out, const ValueView& value) {
  MsgpackWriter{out}.write(value);
}

}  // namespace rediscache::codec
