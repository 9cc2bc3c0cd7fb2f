// The inside of a Value, for those who make many of them or look at many.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <rediscache/value.hpp>

namespace rediscache {

struct Value::Group {
  Kind kind = Kind::tuple;
  List elements{};
  bool operator==(const Group& other) const;
};

struct Value::BigInteger {
  std::string digits{};
  bool operator==(const BigInteger& other) const noexcept = default;
};

namespace codec {

/// What Value's own functions do, without a call of the library and without a look at the kind for each.
struct ValueAccess {
  // Of no more than eleven libstdc++ makes a switch, of more a call through a table, each time one is moved.
  using Contents = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Bytes,
                                Value::List, Value::Dict, Value::Group, Value::BigInteger>;
  static_assert(sizeof(Contents) <= sizeof(Value::contents_));
  static_assert(alignof(Contents) <= alignof(Value));

  [[nodiscard]] static Contents& contents(Value& value) noexcept {
    return *std::launder(reinterpret_cast<Contents*>(value.contents_));
  }
  [[nodiscard]] static const Contents& contents(const Value& value) noexcept {
    return *std::launder(reinterpret_cast<const Contents*>(value.contents_));
  }
  /// The contents of a value that is being made.
  template <class... Arguments>
  static void begin(Value& value, Arguments&&... arguments) {
    ::new (static_cast<void*>(value.contents_)) Contents(std::forward<Arguments>(arguments)...);
  }

  [[nodiscard]] static Value::Kind kind(const Value& value) noexcept {
    using enum Value::Kind;
    static constexpr std::array<Value::Kind, 11> kinds{none,  boolean, integer, integer, floating,   text,
                                                       bytes, list,    dict,    tuple,   big_integer};
    const auto* const group = std::get_if<Value::Group>(&contents(value));
    return group != nullptr ? group->kind : kinds[contents(value).index()];
  }
  /// What it holds, if that is a T.
  template <class T>
  [[nodiscard]] static T* get_if(Value& value) noexcept {
    return std::get_if<T>(&contents(value));
  }
  template <class T>
  [[nodiscard]] static const T* get_if(const Value& value) noexcept {
    return std::get_if<T>(&contents(value));
  }
  /// Of a list, tuple or set; null for others.
  [[nodiscard]] static const Value::List* elements(const Value& value) noexcept {
    if (const auto* const list = get_if<Value::List>(value)) {
      return list;
    }
    const auto* const group = get_if<Value::Group>(value);
    return group == nullptr ? nullptr : &group->elements;
  }
  [[nodiscard]] static Value::List* elements(Value& value) noexcept {
    return const_cast<Value::List*>(elements(std::as_const(value)));
  }
  /// Whether it is a container, and not an empty one.
  [[nodiscard]] static bool has_elements(const Value& value) noexcept {
    constexpr std::size_t first_container = 7;
    static_assert(std::is_same_v<std::variant_alternative_t<first_container, Contents>, Value::List>);
    if (contents(value).index() < first_container) {
      return false;  // most are
    }
    if (const Value::List* const list = elements(value)) {
      return !list->empty();
    }
    const auto* const dict = get_if<Value::Dict>(value);
    return dict != nullptr && !dict->empty();
  }
  /// A value that holds the T of these arguments.
  template <class T, class... Arguments>
  [[nodiscard]] static Value make(Arguments&&... arguments) {
    return Value{std::in_place_type<T>, std::forward<Arguments>(arguments)...};
  }
};

}  // namespace codec

template <class T, class... Arguments>
Value::Value(std::in_place_type_t<T> type, Arguments&&... arguments) {
  codec::ValueAccess::begin(*this, type, std::forward<Arguments>(arguments)...);
}

}  // namespace rediscache
