// What happens to failures: they are thrown, or swallowed and accounted for.
#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/metrics.hpp>
#include <rediscache/options.hpp>

#include "base/fork_mutex.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "cache/log_limit.hpp"

namespace rediscache::cache {

struct OmitSettings {
  bool ignore_exceptions = false;
  bool log_ignored_exceptions = false;
  base::Logger logger;
  FailureObserver observer;
};

/// Keeps account of the failures of one cache. Thread-safe.
class OmitPolicy {
 public:
  explicit OmitPolicy(OmitSettings settings) : settings_{std::move(settings)} {}
  OmitPolicy(const OmitPolicy&) = delete;
  OmitPolicy& operator=(const OmitPolicy&) = delete;
  /// Logs how many lines were left out at last.
  ~OmitPolicy();

  [[nodiscard]] bool ignores() const noexcept { return settings_.ignore_exceptions; }
  /// Counts a failure that nobody will see, shows it to the observer, and logs it: when asked to, and, for
  /// one that trying again will not mend, once for every kind of it.
  void swallowed(const Failure& failure) noexcept;
  void add_to(Statistics& statistics) const;

 private:
  void note_misconfigured(const Failure& failure);
  /// One line of those that log_ignored_exceptions asks for.
  void log_ignored(const std::string& text);

  const OmitSettings settings_;
  std::atomic<std::uint64_t> omitted_{0};
  std::atomic<std::uint64_t> misconfigured_{0};
  LogLimit limit_;
  mutable base::ForkMutex mutex_;
  std::string last_misconfigured_;
  std::set<std::string> logged_;
};

/// The one place that swallows: the value of `operation()`, or, when that failed and failures are ignored,
/// `fallback()`.
template <class Fallback, class Operation>
auto omit(OmitPolicy& policy, bool strict, Fallback&& fallback, Operation&& operation) {
  auto outcome = std::forward<Operation>(operation)();
  if (outcome) {
    return std::move(outcome.value());
  }
  if (strict || !policy.ignores()) {
    outcome.failure().raise();
  }
  policy.swallowed(outcome.failure());
  return std::forward<Fallback>(fallback)();
}

}  // namespace rediscache::cache
