// What calls return where a plain value would have to lie when the call was omitted.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <rediscache/export.hpp>

namespace rediscache {

namespace detail {
[[noreturn]] REDISCACHE_API void throw_omitted(const char* what);
}  // namespace detail

/// A number, or "omitted": the connection was interrupted and `ignore_exceptions` is on.
///
///   if (cache.incr("hits").value_or(0) > 100) ...       // an outage of the cache is not one of the service
///   std::int64_t hits = cache.strict().incr("hits").value();
///
/// Nothing converts it to a number by itself: a conversion would have to throw, or lie, when the call was
/// omitted. Comparing it for equality never throws: an omitted result equals no number.
template <class Number>
class OmittableNumber {
 public:
  /// An omitted result.
  constexpr OmittableNumber() noexcept = default;
  constexpr OmittableNumber(Number value) noexcept : value_{value} {}

  [[nodiscard]] constexpr bool omitted() const noexcept { return !value_.has_value(); }
  /// The value; throws OmittedError when there is none.
  [[nodiscard]] constexpr Number value() const {
    if (!value_) {
      detail::throw_omitted("new value");
    }
    return *value_;
  }
  /// As value().
  [[nodiscard]] constexpr Number operator*() const { return value(); }
  /// The value, or `fallback` when the call was omitted.
  [[nodiscard]] constexpr Number value_or(Number fallback) const noexcept {
    return value_.value_or(fallback);
  }

  friend constexpr bool operator==(const OmittableNumber&, const OmittableNumber&) noexcept = default;

 private:
  std::optional<Number> value_;
};

/// The new value of a counter.
using Counter = OmittableNumber<std::int64_t>;
/// The new score of a member of a sorted set.
using Score = OmittableNumber<double>;

/// What is left of an entry's life, in `Duration`: seconds from `ttl()`, milliseconds from `pttl()`.
/// One of four states: the key is missing, it never expires, it has time remaining, or unknown, because
/// the call was omitted. Seconds are rounded up, so that a living key never shows 0.
///
/// In the unknown state only django(), which has no way to say it, throws; the others say no or nothing, and
/// omitted() tells that state apart.
template <class Duration>
class RemainingTime {
 public:
  /// Unknown: the call was omitted.
  constexpr RemainingTime() noexcept = default;
  [[nodiscard]] static constexpr RemainingTime missing() noexcept {
    return RemainingTime{State::missing, {}};
  }
  [[nodiscard]] static constexpr RemainingTime no_expiry() noexcept {
    return RemainingTime{State::no_expiry, {}};
  }
  [[nodiscard]] static constexpr RemainingTime of(std::chrono::milliseconds left) noexcept {
    return RemainingTime{State::remaining, std::chrono::ceil<Duration>(left)};
  }

  [[nodiscard]] constexpr bool omitted() const noexcept { return state_ == State::unknown; }
  /// The key does not exist, as the server has said.
  [[nodiscard]] constexpr bool is_missing() const noexcept { return state_ == State::missing; }
  /// The key exists and never expires, as the server has said.
  [[nodiscard]] constexpr bool is_persistent() const noexcept { return state_ == State::no_expiry; }
  /// The time left; nothing when the key is missing, never expires, or the call was omitted.
  [[nodiscard]] constexpr std::optional<Duration> remaining() const noexcept {
    return state_ == State::remaining ? std::optional{left_} : std::nullopt;
  }
  /// The time left, or `fallback` where remaining() is nothing.
  [[nodiscard]] constexpr Duration value_or(Duration fallback) const noexcept {
    return state_ == State::remaining ? left_ : fallback;
  }
  /// Django's spelling: 0 for a missing key, nothing (None) for no expiry, else the number of units left.
  /// Throws OmittedError when unknown.
  [[nodiscard]] constexpr std::optional<std::int64_t> django() const {
    switch (known()) {
      case State::missing:
        return 0;
      case State::remaining:
        return static_cast<std::int64_t>(left_.count());
      default:
        return std::nullopt;
    }
  }

  friend constexpr bool operator==(const RemainingTime&, const RemainingTime&) = default;

 private:
  enum class State : std::uint8_t { unknown, missing, no_expiry, remaining };

  constexpr RemainingTime(State state, Duration left) noexcept : state_{state}, left_{left} {}
  [[nodiscard]] constexpr State known() const {
    if (state_ == State::unknown) {
      detail::throw_omitted("remaining time");
    }
    return state_;
  }

  State state_ = State::unknown;
  Duration left_{};
};

using Ttl = RemainingTime<std::chrono::seconds>;
using Pttl = RemainingTime<std::chrono::milliseconds>;

}  // namespace rediscache
