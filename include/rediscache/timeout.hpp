// How long an entry lives.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <ratio>
#include <type_traits>

namespace rediscache {

/// "No expiry", Python's None: `cache.set(key, value, rediscache::never)`.
struct Never {};
inline constexpr Never never{};

/// How long an entry lives: the cache's default, for ever, or a time.
///
/// Times are kept in milliseconds, truncated; anything above 0 and under 1 ms counts as 1 ms. Zero and
/// less mean "already over" (`set` deletes the key). Times beyond 100 million years count as 100 million
/// years.
class Timeout {
 public:
  /// The cache's default timeout.
  constexpr Timeout() noexcept = default;
  constexpr Timeout(Never) noexcept : kind_{Kind::forever} {}
  template <class Rep, class Period>
  constexpr Timeout(std::chrono::duration<Rep, Period> time) noexcept
      : kind_{Kind::time}, time_{to_milliseconds(time)} {}

  [[nodiscard]] constexpr bool is_default() const noexcept { return kind_ == Kind::cache_default; }
  [[nodiscard]] constexpr bool is_never() const noexcept { return kind_ == Kind::forever; }
  /// True when a time was given and it is zero or less.
  [[nodiscard]] constexpr bool is_over() const noexcept { return kind_ == Kind::time && time_.count() <= 0; }
  /// The time; only meaningful when neither is_default() nor is_never().
  [[nodiscard]] constexpr std::chrono::milliseconds time() const noexcept { return time_; }
  /// This timeout, or `fallback` when it is the cache's default.
  [[nodiscard]] constexpr Timeout or_default(Timeout fallback) const noexcept {
    return is_default() ? fallback : *this;
  }

  friend constexpr bool operator==(const Timeout&, const Timeout&) = default;

 private:
  enum class Kind : std::uint8_t { cache_default, forever, time };

  template <class Rep, class Period>
  static constexpr std::chrono::milliseconds to_milliseconds(
      std::chrono::duration<Rep, Period> time) noexcept {
    using std::chrono::milliseconds;
    // Redis adds the time to its clock in 64 bits, so the largest one stays well below.
    constexpr std::int64_t longest = 3'155'760'000'000'000'000;
    // A float is multiplied as it is, as Python would: 0.3 s are 300 ms, and not 299 of a longer fraction.
    using Exact = std::conditional_t<std::is_floating_point_v<Rep>, Rep, long double>;
    const std::chrono::duration<Exact, std::milli> exact{time};
    if (!(exact.count() > 0)) {  // NaN too
      return milliseconds{exact.count() < 0 ? -1 : 0};
    }
    if (exact.count() < 1) {
      return milliseconds{1};
    }
    if (exact.count() >= static_cast<Exact>(longest)) {
      return milliseconds{longest};
    }
    return milliseconds{static_cast<std::int64_t>(exact.count())};
  }

  Kind kind_ = Kind::cache_default;
  std::chrono::milliseconds time_{0};
};

/// `never`, any std::chrono duration, or a Timeout; a bare number is not, for its unit would be a guess.
template <class T>
concept TimeoutLike = std::convertible_to<T, Timeout> && !std::is_arithmetic_v<T>;

}  // namespace rediscache
