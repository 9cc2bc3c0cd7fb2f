#include "base/log.hpp"

#include <memory>
#include <mutex>

#include <spdlog/spdlog.h>

#include "base/fork_mutex.hpp"

namespace rediscache::base {
namespace {

/// Two threads must not both make a logger: the second would throw. Made before somebody logs while holding a
/// lock, and never destroyed.
// NOLINTNEXTLINE(cppcoreguidelines-owning-memory,cppcoreguidelines-avoid-non-const-global-variables,cert-err58-cpp)
ForkMutex& making_loggers = *new ForkMutex;

std::shared_ptr<spdlog::logger> logger_named(const std::string& name) {
  const std::scoped_lock lock{making_loggers};
  if (auto existing = spdlog::get(name)) {
    return existing;
  }
  const auto parent = spdlog::default_logger();
  if (!parent) {
    return nullptr;  // after spdlog::shutdown()
  }
  auto made = parent->clone(name);
  spdlog::register_logger(made);
  return made;
}

void write(const std::string& logger, spdlog::level::level_enum level, std::string_view message) noexcept {
  try {
    if (const auto named = logger_named(logger)) {
      named->log(level, message);
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): a cache must not fail because its log does
  }
}

}  // namespace

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
