// How many sends a shared connection has outstanding, and how its reader waits.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "net/crowd.hpp"

namespace rediscache::net {

/// Where an answer comes almost at once, the next send does well to wait for it: meanwhile others add to it.
/// Over a network that would only waste time: there a send waits for a small part of the way at most, in
/// which others add to it as well, for a send has a cost of its own on both sides. Which of both it is, round
/// trips tell, those of sends with nothing else in flight: behind others a send waits for their answers too.
/// Where no call is ever alone, the connection lets itself run empty now and then to measure one.
///
/// Few calls at a server nearby, with CPUs for both, keep the server awake by not waiting for each other and
/// stay awake themselves, for there a wake-up takes longer than an answer.
///
/// They gather as well: each send costs both sides, and those who were answered together soon ask again. With
/// more of them enough queue while an answer is awaited.
class Pace {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  /// `depth`: so many sends, whatever is measured; 0 when it is to be found out.
  Pace(int depth, const Crowd& crowd) noexcept : fixed_{depth}, crowd_{crowd} {}

  /// A new connection, of which nothing is measured. `cpus` this thread may run on. Encrypted sends cost both
  /// sides so much that few large ones are better even where that lets the server sleep.
  void begin(std::size_t cpus, bool encrypted) noexcept;

  // ---- The writer's

  /// One more send; `alone` with nothing in flight. True: its round trip is wanted.
  [[nodiscard]] bool times(bool alone) noexcept;
  /// How many sends may be unanswered.
  [[nodiscard]] int depth() const noexcept;

  // ---- The reader's

  /// What a send of so many commands took that was alone.
  void note(Nanoseconds round_trip, std::size_t commands) noexcept;
  /// How often to look for an answer before sleeping until it comes. In between others are given way to, but
  /// not between the first: the answer may be there sooner than one gets the CPU back.
  [[nodiscard]] int looks() const noexcept { return keeps_awake() ? most_looks : 0; }
  static constexpr int looks_in_a_row = 8;
  /// Others run meanwhile, and may for long: then it was not quicker than to sleep.
  static constexpr std::chrono::microseconds longest_look{100};

  // ---- Anybody's

  /// Whether those who are answered together do well to ask together (gathering.hpp).
  [[nodiscard]] bool gathers() const noexcept { return fixed_ == 0 && keeps_awake(); }
  /// How often a caller that waits gives way before it sleeps, where `yields` are usual: not at all where
  /// nothing can come so soon.
  [[nodiscard]] std::int64_t yields(std::int64_t yields) const noexcept;

  static constexpr int any_depth = 1 << 20;

 private:
  static constexpr int most_looks = 48;
  static constexpr std::size_t samples_kept = 8;

  [[nodiscard]] bool keeps_awake() const noexcept;
  [[nodiscard]] bool far() const noexcept;

  const int fixed_;
  const Crowd& crowd_;
  std::atomic<bool> known_{false};      // there are enough samples to judge by
  std::atomic<Nanoseconds> way_{};      // there and back: the quickest of them
  std::atomic<bool> measuring_{false};  // sends wait until one has been alone
  std::atomic<bool> several_cpus_{false};
  std::atomic<bool> encrypted_{false};
  std::uint32_t sends_ = 0;                          // the writer's
  std::array<Nanoseconds, samples_kept> samples_{};  // the reader's
  std::size_t sampled_ = 0;                          // the reader's
};

/// How many CPUs this thread may run on.
[[nodiscard]] std::size_t usable_cpus() noexcept;

}  // namespace rediscache::net
