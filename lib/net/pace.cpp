#include "net/pace.hpp"

#include <algorithm>

#include <sched.h>

namespace rediscache::net {
namespace {

using std::chrono::microseconds;

/// A way that takes less is not worth filling.
constexpr microseconds nearby{200};
/// What a command of a send costs server and client, which is not the way.
constexpr microseconds command_cost{2};
/// On a longer one sends follow each other no closer than this: what one costs server and client.
constexpr microseconds send_gap{30};
/// One in so many sends that are alone anyway is timed.
constexpr std::uint32_t sends_per_sample = 32;
/// So seldom the connection is let run empty: nearby that costs next to nothing, far away a round trip.
constexpr std::uint32_t sends_per_measurement_nearby = 512;
constexpr std::uint32_t sends_per_measurement_far = 8192;

/// With two calls each has a connection; with many the batches are worth more than the wake-ups they save.
constexpr std::size_t least_awake = 3;
constexpr std::size_t most_awake = 11;
/// So many times as often a caller gives way that awaits an encrypted answer, for that takes longer.
constexpr std::int64_t yields_encrypted = 4;

}  // namespace

void Pace::begin(std::size_t cpus, bool encrypted) noexcept {
  several_cpus_.store(cpus > 1, std::memory_order_relaxed);
  encrypted_.store(encrypted, std::memory_order_relaxed);
  sends_ = 0;
  sampled_ = 0;
  known_ = measuring_ = false;
  way_ = Nanoseconds::zero();
}

bool Pace::times(bool alone) noexcept {
  ++sends_;
  const bool known = known_.load(std::memory_order_relaxed);
  if (known && sends_ % (far() ? sends_per_measurement_far : sends_per_measurement_nearby) == 0) {
    measuring_.store(true, std::memory_order_relaxed);
  }
  return alone && (!known || measuring_.load(std::memory_order_relaxed) || sends_ % sends_per_sample == 0);
}

int Pace::depth() const noexcept {
  if (fixed_ > 0) {
    return fixed_;
  }
  if (!known_.load(std::memory_order_relaxed) || measuring_.load(std::memory_order_relaxed)) {
    return 1;
  }
  if (far()) {
    // One caller waits for that part of the way before it sends, at most.
    return static_cast<int>(way_.load(std::memory_order_relaxed) / send_gap);
  }
  return keeps_awake() && !encrypted_.load(std::memory_order_relaxed) ? any_depth : 1;
}

std::int64_t Pace::yields(std::int64_t yields) const noexcept {
  if (far()) {
    return 0;  // nothing comes so soon
  }
  return encrypted_.load(std::memory_order_relaxed) && keeps_awake() ? yields_encrypted * yields : yields;
}

void Pace::note(Nanoseconds round_trip, std::size_t commands) noexcept {
  samples_[sampled_++ % samples_.size()] = round_trip - static_cast<int>(commands) * command_cost;
  const bool known = sampled_ >= samples_.size();
  // One quick one proves that the way is short; slow ones may have had bad luck.
  way_.store(known ? std::ranges::min(samples_) : Nanoseconds::zero(), std::memory_order_relaxed);
  known_.store(known, std::memory_order_relaxed);
  measuring_.store(false, std::memory_order_relaxed);
}

bool Pace::keeps_awake() const noexcept {
  const std::size_t calls = crowd_.size();
  return several_cpus_.load(std::memory_order_relaxed) && calls >= least_awake && calls <= most_awake &&
         known_.load(std::memory_order_relaxed) && !far();
}

bool Pace::far() const noexcept {
  return way_.load(std::memory_order_relaxed) >= nearby;
}

std::size_t usable_cpus() noexcept {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  // It fails where there are more CPUs than fit.
  return ::sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? static_cast<std::size_t>(CPU_COUNT(&cpus))
                                                         : CPU_SETSIZE;
}

}  // namespace rediscache::net
