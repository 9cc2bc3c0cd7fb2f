// The inside of a Value, for those who make many of them or look at many.
#pragma once

#include <array>
#include <utility>
#include <variant>

#include <rediscache/value.hpp>

namespace rediscache {

template <class T, class... Arguments>
Value::Value(std::in_place_type_t<T> type, Arguments&&... arguments)
    : data_{type, std::forward<Arguments>(arguments)...} {}

}  // namespace rediscache

namespace rediscache::codec {

/// What Value's own functions do, without a call of the library and without a look at the kind for each.
struct ValueAccess {
  [[nodiscard]] static Value::Kind kind(const Value& value) noexcept {
    using enum Value::Kind;
    static constexpr std::array<Value::Kind, 11> kinds{none,  boolean, integer, integer, floating,   text,
                                                       bytes, list,    dict,    tuple,   big_integer};
    const auto* const group = std::get_if<Value::Group>(&value.data_);
    return group != nullptr ? group->kind : kinds[value.data_.index()];
  }
  /// What it holds, if that is a T.
  template <class T>
  [[nodiscard]] static T* get_if(Value& value) noexcept {
    return std::get_if<T>(&value.data_);
  }
  template <class T>
  [[nodiscard]] static const T* get_if(const Value& value) noexcept {
    return std::get_if<T>(&value.data_);
  }
  /// A value that holds the T of these arguments.
  template <class T, class... Arguments>
  [[nodiscard]] static Value make(Arguments&&... arguments) {
    return Value{std::in_place_type<T>, std::forward<Arguments>(arguments)...};
  }
};

}  // namespace rediscache::codec
