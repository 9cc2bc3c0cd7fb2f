// How types of the standard library that have no counterpart among the kinds of values are converted:
// std::variant, std::tuple, std::pair and bytes of every type.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <rediscache/detail/convert_traits.hpp>
#include <rediscache/export.hpp>
#include <rediscache/value.hpp>

namespace rediscache {

template <class T>
Value value_from(const T& value);
template <class T>
T value_to(const Value& value);

namespace detail {

/// A set of kinds, one bit each; tuples and sets count as lists, as which they are read and written.
using Kinds = unsigned;
inline constexpr Kinds no_kind = 0;
inline constexpr Kinds every_kind = 0x4ff;
constexpr Kinds only(Value::Kind kind) noexcept {
  const bool is_list = kind == Value::Kind::tuple || kind == Value::Kind::set;
  return 1U << static_cast<unsigned>(is_list ? Value::Kind::list : kind);
}

/// Own types that say which kind they are stored as; REDISCACHE_FIELDS says it for its types.
template <class T>
concept HasValueKind = requires(const T* type) {
  { value_kind(type) } -> std::same_as<Value::Kind>;
};

template <class T>
consteval Kinds kinds_of();
template <class... Alternatives>
consteval Kinds kinds_of_all(const std::variant<Alternatives...>*) {
  return (kinds_of<Alternatives>() | ...);
}

/// The kinds that a T may be stored as; all where its conversion does not say.
template <class T>
consteval Kinds kinds_of() {
  if constexpr (NoneLike<T>) {
    return only(Value::Kind::none);
  } else if constexpr (std::same_as<T, bool>) {
    return only(Value::Kind::boolean);
  } else if constexpr (NumberLike<T>) {
    return only(Floating<typename Number<T>::Rep> ? Value::Kind::floating : Value::Kind::integer);
  } else if constexpr (TextLike<T>) {
    return only(Value::Kind::text);
  } else if constexpr (BytesLike<T>) {
    return only(Value::Kind::bytes);
  } else if constexpr (is_optional<T>) {
    return only(Value::Kind::none) | kinds_of<typename T::value_type>();
  } else if constexpr (HasValueKind<T>) {
    return only(value_kind(static_cast<const T*>(nullptr)));
  } else if constexpr (std::same_as<T, Value> || HasToValue<T>) {
    return every_kind;
  } else if constexpr (MapLike<T> || std::same_as<T, Value::Dict>) {
    return only(Value::Kind::dict);
  } else if constexpr (ListLike<T> || is_tuple<T>) {
    return only(Value::Kind::list);
  } else if constexpr (is_variant<T>) {
    return kinds_of_all(static_cast<const T*>(nullptr));
  } else {
    return every_kind;
  }
}

/// Whether a value of a variant tells by its kind which alternative it was.
template <class T>
inline constexpr bool distinct_alternatives = false;
template <class... Alternatives>
inline constexpr bool distinct_alternatives<std::variant<Alternatives...>> =
    (std::popcount(kinds_of<Alternatives>()) + ...) ==
    std::popcount(kinds_of<std::variant<Alternatives...>>());

[[noreturn]] REDISCACHE_API void throw_no_alternative(Kinds known, Value::Kind found);
[[noreturn]] REDISCACHE_API void throw_wrong_size(std::string_view what, std::size_t wanted,
                                                  std::size_t found);
[[noreturn]] REDISCACHE_API void throw_not_none(Value::Kind found);
/// Calls `read` and adds the element's place to its ValueError.
REDISCACHE_API void in_element(std::size_t index, void (*read)(const Value&, void*), const Value& value,
                               void* out);

template <class T>
void read_into(const Value& value, void* out) {
  *static_cast<T*>(out) = value_to<T>(value);
}

/// The bytes of a value; of text those that it stands for. ValueError for other kinds.
[[nodiscard]] REDISCACHE_API Bytes bytes_in(const Value& value);
/// Whether it is text that stands for bytes which are no UTF-8.
[[nodiscard]] REDISCACHE_API bool is_escaped_bytes(const Value& value) noexcept;

template <OwnedBytes T>
T bytes_to(const Bytes& bytes) {
  if constexpr (std::same_as<T, Bytes>) {
    return bytes;
  } else {
    const auto* const data = reinterpret_cast<const typename T::value_type*>(bytes.data());
    if constexpr (is_byte_array<T>) {
      T out{};
      if (bytes.size() != out.size()) {
        throw_wrong_size("bytes", out.size(), bytes.size());
      }
      std::copy_n(data, out.size(), out.begin());
      return out;
    } else {
      return T(data, data + bytes.size());
    }
  }
}

template <class T>
Value variant_from(const T& variant) {
  static_assert(distinct_alternatives<T>,
                "rediscache: two alternatives of this std::variant are stored as the same kind of value "
                "(none, bool, integer, floating, text, bytes, list or dict), so reading could not tell them "
                "apart. An own type with hand-written conversions counts as every kind until a constexpr "
                "value_kind(const T*) beside them says which. See docs/values.md");
  return std::visit(
      [](const auto& alternative) {
        return value_from<std::remove_cvref_t<decltype(alternative)>>(alternative);
      },
      variant);
}

template <class T, std::size_t... index>
T variant_to(const Value& value, std::index_sequence<index...>) {
  static_assert(distinct_alternatives<T>,
                "rediscache: two alternatives of this std::variant are stored as the same kind of value, so "
                "reading cannot tell them apart. See docs/values.md");
  constexpr Kinds known = kinds_of<T>();
  Kinds wanted = only(value.kind());
  if ((known & wanted) == no_kind && value.kind() == Value::Kind::integer) {
    wanted = only(Value::Kind::floating);  // a float that another program wrote without a point
  }
  // `plain` writes bytes as text.
  if ((known & only(Value::Kind::bytes)) != no_kind &&
      ((wanted == only(Value::Kind::text) && (known & wanted) == no_kind) || is_escaped_bytes(value))) {
    wanted = only(Value::Kind::bytes);
  }
  T out;
  const bool found =
      ((((kinds_of<std::variant_alternative_t<index, T>>() & wanted) != no_kind) &&
        (out.template emplace<index>(value_to<std::variant_alternative_t<index, T>>(value)), true)) ||
       ...);
  if (!found) {
    throw_no_alternative(known, value.kind());
  }
  return out;
}

template <class T>
Value tuple_from(const T& tuple) {
  return std::apply(
      [](const auto&... element) {
        Value::List list;
        list.reserve(sizeof...(element));
        (list.push_back(value_from<std::remove_cvref_t<decltype(element)>>(element)), ...);
        return Value{std::move(list)};
      },
      tuple);
}

template <class T, std::size_t... index>
T tuple_to(const Value& value, std::index_sequence<index...>) {
  const Value::List& list = value.as_list();
  if (list.size() != sizeof...(index)) {
    throw_wrong_size("a list", sizeof...(index), list.size());
  }
  T out{};
  (in_element(index, &read_into<std::tuple_element_t<index, T>>, list[index], &std::get<index>(out)), ...);
  return out;
}

}  // namespace detail
}  // namespace rediscache
