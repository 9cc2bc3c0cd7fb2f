#include "cache/omit.hpp"

#include <exception>
#include <mutex>

#include "base/log.hpp"

namespace rediscache::cache {
namespace {

/// Beyond so many kinds of misconfiguration the log has told enough.
constexpr std::size_t most_logged = 64;

}  // namespace

void OmitPolicy::swallowed(const Failure& failure) noexcept {
  omitted_.fetch_add(1, std::memory_order_relaxed);
  try {
    if (failure.misconfigured()) {
      note_misconfigured(failure);
    } else if (settings_.log_ignored_exceptions) {
      log_ignored(failure.text());
    }
    if (settings_.observer) {
      settings_.observer(failure);
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): neither memory nor an observer may end the call
  }
}

void OmitPolicy::note_misconfigured(const Failure& failure) {
  misconfigured_.fetch_add(1, std::memory_order_relaxed);
  const std::string text = failure.text();
  bool is_new = false;
  {
    const std::scoped_lock lock{mutex_};
    last_misconfigured_ = text;
    std::string kind = std::string{to_string(failure.code)} + ' ' + std::string{failure.prefix()} + ' ' +
                       failure.command + ' ' + failure.server;
    is_new = logged_.size() < most_logged && logged_.insert(std::move(kind)).second;
  }
  if (is_new) {
    base::log_error(settings_.logger, "ignored, and will come again until it is mended: " + text);
  } else if (settings_.log_ignored_exceptions) {
    log_ignored(text);
  }
}

void OmitPolicy::log_ignored(const std::string& text) {
  const auto left_out = limit_.pass(base::coarse_now());
  if (left_out) {
    const std::string before =
        *left_out > 0 ? "ignored (and " + std::to_string(*left_out) + " before it that were not logged): "
                      : std::string{"ignored: "};
    base::log_error(settings_.logger, before + text);
  }
}

OmitPolicy::~OmitPolicy() {
  try {
    if (const auto left_out = limit_.left_out(); left_out > 0) {
      base::log_error(settings_.logger,
                      "ignored " + std::to_string(left_out) + " more, which were not logged");
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): no memory for a line
  }
}

void OmitPolicy::add_to(Statistics& statistics) const {
  statistics.omitted = omitted_.load(std::memory_order_relaxed);
  statistics.misconfigured = misconfigured_.load(std::memory_order_relaxed);
  const std::scoped_lock lock{mutex_};
  statistics.last_misconfigured = last_misconfigured_;
}

}  // namespace rediscache::cache
