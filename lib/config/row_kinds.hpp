// Rows for options of the usual types. `Path` leads to the option: `&Options::tls, &TlsOptions::ca_file`.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <rediscache/options.hpp>

#include "base/text.hpp"
#include "config/option_rows.hpp"
#include "config/typed.hpp"
#include "config/url.hpp"

namespace rediscache::config {

template <auto... Path, class O>
[[nodiscard]] auto& at(O& options) noexcept {
  return (options.*....*Path);
}

[[nodiscard]] inline std::string shown_seconds(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s"
                                  : std::to_string(time.count()) + " ms";
}
[[nodiscard]] inline std::string shown_bool(bool value) {
  return value ? "true" : "false";
}
[[nodiscard]] inline std::string shown_text(const std::string& text) {
  if (text.empty()) {
    return "none";
  }
  // A URL may have got into a wrong place, with its password.
  return base::quoted(text.find("://") == std::string::npos ? text : mask_url(text));
}

template <auto... Path>
void take_text(Reading& reading, const Found& found, Options& options) {
  if (auto text = read_text(reading, found)) {
    at<Path...>(options) = std::move(*text);
  }
}

template <auto... Path>
void take_bool(Reading& reading, const Found& found, Options& options) {
  if (const auto read = read_bool(reading, found)) {
    const bool value = *read;
    at<Path...>(options) = value;
  }
}

template <auto... Path>
constexpr OptionRow text_row(std::string_view name) {
  return {.name = name, .read = take_text<Path...>, .show = [](const Options& options) {
            return shown_text(at<Path...>(options));
          }};
}

template <auto... Path>
constexpr OptionRow bool_row(std::string_view name) {
  return {.name = name, .read = take_bool<Path...>, .show = [](const Options& options) {
            return shown_bool(at<Path...>(options));
          }};
}

/// For an option that `Defaults` decide when it says nothing.
template <auto Member, auto Default>
constexpr OptionRow decided_row(std::string_view name) {
  return {.name = name, .read = take_bool<Member>, .show = [](const Options& options) {
            return shown_bool((options.*Member).value_or(defaults().*Default));
          }};
}

template <auto... Path>
constexpr OptionRow seconds_row(std::string_view name) {
  return {.name = name,
          .read =
              [](Reading& reading, const Found& found, Options& options) {
                if (const auto time = read_seconds(reading, found)) {
                  at<Path...>(options) = *time;
                }
              },
          .show = [](const Options& options) { return shown_seconds(at<Path...>(options)); }};
}

/// Where 0 says "not at all".
template <auto... Path>
constexpr OptionRow zero_seconds_row(std::string_view name) {
  OptionRow row = seconds_row<Path...>(name);
  row.read = [](Reading& reading, const Found& found, Options& options) {
    if (const auto time = read_seconds(reading, found, true)) {
      at<Path...>(options) = *time;
    }
  };
  return row;
}

/// Where Python's 0 says, as None does, that it is not chosen.
template <auto... Path>
constexpr OptionRow chosen_seconds_row(std::string_view name) {
  OptionRow row = seconds_row<Path...>(name);
  row.read = [](Reading& reading, const Found& found, Options& options) {
    if (const auto time = read_seconds(reading, found, true); time && time->count() > 0) {
      at<Path...>(options) = *time;
    }
  };
  return row;
}

template <std::int64_t least, auto... Path>
constexpr OptionRow count_row(std::string_view name) {
  return {.name = name,
          .read =
              [](Reading& reading, const Found& found, Options& options) {
                using T = std::remove_reference_t<decltype(at<Path...>(options))>;
                constexpr std::int64_t most = sizeof(T) < sizeof(std::int64_t)
                                                  ? std::int64_t{std::numeric_limits<std::int32_t>::max()}
                                                  : std::numeric_limits<std::int64_t>::max();
                if (const auto count = read_count(reading, found, least, most)) {
                  at<Path...>(options) = static_cast<T>(*count);
                }
              },
          .show = [](const Options& options) { return std::to_string(at<Path...>(options)); }};
}

}  // namespace rediscache::config
