#include "proto/blocking.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "proto/command_name.hpp"

namespace rediscache::proto {
namespace {

using std::chrono::milliseconds;

/// A longer time is as good as this one, and may be added to others.
constexpr double longest_blocking_ms = 1000.0 * 60 * 60 * 24 * 365;

constexpr auto seconds_last =
    std::to_array<std::string_view>({"BLPOP", "BRPOP", "BZPOPMIN", "BZPOPMAX", "BRPOPLPUSH", "BLMOVE"});
constexpr auto seconds_first = std::to_array<std::string_view>({"BLMPOP", "BZMPOP"});
constexpr auto streams = std::to_array<std::string_view>({"XREAD", "XREADGROUP"});

/// `unit_ms`: how many milliseconds one is.
std::optional<milliseconds> time_in(std::span<const std::string_view> arguments, std::size_t at,
                                    double unit_ms) noexcept {
  if (at >= arguments.size()) {
    return std::nullopt;
  }
  const std::string_view text = arguments[at];
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !(number >= 0)) {
    return std::nullopt;
  }
  return milliseconds{static_cast<std::int64_t>(std::ceil(std::fmin(number * unit_ms, longest_blocking_ms)))};
}

}  // namespace

std::optional<milliseconds> blocking_time(std::string_view name,
                                          std::span<const std::string_view> arguments) noexcept {
  constexpr double second = 1000;
  if (is_among(name, seconds_last)) {
    return arguments.empty() ? std::nullopt : time_in(arguments, arguments.size() - 1, second);
  }
  if (is_among(name, seconds_first)) {
    return time_in(arguments, 0, second);
  }
  if (same_name(name, "WAIT")) {
    return time_in(arguments, 1, 1);
  }
  if (same_name(name, "WAITAOF")) {
    return time_in(arguments, 2, 1);
  }
  if (!is_among(name, streams)) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < arguments.size() && !same_name(arguments[i], "STREAMS"); ++i) {
    if (same_name(arguments[i], "GROUP")) {
      i += 2;  // whose names are any text
    } else if (same_name(arguments[i], "BLOCK")) {
      return time_in(arguments, i + 1, 1);
    }
  }
  return std::nullopt;
}

}  // namespace rediscache::proto
