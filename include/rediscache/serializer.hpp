// How values become bytes: what to implement for a serializer of one's own.
//
//   class Shouting final : public rediscache::Serializer { ... };
//   rediscache::register_serializer("shouting", [] { return std::make_shared<Shouting>(); });
//   rediscache::Options options{.serializer = "shouting"};
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <rediscache/convert.hpp>
#include <rediscache/export.hpp>
#include <rediscache/value.hpp>

namespace rediscache {

/// A value about to be stored, referred to and not copied: text, bytes and numbers come as they are,
/// everything else as a Value. Valid while what it refers to lives.
class REDISCACHE_API ValueView {
 public:
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    unsigned_integer,
    floating,
    text,
    bytes,
    structured
  };

  constexpr ValueView() noexcept = default;
  template <std::same_as<bool> T>
  constexpr ValueView(T value) noexcept : kind_{Kind::boolean}, data_{value} {}
  template <Integer T>
  constexpr ValueView(T value) noexcept
      : kind_{std::in_range<std::int64_t>(value) ? Kind::integer : Kind::unsigned_integer},
        data_{std::in_range<std::int64_t>(value) ? Data{static_cast<std::int64_t>(value)}
                                                 : Data{static_cast<std::uint64_t>(value)}} {}
  template <Floating T>
  constexpr ValueView(T value) noexcept : kind_{Kind::floating}, data_{static_cast<double>(value)} {}
  constexpr ValueView(std::string_view text) noexcept : kind_{Kind::text}, data_{text} {}
  ValueView(std::span<const std::byte> bytes) noexcept;
  /// Refers to `value`; scalars, text and bytes inside it show as their own kinds.
  explicit ValueView(const Value& value) noexcept;

  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  // Each throws ValueError when the kind is another.
  [[nodiscard]] constexpr bool boolean() const { return data_as(Kind::boolean).boolean; }
  [[nodiscard]] constexpr std::int64_t integer() const { return data_as(Kind::integer).integer; }
  [[nodiscard]] constexpr std::uint64_t unsigned_integer() const {
    return data_as(Kind::unsigned_integer).unsigned_integer;
  }
  [[nodiscard]] constexpr double floating() const { return data_as(Kind::floating).floating; }
  [[nodiscard]] constexpr std::string_view text() const { return data_as(Kind::text).text; }
  [[nodiscard]] std::span<const std::byte> bytes() const;
  /// A list, dict, tuple, set, or an integer beyond 64 bits.
  [[nodiscard]] const Value& structured() const { return *data_as(Kind::structured).structured; }

 private:
  // No std::variant: every member is trivial, and this is included by everybody. No std::span for that
  // reason.
  struct Range {
    const std::byte* begin;
    std::size_t size;
  };
  union Data {
    constexpr Data() noexcept : integer{0} {}
    constexpr explicit Data(bool value) noexcept : boolean{value} {}
    constexpr explicit Data(std::int64_t value) noexcept : integer{value} {}
    constexpr explicit Data(std::uint64_t value) noexcept : unsigned_integer{value} {}
    constexpr explicit Data(double value) noexcept : floating{value} {}
    constexpr explicit Data(std::string_view value) noexcept : text{value} {}

    bool boolean;
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double floating;
    std::string_view text;
    Range bytes;
    const Value* structured;
  };

  [[noreturn]] static void throw_other_kind(Kind wanted, Kind found);
  [[nodiscard]] constexpr const Data& data_as(Kind wanted) const {
    if (kind_ != wanted) {
      throw_other_kind(wanted, kind_);
    }
    return data_;
  }

  Kind kind_ = Kind::none;
  Data data_;
};

/// Where a value that was read goes, and which kind was asked for. A serializer gives what it found with one
/// of the `put` functions; each converts to the kind asked for or throws ValueError.
class REDISCACHE_API ValueTarget {
 public:
  enum class Kind : std::uint8_t { boolean, integer, unsigned_integer, floating, text, bytes, any };

  explicit ValueTarget(bool& out) noexcept : kind_{Kind::boolean}, out_{&out} {}
  explicit ValueTarget(std::int64_t& out) noexcept : kind_{Kind::integer}, out_{&out} {}
  explicit ValueTarget(std::uint64_t& out) noexcept : kind_{Kind::unsigned_integer}, out_{&out} {}
  explicit ValueTarget(double& out) noexcept : kind_{Kind::floating}, out_{&out} {}
  explicit ValueTarget(std::string& out) noexcept : kind_{Kind::text}, out_{&out} {}
  explicit ValueTarget(Bytes& out) noexcept : kind_{Kind::bytes}, out_{&out} {}
  explicit ValueTarget(Value& out) noexcept : kind_{Kind::any}, out_{&out} {}

  /// The same target, where none is welcome and sets `is_none`.
  [[nodiscard]] ValueTarget or_none(bool& is_none) const noexcept;

  /// What was asked for.
  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool takes_none() const noexcept { return is_none_ != nullptr || kind() == Kind::any; }

  void put_none() const;
  void put_bool(bool value) const;
  void put_integer(std::int64_t value) const;
  void put_unsigned(std::uint64_t value) const;
  void put_float(double value) const;
  void put_text(std::string&& text) const;
  void put_bytes(Bytes&& bytes) const;
  void put(Value&& value) const;

 private:
  Kind kind_;
  void* out_;  // of the type that belongs to the kind
  bool* is_none_ = nullptr;
};

/// "boolean", "integer", ..., as error messages name it.
[[nodiscard]] REDISCACHE_API std::string_view to_string(ValueTarget::Kind kind) noexcept;

/// Turns values into bytes and back. Integers never reach `encode`: they are stored as bare decimal text, so
/// that the server can count with them.
///
/// Thread safety: one object serves all threads of a cache at once; both functions must be safe for that.
/// Errors: throw ValueError for what cannot be stored or read; the cache adds the key.
class REDISCACHE_API Serializer {
 public:
  Serializer() = default;
  Serializer(const Serializer&) = delete;
  Serializer& operator=(const Serializer&) = delete;
  virtual ~Serializer();

  /// The stored form of `value`: either built in `scratch`, or the value's own bytes, which then are sent
  /// without a copy.
  [[nodiscard]] virtual std::string_view encode(const ValueView& value, std::string& scratch) const = 0;

  /// Reads what `encode` wrote, or another program with the same serializer, into `target`.
  virtual void decode(std::string&& bytes, const ValueTarget& target) const = 0;

  /// True (the usual case) when stored bytes tell their own kind, so that a bare number is an integer
  /// whatever was asked for. `plain` says false: there the kind asked for decides.
  [[nodiscard]] virtual bool self_describing() const noexcept { return true; }
};

using SerializerFactory = std::function<std::shared_ptr<const Serializer>()>;

/// Makes `name` usable as `Options::serializer`; an existing name is replaced. Thread-safe.
REDISCACHE_API void register_serializer(std::string name, SerializerFactory factory);

/// A new serializer of that name ("plain", "json", "pickle", "pickle5", "msgpack", or registered);
/// InvalidOptions lists the known names when there is none.
[[nodiscard]] REDISCACHE_API std::shared_ptr<const Serializer> make_serializer(std::string_view name);

}  // namespace rediscache
