#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

#include "base/text.hpp"
#include "codec/value_access.hpp"
#include "codec/value_tree.hpp"

namespace rediscache {

using codec::ValueAccess;

namespace {

auto& contents(Value& value) noexcept {
  return ValueAccess::contents(value);
}
const auto& contents(const Value& value) noexcept {
  return ValueAccess::contents(value);
}

/// As codec::holds_containers(), decided here for most values.
bool is_deep(const Value& value) noexcept {
  return ValueAccess::has_elements(value) && codec::holds_containers(value);
}

[[noreturn]] void throw_wrong_kind(std::string_view wanted, Value::Kind found) {
  throw ValueError{"expected " + std::string{wanted} + ", found " + std::string{to_string(found)}};
}

template <class T, class Self>
auto& get(Self& value, std::string_view wanted) {
  auto* const held = ValueAccess::get_if<T>(value);
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

Value::Value() noexcept {
  ValueAccess::begin(*this);
}
Value::~Value() {
  if (is_deep(*this)) {
    codec::dismantle(*this);
  }
  std::destroy_at(&contents(*this));
}
Value::Value(const Value& other) {
  if (is_deep(other)) {
    Value copy = codec::copied_tree(other);
    ValueAccess::begin(*this, std::move(contents(copy)));
  } else {
    ValueAccess::begin(*this, contents(other));
  }
}
Value& Value::operator=(const Value& other) {
  if (ValueAccess::has_elements(*this) || ValueAccess::has_elements(other)) {
    return *this = Value{other};
  }
  contents(*this) = contents(other);
  return *this;
}
Value::Value(Value&& other) noexcept {
  ValueAccess::begin(*this, std::move(contents(other)));
}
Value& Value::operator=(Value&& other) noexcept {
  if (ValueAccess::has_elements(*this)) {
    const Value old{std::move(*this)};  // destroyed last: `other` may be inside it
    contents(*this) = std::move(contents(other));
    return *this;
  }
  contents(*this) = std::move(contents(other));
  return *this;
}

Value::Value(std::nullptr_t) noexcept : Value{} {}
Value::Value(std::nullopt_t) noexcept : Value{} {}
Value::Value(Boolean value) noexcept {
  ValueAccess::begin(*this, value.value);
}
Value::Value(Signed value) noexcept {
  ValueAccess::begin(*this, value.value);
}
Value::Value(Unsigned value) noexcept {
  if (value.value <= static_cast<std::uint64_t>(INT64_MAX)) {
    ValueAccess::begin(*this, static_cast<std::int64_t>(value.value));
  } else {
    ValueAccess::begin(*this, value.value);
  }
}
Value::Value(Float value) noexcept {
  ValueAccess::begin(*this, value.value);
}
Value::Value(std::string text) noexcept {
  ValueAccess::begin(*this, std::move(text));
}
Value::Value(std::string_view text) {
  ValueAccess::begin(*this, std::in_place_type<std::string>, text);
}
Value::Value(const char* text) {
  ValueAccess::begin(*this, std::in_place_type<std::string>, text);
}
Value::Value(Bytes bytes) noexcept {
  ValueAccess::begin(*this, std::move(bytes));
}
Value::Value(List list) noexcept {
  ValueAccess::begin(*this, std::move(list));
}
Value::Value(Dict dict) noexcept {
  ValueAccess::begin(*this, std::move(dict));
}

Value Value::tuple(List elements) noexcept {
  return ValueAccess::make<Group>(Kind::tuple, std::move(elements));
}

Value Value::set(List elements) noexcept {
  return ValueAccess::make<Group>(Kind::set, std::move(elements));
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
  return ValueAccess::make<BigInteger>(std::string{digits});
}

bool Value::Group::operator==(const Group& other) const {
  return kind == other.kind && elements == other.elements;
}

bool operator==(const Value& left, const Value& right) {
  return is_deep(left) ? codec::equal_trees(left, right) : contents(left) == contents(right);
}

bool Value::needs_unsigned() const noexcept {
  return std::holds_alternative<std::uint64_t>(contents(*this));
}

Value::Kind Value::kind() const noexcept {
  return ValueAccess::kind(*this);
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
    return std::get<std::uint64_t>(contents(*this));
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
  if (const auto* const big = std::get_if<BigInteger>(&contents(*this))) {
    return big->digits;
  }
  return needs_unsigned() ? std::to_string(as_unsigned()) : std::to_string(as_integer());
}
const Value::List& Value::as_list() const {
  if (const auto* const group = std::get_if<Group>(&contents(*this))) {
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
    if (const auto* const text = std::get_if<std::string>(&contents(name)); text != nullptr && *text == key) {
      return &value;
    }
  }
  return nullptr;
}

}  // namespace rediscache
