#include <string>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>

#include "base/text.hpp"

namespace rediscache::detail {
namespace {

template <class T>
[[noreturn]] void throw_range(T value, int bits, bool is_signed) {
  throw ValueError{"the integer " + std::to_string(value) + " does not fit " + std::to_string(bits) +
                   (is_signed ? " signed bits" : " unsigned bits")};
}

}  // namespace

void throw_out_of_range(std::int64_t value, int bits, bool is_signed) {
  throw_range(value, bits, is_signed);
}
void throw_out_of_range(std::uint64_t value, int bits, bool is_signed) {
  throw_range(value, bits, is_signed);
}

void throw_missing_field(std::string_view field) {
  throw ValueError{"the field \"" + std::string{field} + "\" is missing"};
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
  try {
    read(value, out);
  } catch (const ValueError& error) {
    throw ValueError{"field \"" + std::string{field} + "\": " + error.what()};
  }
}

void in_element(std::size_t index, void (*read)(const Value&, void*), const Value& value, void* out) {
  try {
    read(value, out);
  } catch (const ValueError& error) {
    throw ValueError{"element " + std::to_string(index) + ": " + error.what()};
  }
}

}  // namespace rediscache::detail
