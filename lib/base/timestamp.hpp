// Points in time as text.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace rediscache::base {

/// "2024-02-29T12:30:00.125Z". In UTC: the local time takes a lock of the C library that a fork may leave
/// held.
[[nodiscard]] inline std::string utc_text(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<milliseconds>(time - day)};
  std::string text(64, '\0');
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int{date.year()},
                    unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                    static_cast<int>(clock.subseconds().count()));
  text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return text;
}

}  // namespace rediscache::base
