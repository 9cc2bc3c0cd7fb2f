#include "base/log.hpp"

#include <array>
#include <memory>
#include <mutex>

#include <spdlog/spdlog.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fork_mutex.hpp"

namespace rediscache::base {
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

/// Made by whoever comes first: a message, a cache, or the initialization below. Never destroyed.
LogState& log_state() {
  static LogState& state = *new LogState;  // NOLINT(cppcoreguidelines-owning-memory)
  static const SpdlogUse use{state};
  return state;
}

/// Before a program's own static objects where the library is shared, and before any is destroyed in any
/// case: the registry must not be asked for when it is gone.
// NOLINTNEXTLINE(cert-err58-cpp)
[[maybe_unused]] const LogState& begun_with_the_process = log_state();

/// The logger of that name, null after spdlog::shutdown().
std::shared_ptr<spdlog::logger> find_or_make(const std::string& name) {
  if (auto existing = spdlog::get(name)) {
    return existing;
  }
  const auto parent = spdlog::default_logger();
  if (!parent) {
    return nullptr;
  }
  auto made = parent->clone(name);
  spdlog::register_logger(made);
  return made;
}

/// For messages while the process exits and spdlog is gone: in one write, so that no other output comes
/// between.
void write_to_stderr(const std::string& logger, std::string_view level, std::string_view message) noexcept {
  const auto piece = [](std::string_view text) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): writev() reads only
    return iovec{const_cast<char*>(text.data()), text.size()};
  };
  const std::array pieces{piece("["),  piece(logger),  piece("] ["), piece(level),
                          piece("] "), piece(message), piece("\n")};
  static_cast<void>(::writev(STDERR_FILENO, pieces.data(), static_cast<int>(pieces.size())));
}

void write(const std::string& logger, spdlog::level::level_enum level, std::string_view message) noexcept {
  try {
    std::shared_ptr<spdlog::logger> named;
    bool spdlog_is_over = false;
    {
      LogState& state = log_state();
      const std::scoped_lock lock{state.mutex};
      spdlog_is_over = state.spdlog_is_over;
      if (!spdlog_is_over) {
        named = find_or_make(logger);
      }
    }
    if (named) {
      named->log(level, message);
    } else if (spdlog_is_over) {
      const auto text = spdlog::level::to_string_view(level);
      write_to_stderr(logger, {text.data(), text.size()}, message);
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): a cache must not fail because its log does
  }
}

}  // namespace

void begin_logging() {
  static_cast<void>(log_state());
}

void log_error(const std::string& logger, std::string_view message) noexcept {
  write(logger, spdlog::level::err, message);
}

void log_warning(const std::string& logger, std::string_view message) noexcept {
  write(logger, spdlog::level::warn, message);
}

void log_info(const std::string& logger, std::string_view message) noexcept {
  write(logger, spdlog::level::info, message);
}

}  // namespace rediscache::base
