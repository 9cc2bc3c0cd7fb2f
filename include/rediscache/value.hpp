// A value of any kind a cache can hold, shaped like Python's.
//
//   rediscache::Value page{rediscache::Value::Dict{{"title", "Home"}, {"hits", 3}}};
//   page.find("title")->as_text();
//
// Own types need no Value: see convert.hpp for `REDISCACHE_FIELDS` and the conversions that exist.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/export.hpp>

namespace rediscache {

namespace codec {
struct ValueAccess;
}  // namespace codec

/// Raw bytes, as opposed to text.
using Bytes = std::vector<std::byte>;

/// Integers that a cache stores as numbers: all but bool and the character types.
template <class T>
concept Integer =
    std::integral<T> && sizeof(T) <= 8 && !std::same_as<std::remove_cv_t<T>, bool> &&
    !std::same_as<std::remove_cv_t<T>, char> && !std::same_as<std::remove_cv_t<T>, wchar_t> &&
    !std::same_as<std::remove_cv_t<T>, char8_t> && !std::same_as<std::remove_cv_t<T>, char16_t> &&
    !std::same_as<std::remove_cv_t<T>, char32_t>;

/// float and double; long double would lose digits on the way through other languages.
template <class T>
concept Floating = std::same_as<std::remove_cv_t<T>, float> || std::same_as<std::remove_cv_t<T>, double>;

/// One of none, bool, integer (64 bits, signed or unsigned), float, text, bytes, list, dict, and what only
/// some serializers tell from these: tuple, set, and integers beyond 64 bits.
///
/// Text is UTF-8 by convention; it is not checked here but by the serializers that need it. A dict keeps
/// its entries in insertion order, a set its elements; looking one up is linear.
///
/// Values may be nested as deep as memory allows: destroying, copying and comparing them does not recurse.
/// Caches store and read 1000 levels.
///
/// Thread safety: a value like std::string. Errors: the `as_` functions throw ValueError, which says what
/// was expected and what is there.
class REDISCACHE_API Value {
 public:
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    floating,
    text,
    bytes,
    list,
    dict,
    tuple,
    set,
    big_integer
  };
  /// The longest big_integer; Python, too, makes no text of more.
  static constexpr std::size_t most_digits = 4300;
  using List = std::vector<Value>;
  using Dict = std::vector<std::pair<Value, Value>>;

  // Everything that touches the contents is compiled once, in the library: here it would cost everybody who
  // includes this.
  Value() noexcept;
  ~Value();
  Value(const Value& other);
  Value& operator=(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(Value&& other) noexcept;
  Value(std::nullptr_t) noexcept;
  Value(std::nullopt_t) noexcept;
  template <std::same_as<bool> T>
  Value(T value) noexcept : Value{Boolean{value}} {}
  template <Integer T>
  Value(T value) noexcept : Value{widened<T>(value)} {}
  template <Floating T>
  Value(T value) noexcept : Value{Float{static_cast<double>(value)}} {}
  Value(std::string text) noexcept;
  Value(std::string_view text);
  Value(const char* text);
  Value(Bytes bytes) noexcept;
  Value(List list) noexcept;
  Value(Dict dict) noexcept;

  /// A tuple or a set of Python's. Nobody looks whether the elements of a set differ.
  [[nodiscard]] static Value tuple(List elements) noexcept;
  [[nodiscard]] static Value set(List elements) noexcept;
  /// The integer of these decimal digits, with at most a minus sign before them: of kind integer when it fits
  /// 64 bits. ValueError for other text, and for more than `most_digits` digits.
  [[nodiscard]] static Value integer_of(std::string_view digits);

  [[nodiscard]] Kind kind() const noexcept;
  [[nodiscard]] bool is_none() const noexcept { return kind() == Kind::none; }

  [[nodiscard]] bool as_bool() const;
  /// The integer; ValueError when it is larger than the largest std::int64_t.
  [[nodiscard]] std::int64_t as_integer() const;
  /// The integer; ValueError when it is negative.
  [[nodiscard]] std::uint64_t as_unsigned() const;
  /// True for an integer above the largest std::int64_t.
  [[nodiscard]] bool needs_unsigned() const noexcept;
  /// The float; an integer too, when a double holds it exactly.
  [[nodiscard]] double as_float() const;
  [[nodiscard]] const std::string& as_text() const;
  [[nodiscard]] std::string& as_text();
  [[nodiscard]] const Bytes& as_bytes() const;
  [[nodiscard]] Bytes& as_bytes();
  /// The decimal digits of an integer of any size.
  [[nodiscard]] std::string as_digits() const;
  /// The elements of a list, tuple or set.
  [[nodiscard]] const List& as_list() const;
  [[nodiscard]] List& as_list();
  [[nodiscard]] const Dict& as_dict() const;
  [[nodiscard]] Dict& as_dict();

  /// The entry of a dict under a text key, or nullptr. ValueError when this is no dict.
  [[nodiscard]] const Value* find(std::string_view key) const;

  /// Same kind and same contents; dicts and sets compare in order.
  friend REDISCACHE_API bool operator==(const Value& left, const Value& right);

 private:
  friend struct codec::ValueAccess;

  // Numbers on their way, of types that convert to nothing else.
  struct Boolean {
    bool value = false;
  };
  struct Signed {
    std::int64_t value = 0;
  };
  struct Unsigned {
    std::uint64_t value = 0;
  };
  struct Float {
    double value = 0;
  };
  struct Group;       // a tuple or a set
  struct BigInteger;  // its digits
  explicit Value(Boolean value) noexcept;
  explicit Value(Signed value) noexcept;
  explicit Value(Unsigned value) noexcept;
  explicit Value(Float value) noexcept;
  /// Of the alternative T, made in place. For the library only, which defines it.
  template <class T, class... Arguments>
  explicit Value(std::in_place_type_t<T> type, Arguments&&... arguments);

  template <class T>
  static auto widened(T value) noexcept {
    if constexpr (std::unsigned_integral<T>) {
      return Unsigned{value};
    } else {
      return Signed{value};
    }
  }

  // A text, or a kind and a list, and which of them it is: a std::variant, which codec::ValueAccess knows.
  static constexpr std::size_t largest = sizeof(std::string) > sizeof(Bytes) + sizeof(std::uint64_t)
                                             ? sizeof(std::string)
                                             : sizeof(Bytes) + sizeof(std::uint64_t);
  alignas(std::uint64_t) std::byte contents_[largest + sizeof(std::uint64_t)];
};

/// "none", "boolean", "integer", ...
[[nodiscard]] REDISCACHE_API std::string_view to_string(Value::Kind kind) noexcept;

}  // namespace rediscache
