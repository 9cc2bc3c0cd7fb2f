// Numbers as text, and text made fit for messages.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rediscache::base {

/// The integer that is exactly `text`: digits with at most a minus sign before them.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;
[[nodiscard]] std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept;

/// `text` in double quotes, with unprintable bytes as \xNN and everything after 64 bytes cut off.
[[nodiscard]] std::string quoted(std::string_view text);

/// The candidate nearest to `name`, if one is near enough that it may have been meant.
[[nodiscard]] std::optional<std::string> nearest(std::string_view name,
                                                 std::span<const std::string> candidates);

/// `"X" is not a known <what>. Known: a, b. Did you mean "a"?`
[[nodiscard]] std::string unknown_name(std::string_view what, std::string_view name,
                                       std::span<const std::string> known);

/// Whether `text` is well-formed UTF-8, without surrogates.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace rediscache::base
