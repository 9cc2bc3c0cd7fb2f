// Where log messages go.
//
//   rediscache::RedisCache cache{{.log_sink = [](rediscache::LogLevel level, std::string_view message) {
//     my_log(to_string(level), message);
//   }}};
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <rediscache/export.hpp>

namespace rediscache {

enum class LogLevel : std::uint8_t { info, warning, error };

/// "info", "warning", "error".
[[nodiscard]] REDISCACHE_API std::string_view to_string(LogLevel level) noexcept;

/// Is given each log message in place of spdlog and stderr. Called by any thread, by several at once too: by
/// those that call a cache, and by those of the library. It must not call the cache whose message it is.
/// What it throws is caught, and that message is lost.
using LogSink = std::function<void(LogLevel level, std::string_view message)>;

}  // namespace rediscache
