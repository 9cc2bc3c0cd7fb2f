// Threads to be woken, many at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/futex.hpp"

namespace rediscache::net {

/// Collects those to be woken until more urgent things have been seen to, for each takes a system call.
class Sleepers {
 public:
  Sleepers() = default;
  Sleepers(const Sleepers&) = delete;
  Sleepers& operator=(const Sleepers&) = delete;
  ~Sleepers() { wake_all(); }

  void add(const std::atomic<std::uint32_t>& word) noexcept {
    if (count_ == words_.size()) {
      wake_all();
    }
    words_[count_++] = &word;
  }

 private:
  void wake_all() noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      base::futex_wake(*words_[i]);
    }
    count_ = 0;
  }

  std::array<const std::atomic<std::uint32_t>*, 64> words_;  // NOLINT: filled as far as count_
  std::size_t count_ = 0;
};

}  // namespace rediscache::net
