// How long a command may make the server wait before it replies.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

namespace rediscache::proto {

/// The time that BLPOP, XREAD BLOCK, WAIT and their like are given in their arguments: 0 when that says "for
/// ever". Nothing for every other command, and where the arguments make no sense: the server will say so.
[[nodiscard]] std::optional<std::chrono::milliseconds> blocking_time(
    std::string_view name, std::span<const std::string_view> arguments) noexcept;

}  // namespace rediscache::proto
