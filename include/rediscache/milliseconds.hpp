// Durations in options and arguments that no duration of std::chrono overflows.
#pragma once

#include <chrono>
#include <concepts>
#include <limits>
#include <ratio>
#include <type_traits>

namespace rediscache {

namespace detail {

/// `from` in the unit of `To`, rounded up. What `To` cannot count becomes the longest or the shortest time
/// that it can; a NaN becomes zero.
template <class To, class Rep, class Period>
[[nodiscard]] constexpr To saturating_ceil(std::chrono::duration<Rep, Period> from) noexcept {
  using Unit = std::ratio_divide<Period, typename To::period>;
  using ToRep = typename To::rep;
  if constexpr (std::integral<Rep> && Unit::den == 1) {
    constexpr auto most = std::numeric_limits<ToRep>::max() / Unit::num;
    constexpr auto least = std::numeric_limits<ToRep>::min() / Unit::num;
    if (from.count() > 0) {
      return static_cast<std::make_unsigned_t<Rep>>(from.count()) >
                     static_cast<std::make_unsigned_t<ToRep>>(most)
                 ? To::max()
                 : To{static_cast<ToRep>(from.count()) * Unit::num};
    }
    if constexpr (std::signed_integral<Rep>) {
      if (from.count() < least) {
        return To::min();
      }
    }
    return To{static_cast<ToRep>(from.count()) * Unit::num};
  } else if constexpr (std::integral<Rep> && Unit::num == 1 && sizeof(Rep) <= sizeof(ToRep) &&
                       std::signed_integral<Rep>) {
    const auto whole = static_cast<ToRep>(from.count()) / Unit::den;
    return To{whole * Unit::den < static_cast<ToRep>(from.count()) ? whole + 1 : whole};
  } else {
    using Exact = std::chrono::duration<long double, typename To::period>;
    const long double exact = Exact{from}.count();
    if (exact >= static_cast<long double>(std::numeric_limits<ToRep>::max())) {
      return To::max();
    }
    if (exact <= static_cast<long double>(std::numeric_limits<ToRep>::min())) {
      return To::min();
    }
    const bool is_some_time = exact < 0 || exact > 0;  // and not a NaN
    if (!is_some_time) {
      return To::zero();
    }
    const auto whole = static_cast<ToRep>(exact);
    return To{static_cast<long double>(whole) < exact ? whole + 1 : whole};
  }
}

/// The same for points in time.
template <class To, class Clock, class From>
[[nodiscard]] constexpr std::chrono::time_point<Clock, To> saturating_ceil(
    std::chrono::time_point<Clock, From> from) noexcept {
  return std::chrono::time_point<Clock, To>{saturating_ceil<To>(from.time_since_epoch())};
}

/// What lies between two points in time, in nanoseconds, rounded up.
template <class Clock, class Later, class Earlier>
[[nodiscard]] constexpr std::chrono::nanoseconds saturating_between(
    std::chrono::time_point<Clock, Later> later, std::chrono::time_point<Clock, Earlier> earlier) noexcept {
  const auto to = saturating_ceil<std::chrono::nanoseconds>(later.time_since_epoch()).count();
  const auto from = saturating_ceil<std::chrono::nanoseconds>(earlier.time_since_epoch()).count();
  using Limits = std::numeric_limits<std::chrono::nanoseconds::rep>;
  if (from < 0 ? to > Limits::max() + from : to < Limits::min() + from) {
    return from < 0 ? std::chrono::nanoseconds::max() : std::chrono::nanoseconds::min();
  }
  return std::chrono::nanoseconds{to - from};
}

/// A duration of the unit `Unit` to which every longer unit converts without overflow:
/// `std::chrono::hours::max()` becomes the longest time that `Unit` can count. Otherwise it is that duration.
template <class Unit>
class SaturatingDuration : public Unit {
 public:
  constexpr SaturatingDuration() noexcept : Unit{0} {}
  template <std::integral Number>
  explicit constexpr SaturatingDuration(Number count) noexcept
      : SaturatingDuration{std::chrono::duration<Number, typename Unit::period>{count}} {}
  template <class Rep, class Period>
    requires std::convertible_to<std::chrono::duration<Rep, Period>, Unit>
  constexpr SaturatingDuration(std::chrono::duration<Rep, Period> time) noexcept
      : Unit{saturating_ceil<Unit>(time)} {}
};

}  // namespace detail

/// std::chrono::milliseconds, as options and arguments take them. A longer time than can be meant in earnest
/// (`std::chrono::hours::max()`) means as long as can be: nothing overflows.
using Milliseconds = detail::SaturatingDuration<std::chrono::milliseconds>;
/// The same in microseconds.
using Microseconds = detail::SaturatingDuration<std::chrono::microseconds>;

}  // namespace rediscache
