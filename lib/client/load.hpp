// How much a client has under way, and how much it may.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include <rediscache/error.hpp>

namespace rediscache::client {

/// Counts calls that have begun and not ended, and the bytes of their requests. A server that answers slowly
/// piles both up; beyond the bounds a call fails at once rather than making it worse. Thread-safe.
class Load {
 public:
  Load(std::size_t max_calls, std::size_t max_bytes) noexcept
      : max_calls_{max_calls}, max_bytes_{max_bytes} {}

  /// One call, counted as long as this lives.
  class Share {
   public:
    Share(Load& load, std::size_t bytes) noexcept
        : load_{load},
          bytes_{bytes},
          fits_{load.calls_.fetch_add(1, std::memory_order_relaxed) < load.max_calls_} {
      // A lone call may be as large as it likes.
      const std::size_t others = load.bytes_.fetch_add(bytes, std::memory_order_relaxed);
      fits_ = fits_ && (others == 0 || others + bytes <= load.max_bytes_);
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      load_.calls_.fetch_sub(1, std::memory_order_relaxed);
      load_.bytes_.fetch_sub(bytes_, std::memory_order_relaxed);
    }
    /// False: too much is under way, this call must not go on.
    [[nodiscard]] bool fits() const noexcept { return fits_; }

   private:
    Load& load_;
    std::size_t bytes_;
    bool fits_;
  };

  [[nodiscard]] std::size_t calls() const noexcept { return calls_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  /// "12 calls in flight, 3456 bytes of requests".
  [[nodiscard]] std::string text() const;
  /// Why a call that does not fit fails.
  [[nodiscard]] Failure too_much() const;

 private:
  const std::size_t max_calls_;
  const std::size_t max_bytes_;
  std::atomic<std::size_t> calls_{0};
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace rediscache::client
