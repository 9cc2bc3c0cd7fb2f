// What the locks of one cache share.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <rediscache/metrics.hpp>
#include <rediscache/timer.hpp>

#include "base/fork_mutex.hpp"
#include "cache/renewals.hpp"
#include "cache/waiting_room.hpp"

namespace rediscache::cache {

class Core;

struct LockCounts {
  std::atomic<std::uint64_t> acquired{0};
  std::atomic<std::uint64_t> contended{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> released{0};
  std::atomic<std::uint64_t> renewed{0};
  std::atomic<std::uint64_t> renewals_failed{0};
  std::atomic<std::uint64_t> lost{0};
  std::atomic<std::uint64_t> woken{0};
  std::atomic<std::uint64_t> polls{0};
  std::atomic<int> releasing{0};  ///< in the background, just now
};

/// Counters, who renews, and who waits. Thread-safe.
class Locking {
 public:
  /// Renews by this timer, or by the process's own.
  [[nodiscard]] std::shared_ptr<Renewals> renewals(const std::shared_ptr<Timer>& timer);
  /// Where to wait for what is released on that channel.
  [[nodiscard]] std::shared_ptr<WaitingRoom> room(const std::string& channel);

  [[nodiscard]] LockCounts& counts() noexcept { return counts_; }
  [[nodiscard]] LockStatistics statistics() const noexcept;

 private:
  LockCounts counts_;
  base::ForkMutex mutex_;
  std::vector<std::shared_ptr<Renewals>> renewals_;
  std::map<std::string, std::weak_ptr<WaitingRoom>> rooms_;
};

}  // namespace rediscache::cache
