// The one way to the log.
#pragma once

#include <string>
#include <string_view>

namespace rediscache::base {

/// Writes through the spdlog logger of that name: the one the program registered, else one that shares the
/// default logger's sinks and is made on first use. Never throws; a message that cannot be written is lost.
void log_error(const std::string& logger, std::string_view message) noexcept;
/// The same at warning level.
void log_warning(const std::string& logger, std::string_view message) noexcept;
/// The same at info level.
void log_info(const std::string& logger, std::string_view message) noexcept;

}  // namespace rediscache::base
