#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

#include "base/text.hpp"
#include "codec/value_access.hpp"

namespace rediscache {
namespace {

[[noreturn]] void throw_wrong_kind(std::string_view wanted, Value::Kind found) {
  throw ValueError{"expected " + std::string{wanted} + ", found " + std::string{to_string(found)}};
}

template <class T, class Self>
auto& get(Self& value, std::string_view wanted) {
  auto* const held = codec::ValueAccess::get_if<T>(value);
  if (held == nullptr) {
    throw_wrong_kind(wanted, value.kind());
  }
  return *held;
}

}  // namespace

std::string_view to_string(Value::Kind kind) noexcept {
  constexpr std::array<std::string_view, 11> names{"none",  "boolean", "integer",    "floating",
                                                   "text",  "bytes",   "list",       "dict",
                                                   "tuple", "set",     "big integer"};
  return names.at(static_cast<std::size_t>(kind));
}

Value::Value() noexcept = default;
Value::~Value() = default;
Value::Value(const Value& other) = default;
Value& Value::operator=(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(Value&& other) noexcept = default;

Value::Value(Boolean value) noexcept : data_{value.value} {}
Value::Value(Signed value) noexcept : data_{value.value} {}
Value::Value(Unsigned value) noexcept {
  if (value.value <= static_cast<std::uint64_t>(INT64_MAX)) {
    data_ = static_cast<std::int64_t>(value.value);
  } else {
    data_ = value.value;
  }
}
Value::Value(Float value) noexcept : data_{value.value} {}
Value::Value(std::string text) noexcept : data_{std::move(text)} {}
Value::Value(std::string_view text) : data_{std::string{text}} {}
Value::Value(const char* text) : data_{std::string{text}} {}
Value::Value(Bytes bytes) noexcept : data_{std::move(bytes)} {}
Value::Value(List list) noexcept : data_{std::move(list)} {}
Value::Value(Dict dict) noexcept : data_{std::move(dict)} {}

Value Value::tuple(List elements) noexcept {
  Value value;
  value.data_ = Group{Kind::tuple, std::move(elements)};
  return value;
}

Value Value::set(List elements) noexcept {
  Value value;
  value.data_ = Group{Kind::set, std::move(elements)};
  return value;
}

Value Value::integer_of(std::string_view digits) {
  if (const auto number = base::parse_integer(digits)) {
    return Value{*number};
  }
  if (const auto number = base::parse_unsigned(digits)) {
    return Value{*number};
  }
  const bool negative = digits.starts_with('-');
  std::string_view bare = digits.substr(negative ? 1 : 0);
  if (bare.empty() || bare.find_first_not_of("0123456789") != std::string_view::npos) {
    throw ValueError{"expected the digits of an integer"};
  }
  if (bare.starts_with('0')) {
    bare.remove_prefix(std::min(bare.find_first_not_of('0'), bare.size() - 1));
    return integer_of(std::string{negative ? "-" : ""}.append(bare));
  }
  if (bare.size() > most_digits) {
    throw ValueError{"the integer has more than " + std::to_string(most_digits) + " digits"};
  }
  Value value;
  value.data_ = BigInteger{std::string{digits}};
  return value;
}

bool Value::Group::operator==(const Group& other) const noexcept {
  return kind == other.kind && elements == other.elements;
}

bool operator==(const Value& left, const Value& right) noexcept {
  return left.data_ == right.data_;
}

bool Value::needs_unsigned() const noexcept {
  return std::holds_alternative<std::uint64_t>(data_);
}

Value::Kind Value::kind() const noexcept {
  return codec::ValueAccess::kind(*this);
}

bool Value::as_bool() const {
  return get<bool>(*this, "boolean");
}

std::int64_t Value::as_integer() const {
  if (needs_unsigned()) {
    throw ValueError{"the integer is larger than 64 signed bits hold"};
  }
  return get<std::int64_t>(*this, "integer");
}

std::uint64_t Value::as_unsigned() const {
  if (needs_unsigned()) {
    return std::get<std::uint64_t>(data_);
  }
  const std::int64_t value = as_integer();
  if (value < 0) {
    throw ValueError{"the integer is negative"};
  }
  return static_cast<std::uint64_t>(value);
}

double Value::as_float() const {
  if (kind() != Kind::integer) {
    return get<double>(*this, "floating");
  }
  // Every integer of up to 53 bits is a double; of the larger ones only some are.
  constexpr double beyond_signed = 9223372036854775808.0;
  constexpr double beyond_unsigned = 18446744073709551616.0;
  if (needs_unsigned()) {
    const auto value = as_unsigned();
    const auto converted = static_cast<double>(value);
    if (converted < beyond_unsigned && static_cast<std::uint64_t>(converted) == value) {
      return converted;
    }
  } else {
    const auto value = as_integer();
    const auto converted = static_cast<double>(value);
    if (converted < beyond_signed && static_cast<std::int64_t>(converted) == value) {
      return converted;
    }
  }
  throw ValueError{"the integer has more digits than a double holds"};
}

const std::string& Value::as_text() const {
  return get<std::string>(*this, "text");
}
std::string& Value::as_text() {
  return get<std::string>(*this, "text");
}
const Bytes& Value::as_bytes() const {
  return get<Bytes>(*this, "bytes");
}
Bytes& Value::as_bytes() {
  return get<Bytes>(*this, "bytes");
}
std::string Value::as_digits() const {
  if (const auto* const big = std::get_if<BigInteger>(&data_)) {
    return big->digits;
  }
  return needs_unsigned() ? std::to_string(as_unsigned()) : std::to_string(as_integer());
}
const Value::List& Value::as_list() const {
  if (const auto* const group = std::get_if<Group>(&data_)) {
    return group->elements;
  }
  return get<List>(*this, "list");
}
Value::List& Value::as_list() {
  return const_cast<List&>(std::as_const(*this).as_list());
}
const Value::Dict& Value::as_dict() const {
  return get<Dict>(*this, "dict");
}
Value::Dict& Value::as_dict() {
  return get<Dict>(*this, "dict");
}

const Value* Value::find(std::string_view key) const {
  for (const auto& [name, value] : as_dict()) {
    if (const auto* const text = std::get_if<std::string>(&name.data_); text != nullptr && *text == key) {
      return &value;
    }
  }
  return nullptr;
}

}  // namespace rediscache
