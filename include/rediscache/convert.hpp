// Conversions between C++ types and Value, and the one line that adds an own struct.
//
//   namespace shop {
//   struct User { std::string name; int age; std::vector<std::string> tags; };
//   REDISCACHE_FIELDS(User, name, age, tags)
//   }
//
// Known types: bool, integers, float, double, text (anything convertible to std::string_view; read back as
// std::string), bytes (std::vector or std::array of std::byte or unsigned char, std::span<const std::byte>),
// enums and std::chrono durations and system-clock times (as the number they hold), Value, std::optional,
// sequences such as std::vector, std::array, sets, std::pair and std::tuple (as lists), maps with text or
// integer keys, std::variant where the kind tells the alternatives apart, and every type with
//
//   void to_value(rediscache::Value& out, const T& value);
//   void from_value(const rediscache::Value& value, T& out);
//
// in its own namespace, which is what the macro writes; to be an alternative of a std::variant, it also wants
//
//   constexpr rediscache::Value::Kind value_kind(const T*) { return rediscache::Value::Kind::text; }
//
// Reading throws ValueError, with the path to the field or element that does not fit; a number that does not
// fit the type asked for is such an error. docs/values.md shows what is stored for each type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <rediscache/detail/convert_std.hpp>
#include <rediscache/detail/convert_traits.hpp>
#include <rediscache/value.hpp>

namespace rediscache {

namespace detail {

REDISCACHE_API void throw_out_of_range(std::int64_t value, int bits, bool is_signed);
REDISCACHE_API void throw_out_of_range(std::uint64_t value, int bits, bool is_signed);
[[noreturn]] REDISCACHE_API void throw_missing_field(std::string_view field);
[[nodiscard]] REDISCACHE_API Value bytes_value(std::span<const std::byte> bytes);
/// The integer a dict key stands for; JSON writes integer keys as text.
[[nodiscard]] REDISCACHE_API Value integer_key(const Value& key);
/// Calls `read` and adds the field's name to its ValueError.
REDISCACHE_API void in_field(std::string_view field, void (*read)(const Value&, void*), const Value& value,
                             void* out);

template <Integer To, class From>
To narrow(From value) {
  if (!std::in_range<To>(value)) {
    using Widest = std::conditional_t<std::signed_integral<From>, std::int64_t, std::uint64_t>;
    throw_out_of_range(Widest{value}, static_cast<int>(sizeof(To) * 8), std::signed_integral<To>);
  }
  return static_cast<To>(value);
}

template <class T>
void read_field(const Value& dict, std::string_view name, T& out) {
  const Value* field = dict.find(name);
  if (field != nullptr) {
    in_field(name, &read_into<T>, *field, &out);
  } else if constexpr (is_optional<T>) {
    out.reset();
  } else {
    throw_missing_field(name);
  }
}

}  // namespace detail

/// Types that `set` takes.
template <class T>
concept Storable = detail::writable<std::remove_cvref_t<T>>() || detail::TextLike<T>;

/// Types that `get` gives back: own their contents, default-constructible.
template <class T>
concept Loadable = std::same_as<T, std::remove_cvref_t<T>> && detail::readable<T>();

/// `value` as a Value.
template <class T>
Value value_from(const T& value) {
  if constexpr (std::same_as<T, Value> || std::same_as<T, bool> || std::same_as<T, Bytes> ||
                std::same_as<T, Value::Dict>) {
    return Value{value};
  } else if constexpr (detail::NumberLike<T>) {
    return Value{detail::Number<T>::get(value)};
  } else if constexpr (detail::NoneLike<T>) {
    return Value{};
  } else if constexpr (detail::TextLike<T>) {
    return Value{std::string_view{value}};
  } else if constexpr (detail::BytesLike<T>) {
    return detail::bytes_value(std::as_bytes(std::span{value}));
  } else if constexpr (detail::is_optional<T>) {
    return value ? value_from(*value) : Value{};
  } else if constexpr (detail::HasToValue<T>) {
    Value out;
    to_value(out, value);
    return out;
  } else if constexpr (detail::MapLike<T>) {
    Value::Dict dict;
    dict.reserve(value.size());
    for (const auto& [key, element] : value) {
      dict.emplace_back(Value{key}, value_from(element));
    }
    return Value{std::move(dict)};
  } else if constexpr (detail::ListLike<T>) {
    Value::List list;
    list.reserve(value.size());
    for (const auto& element : value) {
      list.push_back(value_from<typename T::value_type>(element));
    }
    return Value{std::move(list)};
  } else if constexpr (detail::is_tuple<T>) {
    return detail::tuple_from(value);
  } else if constexpr (detail::is_variant<T>) {
    return detail::variant_from(value);
  } else {
    static_assert(detail::HasConverterTo<T>, "no conversion to rediscache::Value for this type");
    Value out;
    Converter<T>::to_value(out, value);
    return out;
  }
}

/// `value` as a T; ValueError says what does not fit and where.
template <class T>
T value_to(const Value& value) {
  if constexpr (std::same_as<T, Value>) {
    return value;
  } else if constexpr (std::same_as<T, bool>) {
    return value.as_bool();
  } else if constexpr (detail::NumberLike<T>) {
    using Rep = typename detail::Number<T>::Rep;
    if constexpr (Floating<Rep>) {
      return detail::Number<T>::make(static_cast<Rep>(value.as_float()));
    } else {
      return detail::Number<T>::make(value.needs_unsigned() ? detail::narrow<Rep>(value.as_unsigned())
                                                            : detail::narrow<Rep>(value.as_integer()));
    }
  } else if constexpr (detail::NoneLike<T>) {
    if (!value.is_none()) {
      detail::throw_not_none(value.kind());
    }
    return T{};
  } else if constexpr (std::same_as<T, std::string>) {
    return value.as_text();
  } else if constexpr (std::same_as<T, Bytes>) {
    return detail::bytes_in(value);
  } else if constexpr (detail::OwnedBytes<T>) {
    return detail::bytes_to<T>(detail::bytes_in(value));
  } else if constexpr (std::same_as<T, Value::Dict>) {
    return value.as_dict();
  } else if constexpr (detail::is_optional<T>) {
    return value.is_none() ? T{} : T{value_to<typename T::value_type>(value)};
  } else if constexpr (detail::HasFromValue<T>) {
    T out;
    from_value(value, out);
    return out;
  } else if constexpr (detail::MapLike<T>) {
    T out;
    for (const auto& [key, element] : value.as_dict()) {
      typename T::mapped_type mapped{};
      if constexpr (Integer<typename T::key_type>) {
        const auto number = value_to<typename T::key_type>(detail::integer_key(key));
        detail::in_field(std::to_string(number), &detail::read_into<typename T::mapped_type>, element,
                         &mapped);
        out.emplace(number, std::move(mapped));
      } else {
        detail::in_field(key.as_text(), &detail::read_into<typename T::mapped_type>, element, &mapped);
        out.emplace(key.as_text(), std::move(mapped));
      }
    }
    return out;
  } else if constexpr (detail::is_tuple<T>) {
    return detail::tuple_to<T>(value, std::make_index_sequence<std::tuple_size_v<T>>{});
  } else if constexpr (detail::is_variant<T>) {
    return detail::variant_to<T>(value, std::make_index_sequence<std::variant_size_v<T>>{});
  } else if constexpr (detail::is_array<T>) {
    T out{};
    const Value::List& list = value.as_list();
    if (list.size() != out.size()) {
      detail::throw_wrong_size("a list", out.size(), list.size());
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      detail::in_element(i, &detail::read_into<typename T::value_type>, list[i], &out[i]);
    }
    return out;
  } else if constexpr (detail::ListLike<T>) {
    T out;
    const Value::List& list = value.as_list();
    for (std::size_t i = 0; i < list.size(); ++i) {
      typename T::value_type element{};
      detail::in_element(i, &detail::read_into<typename T::value_type>, list[i], &element);
      if constexpr (detail::SequenceLike<T>) {
        out.push_back(std::move(element));
      } else {
        out.insert(std::move(element));
      }
    }
    return out;
  } else {
    static_assert(detail::HasConverterFrom<T>, "no conversion from rediscache::Value to this type");
    T out{};
    Converter<T>::from_value(value, out);
    return out;
  }
}

}  // namespace rediscache

