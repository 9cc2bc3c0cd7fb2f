#include <string>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>

#include "base/stack.hpp"
#include "base/text.hpp"
#include "codec/escaped_bytes.hpp"

namespace rediscache::detail {
namespace {

[[noreturn]] void throw_range(int bits, bool is_signed) {
  throw ValueError{"the integer does not fit " + std::to_string(bits) +
                   (is_signed ? " signed bits" : " unsigned bits")};
}

/// A type of the program that holds itself is read by recursion, as deep as the data.
void expect_stack() {
  if (base::stack_is_short()) {
    throw ValueError{"nested deeper than the stack of this thread has room for"};
  }
}

}  // namespace

void throw_out_of_range(std::int64_t, int bits, bool is_signed) {
  throw_range(bits, is_signed);
}
void throw_out_of_range(std::uint64_t, int bits, bool is_signed) {
  throw_range(bits, is_signed);
}

void throw_missing_field(std::string_view field) {
  throw ValueError{"the field \"" + std::string{field} + "\" is missing"};
}

void throw_no_alternative(Kinds known, Value::Kind found) {
  std::string names;
  for (const Value::Kind kind :
       {Value::Kind::none, Value::Kind::boolean, Value::Kind::integer, Value::Kind::floating,
        Value::Kind::text, Value::Kind::bytes, Value::Kind::list, Value::Kind::dict}) {
    if ((known & only(kind)) != no_kind) {
      names.append(names.empty() ? "" : " or ").append(to_string(kind));
    }
  }
  throw ValueError{"expected " + names + ", found " + std::string{to_string(found)}};
}

void throw_wrong_size(std::string_view what, std::size_t wanted, std::size_t found) {
  throw ValueError{"expected " + std::string{what} + " of size " + std::to_string(wanted) + ", found " +
                   std::to_string(found)};
}

void throw_not_none(Value::Kind found) {
  throw ValueError{"expected none, found " + std::string{to_string(found)}};
}

Value bytes_value(std::span<const std::byte> bytes) {
  return Value{Bytes{bytes.begin(), bytes.end()}};
}

Bytes bytes_in(const Value& value) {
  return value.kind() == Value::Kind::text ? codec::unescape_bytes(value.as_text()) : value.as_bytes();
}

bool is_escaped_bytes(const Value& value) noexcept {
  return value.kind() == Value::Kind::text && codec::has_escaped_bytes(value.as_text());
}

Value integer_key(const Value& key) {
  if (key.kind() != Value::Kind::text) {
    return key;
  }
  if (const auto number = base::parse_integer(key.as_text())) {
    return Value{*number};
  }
  if (const auto number = base::parse_unsigned(key.as_text())) {
    return Value{*number};
  }
  throw ValueError{"expected an integer as key, found text"};
}

void in_field(std::string_view field, void (*read)(const Value&, void*), const Value& value, void* out) {
  expect_stack();
  try {
    read(value, out);
  } catch (const ValueError& error) {
    throw ValueError{"field \"" + std::string{field} + "\": " + error.what()};
  }
}

void in_element(std::size_t index, void (*read)(const Value&, void*), const Value& value, void* out) {
  expect_stack();
  try {
    read(value, out);
  } catch (const ValueError& error) {
    throw ValueError{"element " + std::to_string(index) + ": " + error.what()};
  }
}

}  // namespace rediscache::detail
