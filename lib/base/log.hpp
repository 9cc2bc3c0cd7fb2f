// The one way to the log.
#pragma once

#include <string>
#include <string_view>

namespace rediscache::base {

/// Called before a cache is made: spdlog can then be used until that cache is destroyed, if it is a static
/// object.
void begin_logging();

/// Writes through the spdlog logger of that name: the one the program registered, else one that shares the
/// default logger's sinks and is made on first use. Never throws; a message that cannot be written is lost.
/// At any time: when the process exits and spdlog is gone, messages go to stderr.
void log_error(const std::string& logger, std::string_view message) noexcept;
/// The same at warning level.
void log_warning(const std::string& logger, std::string_view message) noexcept;
/// The same at info level.
void log_info(const std::string& logger, std::string_view message) noexcept;

}  // namespace rediscache::base
