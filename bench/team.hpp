// The threads of a cell, kept from batch to batch: starting them would take longer than a short batch.
#pragma once

#include <barrier>
#include <chrono>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

#include "batch.hpp"

namespace bench {

/// Runs a batch in each of its threads. A team of one is the calling thread itself.
class Team {
 public:
  explicit Team(std::size_t threads);
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team();

  /// Starts all threads together and waits for all. Gives the seconds from the first one's start to the last
  /// one's end; throws what a batch threw. `latencies` is empty or has a place for each thread.
  [[nodiscard]] double run(const std::vector<Batch>& batches, std::size_t operations_each,
                           std::vector<Latencies>& latencies);

 private:
  using Clock = std::chrono::steady_clock;
  struct Times {
    Clock::time_point start{};
    Clock::time_point end{};
    std::exception_ptr error{};
  };

  void work(std::size_t thread) noexcept;
  void run_one(std::size_t thread) noexcept;

  // What is to be done, written only while all threads wait at `start_`. No batches: end.
  const std::vector<Batch>* batches_ = nullptr;
  std::vector<Latencies>* latencies_ = nullptr;
  std::size_t operations_ = 0;

  std::vector<Times> times_;
  std::barrier<> start_;
  std::barrier<> end_;
  std::vector<std::jthread> threads_;
};

}  // namespace bench
