// Messages that were received and not yet taken.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <rediscache/error.hpp>
#include <rediscache/subscription.hpp>

#include "base/deadline.hpp"
#include "base/fork_mutex.hpp"

namespace rediscache::cache {

struct QueueLimits {
  std::size_t messages = 100'000;
  std::size_t bytes = std::size_t{64} << 20U;  ///< of payloads
  WhenFull when_full = WhenFull::drop_oldest;
};

/// Who receives hands over many at once, who takes gets one at a time out of a handful that it took: both
/// seldom meet at the lock. A gap keeps its place among the messages and does not count as one; gaps without
/// a message between them are one. Thread-safe.
class MessageQueue {
 public:
  /// What came of taking one.
  struct Taken {
    std::optional<Message> message{};
    std::optional<Failure> refusal{};
    bool closed = false;
    bool overflowed = false;  ///< closed because it was full
    bool relieved = false;    ///< it had been full, and is half empty now
  };

  explicit MessageQueue(const QueueLimits& limits) : limits_{limits} {}

  /// Puts in all that `arrived`, and empties it.
  void put(std::vector<Message>& arrived);
  void put_gap();
  /// To be thrown by who takes.
  void refuse(const Failure& failure);
  [[nodiscard]] std::optional<Failure> take_refusal();
  void close() noexcept;

  /// Waits until the deadline for something to take.
  [[nodiscard]] Taken take(base::Deadline deadline);

  /// No more is to be received: only with WhenFull::wait.
  [[nodiscard]] bool full() const noexcept { return full_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }
  [[nodiscard]] SubscriptionStatistics statistics() const;

 private:
  [[nodiscard]] bool take_now(Taken& taken);
  void fetch();
  [[nodiscard]] bool make_room(std::size_t bytes);
  void drop_oldest();
  [[nodiscard]] bool is_full(std::size_t more_bytes) const noexcept;
  void wake() noexcept;

  const QueueLimits limits_;
  // A fork takes them in this order, which is that of who holds both.
  mutable base::ForkMutex taking_;
  mutable base::ForkMutex mutex_;
  std::vector<Message> handful_;  // under taking_, as at_
  std::size_t at_ = 0;
  std::deque<Message> queue_;  // under mutex_, as all that follows
  std::size_t count_ = 0;      // without gaps
  std::size_t bytes_ = 0;
  std::vector<Failure> refusals_;
  SubscriptionStatistics statistics_;
  bool relieved_ = false;
  std::atomic<bool> overflowed_{false};
  std::atomic<bool> full_{false};
  std::atomic<bool> closed_{false};
  std::atomic<std::uint32_t> changes_{0};  // a futex
  std::atomic<std::uint32_t> sleepers_{0};
};

}  // namespace rediscache::cache
