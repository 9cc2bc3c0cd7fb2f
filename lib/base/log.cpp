#include "base/log.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "base/fork_mutex.hpp"
#include "base/timestamp.hpp"

namespace rediscache {

std::string_view to_string(LogLevel level) noexcept {
  constexpr std::array<std::string_view, 3> names{"info", "warning", "error"};
  return names.at(static_cast<std::size_t>(level));
}

namespace base {
namespace {

/// Two threads must not both make a logger: the second would throw. And spdlog's registry is used while this
/// is held only, so that it is not destroyed meanwhile.
struct LogState {
  ForkMutex mutex;
  bool spdlog_is_over = false;
};

/// Turns messages away from spdlog before its registry is destroyed. It is: this asks for the registry when
/// it is made, so that the registry is older, and what is older is destroyed later.
class SpdlogUse {
 public:
  explicit SpdlogUse(LogState& state) : state_{state} { static_cast<void>(spdlog::default_logger_raw()); }
  SpdlogUse(const SpdlogUse&) = delete;
  SpdlogUse& operator=(const SpdlogUse&) = delete;
  ~SpdlogUse() {
    const std::scoped_lock lock{state_.mutex};
    state_.spdlog_is_over = true;
  }

 private:
  LogState& state_;
};

/// Made at its first use: by a message, a cache, or the initialization below. Never destroyed.
LogState& log_state() {
  static LogState& state = *new LogState;  // NOLINT(cppcoreguidelines-owning-memory)
  static const SpdlogUse use{state};
  return state;
}

/// Before a program's own static objects where the library is shared, and before any is destroyed in any
/// case: the registry must not be asked for when it is gone.
// NOLINTNEXTLINE(cert-err58-cpp)
[[maybe_unused]] const LogState& begun_with_the_process = log_state();

/// Whether spdlog's default logger is the one that spdlog itself makes, as it made it.
bool is_untouched(const spdlog::logger& logger) {
  return logger.name().empty() && logger.level() == spdlog::level::info && logger.sinks().size() == 1 &&
         dynamic_cast<const spdlog::sinks::ansicolor_stdout_sink_mt*>(logger.sinks().front().get()) !=
             nullptr;
}

/// The logger of that name; null when the program has not configured spdlog.
std::shared_ptr<spdlog::logger> find_or_make(const std::string& name) {
  if (auto existing = spdlog::get(name)) {
    return existing;
  }
  const auto parent = spdlog::default_logger();
  if (!parent || is_untouched(*parent)) {  // none: after spdlog::shutdown()
    return nullptr;
  }
  auto made = parent->clone(name);
  spdlog::register_logger(made);
  return made;
}

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

/// In one call of the system, so that lines of several threads do not mix.
void write_to_stderr(const std::string& name, LogLevel level, std::string_view message) {
  std::string line = '[' + utc_text(std::chrono::system_clock::now()) + "] [" + name + "] [";
  line.append(to_string(level)).append("] ").append(message) += '\n';
  static_cast<void>(::write(STDERR_FILENO, line.data(), line.size()));
}

}  // namespace

void begin_logging() {
  static_cast<void>(log_state());
}

void log(const Logger& logger, LogLevel level, std::string_view message) noexcept {
  try {
    if (logger.sink) {
      logger.sink(level, message);
      return;
    }
    std::shared_ptr<spdlog::logger> named;
    {
      LogState& state = log_state();
      const std::scoped_lock lock{state.mutex};
      if (!state.spdlog_is_over) {
        named = find_or_make(logger.name);
      }
    }
    if (named) {
      named->log(spdlog_level(level), message);
    } else {
      write_to_stderr(logger.name, level, message);
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): a cache must not fail because its log does
  }
}

}  // namespace base
}  // namespace rediscache
