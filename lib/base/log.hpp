// The one way to the log.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <rediscache/log.hpp>

namespace rediscache::base {

/// Called before a cache is made: spdlog can then be used until that cache is destroyed, if it is a static
/// object.
void begin_logging();

/// Where messages go: to the sink. Without one to the spdlog logger of that name, if the program registered
/// one; else to the sinks of spdlog's default logger, if the program configured that; else to stderr.
struct Logger {
  Logger() = default;
  Logger(std::string its_name, LogSink its_sink = {})
      : name{std::move(its_name)}, sink{std::move(its_sink)} {}
  Logger(const char* its_name) : name{its_name} {}

  std::string name = "rediscache";
  LogSink sink{};
};

/// Never throws; a message that cannot be written is lost. At any time: when the process exits and spdlog is
/// gone, messages go to stderr.
void log(const Logger& logger, LogLevel level, std::string_view message) noexcept;
inline void log_error(const Logger& logger, std::string_view message) noexcept {
  log(logger, LogLevel::error, message);
}
inline void log_warning(const Logger& logger, std::string_view message) noexcept {
  log(logger, LogLevel::warning, message);
}
inline void log_info(const Logger& logger, std::string_view message) noexcept {
  log(logger, LogLevel::info, message);
}

}  // namespace rediscache::base
