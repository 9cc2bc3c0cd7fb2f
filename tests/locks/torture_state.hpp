// What the processes of the torture share.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "locks/fenced_resource.hpp"

namespace rediscache::test {

/// One holder is asked to stay inside until it is told to go: only so it can be stopped or killed there for
/// certain. The director writes what is asked, and asks one at a time.
struct Stay {
  enum class Outcome { pending, left, refused };

  std::atomic<bool> asked{false};       ///< the next who comes in is to stay
  std::atomic<std::uint64_t> token{0};  ///< of who stays; 0: nobody yet
  std::atomic<bool> alone{true};        ///< nobody else may be inside meanwhile
  std::atomic<std::size_t> process{0};  ///< in which process that is
  std::atomic<bool> may_go{false};
  std::atomic<Outcome> outcome{Outcome::pending};
};

struct TortureCounts {
  std::atomic<std::uint64_t> acquired{0};
  std::atomic<std::uint64_t> timed_out{0};    ///< acquire() said after its time that the lock was not free
  std::atomic<std::uint64_t> interrupted{0};  ///< calls that failed with their server
  std::atomic<std::uint64_t> not_owned{0};    ///< releases that came too late
  std::atomic<std::uint64_t> lost{0};         ///< calls of on_lost
  std::atomic<std::uint64_t> violations{0};
};

struct TortureState {
  static constexpr std::chrono::milliseconds lock_timeout{800};
  static constexpr std::chrono::milliseconds blocking_timeout{6000};
  static constexpr std::size_t most_tokens = std::size_t{1} << 20U;

  FencedResource resource;
  Stay stay;
  TortureCounts counts;
  /// Each thread is to get the lock once more, and then to end.
  std::atomic<bool> draining{false};
  /// By when the acquire() of a thread is to have ended; 0: it is not in one.
  std::array<std::atomic<std::int64_t>, FencedResource::most_holders> due{};
  /// All that were ever given out, by when it was known.
  std::atomic<std::size_t> token_count{0};
  std::array<std::atomic<std::uint64_t>, most_tokens> tokens{};
  /// Whoever asks after one is known gets a higher one.
  std::atomic<std::uint64_t> highest_token{0};
};

}  // namespace rediscache::test