#define REDISCACHE_DETAIL_PARENS ()
#define REDISCACHE_DETAIL_EXPAND(...) \
  REDISCACHE_DETAIL_EXPAND1(REDISCACHE_DETAIL_EXPAND1(REDISCACHE_DETAIL_EXPAND1(__VA_ARGS__)))
#define REDISCACHE_DETAIL_EXPAND1(...) \
  REDISCACHE_DETAIL_EXPAND2(REDISCACHE_DETAIL_EXPAND2(REDISCACHE_DETAIL_EXPAND2(__VA_ARGS__)))
#define REDISCACHE_DETAIL_EXPAND2(...) \
  REDISCACHE_DETAIL_EXPAND3(REDISCACHE_DETAIL_EXPAND3(REDISCACHE_DETAIL_EXPAND3(__VA_ARGS__)))
#define REDISCACHE_DETAIL_EXPAND3(...) __VA_ARGS__
#define REDISCACHE_DETAIL_EACH(macro, first, ...) \
  macro(first) __VA_OPT__(REDISCACHE_DETAIL_AGAIN REDISCACHE_DETAIL_PARENS(macro, __VA_ARGS__))
#define REDISCACHE_DETAIL_AGAIN() REDISCACHE_DETAIL_EACH
#define REDISCACHE_DETAIL_WRITE(field) \
  rediscache_fields.emplace_back(#field, ::rediscache::value_from(rediscache_object.field));
#define REDISCACHE_DETAIL_READ(field) \
  ::rediscache::detail::read_field(rediscache_value, #field, rediscache_object.field);

/// Makes `Type` a value that caches store, as a dict of the fields listed. Stands in the namespace of
/// `Type`, after it. Reading wants every field to be there, std::optional ones excepted, and ignores others.
#define REDISCACHE_FIELDS(Type, ...)                                                       \
  [[maybe_unused]] inline void to_value(::rediscache::Value& rediscache_value,             \
                                        const Type& rediscache_object) {                   \
    ::rediscache::Value::Dict rediscache_fields;                                           \
    REDISCACHE_DETAIL_EXPAND(REDISCACHE_DETAIL_EACH(REDISCACHE_DETAIL_WRITE, __VA_ARGS__)) \
    rediscache_value = ::rediscache::Value{std::move(rediscache_fields)};                  \
  }                                                                                        \
  [[maybe_unused]] inline void from_value(const ::rediscache::Value& rediscache_value,     \
                                          Type& rediscache_object) {                       \
    REDISCACHE_DETAIL_EXPAND(REDISCACHE_DETAIL_EACH(REDISCACHE_DETAIL_READ, __VA_ARGS__))  \
  }                                                                                        \
  [[maybe_unused]] constexpr ::rediscache::Value::Kind value_kind(const Type*) noexcept {  \
    return ::rediscache::Value::Kind::dict;                                                \
  }
