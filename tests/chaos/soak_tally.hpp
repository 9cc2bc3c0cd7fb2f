// What the soak counts, and its verdict on single answers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include <rediscache/error.hpp>

namespace rediscache::test {

/// Thread-safe.
struct SoakTally {
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> omitted{0};
  std::atomic<std::uint64_t> wrong{0};
  std::atomic<std::uint64_t> hangs{0};
  std::atomic<std::uint64_t> slowest_us{0};
  std::array<std::atomic<std::uint64_t>, 16> errors{};
  /// How often the server has lost its data, or may be about to: even while it has not.
  std::atomic<std::uint64_t> wipes{0};

  void count(const Error& error) { ++errors.at(static_cast<std::size_t>(error.code())); }
  void report_wrong(const std::string& what) {
    if (++wrong <= 20) {
      const std::scoped_lock lock{mutex};
      std::fprintf(stderr, "wrong answer: %s\n", what.c_str());
    }
  }
  void report_hang(const std::string& what) {
    if (++hangs <= 20) {
      const std::scoped_lock lock{mutex};
      std::fprintf(stderr, "hang: %s\n", what.c_str());
    }
  }
  void took(std::uint64_t us) {
    std::uint64_t seen = slowest_us.load();
    while (seen < us && !slowest_us.compare_exchange_weak(seen, us)) {
    }
  }

  std::mutex mutex;
};

}  // namespace rediscache::test
