// Which types are values, and as what kind of value: the concepts behind convert.hpp.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <rediscache/value.hpp>

namespace rediscache {

/// Conversions for types whose namespace is not ours to add functions to, such as those of other libraries.
/// A specialisation has one or both of
///
///   static void to_value(Value& out, const T& value);
///   static void from_value(const Value& value, T& out);
///
/// It is asked last, after the types known here and the functions of a type's own namespace.
template <class T>
struct Converter {};

namespace detail {

template <class T>
consteval bool writable();
template <class T>
consteval bool readable();

/// Types that convert to text; bool and nullptr do not.
template <class T>
concept TextLike = std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t> &&
                   !std::same_as<T, Value>;

template <class T>
concept ByteLike = std::same_as<T, std::byte> || std::same_as<T, unsigned char>;
template <class T>
inline constexpr bool is_byte_array = false;
template <ByteLike T, std::size_t size>
inline constexpr bool is_byte_array<std::array<T, size>> = true;

/// Bytes that own themselves.
template <class T>
concept OwnedBytes =
    std::same_as<T, Bytes> || std::same_as<T, std::vector<unsigned char>> || is_byte_array<T>;
template <class T>
concept BytesLike =
    OwnedBytes<T> || std::same_as<T, std::span<const std::byte>> || std::same_as<T, std::span<std::byte>>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_variant = false;
template <class... Alternatives>
inline constexpr bool is_variant<std::variant<Alternatives...>> = true;

template <class T>
concept NoneLike = std::same_as<T, std::nullopt_t> || std::same_as<T, std::monostate>;

template <class T>
concept HasToValue = requires(Value& out, const T& value) { to_value(out, value); };
template <class T>
concept HasFromValue = requires(const Value& value, T& out) { from_value(value, out); };
template <class T>
concept HasConverterTo = requires(Value& out, const T& value) { Converter<T>::to_value(out, value); };
template <class T>
concept HasConverterFrom = requires(const Value& value, T& out) { Converter<T>::from_value(value, out); };

/// Types that are numbers, some by another name, with the way to the number and back.
template <class T>
struct Number {};
template <class T>
  requires Integer<T> || Floating<T>
struct Number<T> {
  using Rep = T;
  static constexpr Rep get(T value) noexcept { return value; }
  static constexpr T make(Rep number) noexcept { return number; }
};
template <class T>
  requires std::is_enum_v<T> && (sizeof(T) <= 8) && (!std::same_as<std::underlying_type_t<T>, bool>) &&
           (!HasToValue<T>) && (!HasFromValue<T>)
struct Number<T> {
  // An integer even where the underlying type is a character type: the enum gives it a meaning.
  using Rep = std::conditional_t<std::is_signed_v<std::underlying_type_t<T>>, std::make_signed_t<T>,
                                 std::make_unsigned_t<T>>;
  static constexpr Rep get(T value) noexcept { return static_cast<Rep>(value); }
  static constexpr T make(Rep number) noexcept { return static_cast<T>(number); }
};
template <>
struct Number<std::byte> {};  // a part of bytes, not a number
template <class T, class Period>
  requires Integer<T> || Floating<T>
struct Number<std::chrono::duration<T, Period>> {
  using Rep = T;
  static constexpr Rep get(std::chrono::duration<T, Period> value) noexcept { return value.count(); }
  static constexpr std::chrono::duration<T, Period> make(Rep number) noexcept {
    return std::chrono::duration<T, Period>{number};
  }
};
template <class T, class Period>
  requires Integer<T> || Floating<T>
struct Number<std::chrono::sys_time<std::chrono::duration<T, Period>>> {
  using Rep = T;
  using Time = std::chrono::sys_time<std::chrono::duration<T, Period>>;
  static constexpr Rep get(Time value) noexcept { return value.time_since_epoch().count(); }
  static constexpr Time make(Rep number) noexcept { return Time{std::chrono::duration<T, Period>{number}}; }
};

template <class T>
concept NumberLike = requires { typename Number<T>::Rep; };

/// Numbers that hold whatever fits their Rep. A plain `enum` without a type does not: a value beyond its
/// enumerators is undefined behaviour, and bytes from elsewhere may hold one.
template <class T>
concept ReadableNumber = NumberLike<T> && (!std::is_enum_v<T> || requires { T{0}; });

template <class T>
concept MapLike = requires(T& map, typename T::key_type key, typename T::mapped_type value) {
  map.emplace(std::move(key), std::move(value));
  map.begin()->second;
} && (std::same_as<typename T::key_type, std::string> || Integer<typename T::key_type>);

// Containers of themselves, as JSON libraries have them, are not meant: their elements tell nothing.
template <class T>
concept SequenceLike = !TextLike<T> && !BytesLike<T> && !std::same_as<typename T::value_type, T> &&
                       requires(T& sequence, typename T::value_type element) {
                         sequence.push_back(std::move(element));
                         sequence.begin();
                         sequence.clear();
                       };

template <class T>
concept SetLike =
    std::same_as<typename T::key_type, typename T::value_type> && !std::same_as<typename T::value_type, T> &&
    requires(T& set, typename T::value_type element) {
      set.insert(std::move(element));
      set.begin();
    };

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t size>
inline constexpr bool is_array<std::array<T, size>> = !ByteLike<T>;

/// Types that have one element type and are lists.
template <class T>
concept ListLike = SequenceLike<T> || SetLike<T> || is_array<T>;

template <class T>
inline constexpr bool is_tuple = false;
template <class... Elements>
inline constexpr bool is_tuple<std::tuple<Elements...>> = true;
template <class First, class Second>
inline constexpr bool is_tuple<std::pair<First, Second>> = true;

/// The types that a tuple or a variant is made of.
template <class T>
struct Parts;
template <template <class...> class Whole, class... Part>
struct Parts<Whole<Part...>> {
  static consteval bool writable() { return (detail::writable<std::remove_cvref_t<Part>>() && ...); }
  static consteval bool readable() {
    return ((std::same_as<Part, std::remove_cvref_t<Part>> && detail::readable<Part>()) && ...);
  }
};

// Whether a type can be written and read. Containers answer for their elements.
template <class T>
consteval bool writable() {
  if constexpr (std::same_as<T, bool> || NumberLike<T> || TextLike<T> || BytesLike<T> ||
                std::same_as<T, Value> || std::same_as<T, Value::Dict> || NoneLike<T>) {
    return true;
  } else if constexpr (is_optional<T>) {
    return writable<typename T::value_type>();
  } else if constexpr (HasToValue<T>) {
    return true;
  } else if constexpr (MapLike<T>) {
    return writable<typename T::mapped_type>();
  } else if constexpr (ListLike<T>) {
    return writable<typename T::value_type>();
  } else if constexpr (is_tuple<T> || is_variant<T>) {
    return Parts<T>::writable();
  } else {
    return HasConverterTo<T>;
  }
}

template <class T>
consteval bool readable() {
  if constexpr (std::same_as<T, bool> || std::same_as<T, std::string> || OwnedBytes<T> ||
                std::same_as<T, Value> || std::same_as<T, Value::Dict> || std::same_as<T, std::monostate>) {
    return true;
  } else if constexpr (NumberLike<T>) {
    return ReadableNumber<T>;
  } else if constexpr (TextLike<T> || !std::default_initializable<T>) {
    return false;  // would refer to text that is gone, or cannot be filled in
  } else if constexpr (is_optional<T>) {
    return readable<typename T::value_type>();
  } else if constexpr (HasFromValue<T>) {
    return true;
  } else if constexpr (MapLike<T>) {
    return readable<typename T::mapped_type>();
  } else if constexpr (ListLike<T>) {
    return readable<typename T::value_type>();
  } else if constexpr (is_tuple<T> || is_variant<T>) {
    return Parts<T>::readable();
  } else {
    return HasConverterFrom<T>;
  }
}

}  // namespace detail
}  // namespace rediscache
