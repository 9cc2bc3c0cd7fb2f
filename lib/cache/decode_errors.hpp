// What happens when entries do not read as what was asked for.
#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/options.hpp>

#include "base/fork_mutex.hpp"
#include "base/log.hpp"

namespace rediscache::cache {

/// Applies `on_decode_error`, and keeps account of it for one cache. Thread-safe.
class DecodeErrors {
 public:
  DecodeErrors(OnDecodeError policy, base::Logger logger) : policy_{policy}, logger_{std::move(logger)} {}

  /// Whether the entry counts as missing. Then it is counted, and logged if it is the first of its kind.
  [[nodiscard]] bool ignore(const DecodeError& error) noexcept;
  [[nodiscard]] std::uint64_t ignored() const noexcept { return ignored_.load(std::memory_order_relaxed); }

 private:
  const OnDecodeError policy_;
  const base::Logger logger_;
  std::atomic<std::uint64_t> ignored_{0};
  base::ForkMutex mutex_;
  std::set<std::string> logged_;
};

}  // namespace rediscache::cache
