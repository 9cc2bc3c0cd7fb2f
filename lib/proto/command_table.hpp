// What is known of commands by their names alone, for those that callers spell out themselves.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <rediscache/command.hpp>

namespace rediscache::proto {

/// The kind of a command. One that is not known counts as accumulating: it is never sent twice on a guess.
[[nodiscard]] CommandKind kind_of(std::string_view name) noexcept;

/// Whether the command walks through something by a cursor, which means nothing to any other server.
[[nodiscard]] bool has_cursor(std::string_view name) noexcept;

/// Whether the reply is large, or slow to come, by the nature of the command.
[[nodiscard]] bool answers_at_length(std::string_view name) noexcept;

/// Whether a connection is after the command what it was before. False for one that is not known.
[[nodiscard]] bool leaves_connection_alone(std::string_view name,
                                           std::span<const std::string_view> arguments) noexcept;

/// Why a command may not be sent on a connection that others use too, and what to use instead; nothing when
/// it may be.
[[nodiscard]] std::optional<std::string> refused(std::string_view name,
                                                 std::span<const std::string_view> arguments);

}  // namespace rediscache::proto
