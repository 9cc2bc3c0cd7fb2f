// Messages that were received and not yet taken.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

#include <rediscache/error.hpp>
#include <rediscache/subscription.hpp>

#include "base/deadline.hpp"
#include "base/fork.hpp"
#include "base/fork_mutex.hpp"
#include "cache/message_batch.hpp"

namespace rediscache::cache {

struct QueueLimits {
  std::size_t messages = 100'000;
  std::size_t bytes = std::size_t{64} << 20U;  ///< as MessageBatch counts them
  WhenFull when_full = WhenFull::drop_oldest;
};

/// Who receives hands over a batch, and who takes gets one message at a time out of a batch that it took:
/// both seldom meet at the lock. A gap keeps its place among the messages and does not count as one; gaps
/// without a message between them are one. Thread-safe.
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

  /// Puts in all that `arrived`, and leaves an empty batch in its place.
  void put(MessageBatch& arrived);
  void put_gap();
  /// To be thrown by who takes.
  void refuse(const Failure& failure);
  [[nodiscard]] std::optional<Failure> take_refusal();
  void close() noexcept;
  /// In the child of a fork nobody takes anything: nothing is kept there.
  void taken_only_here() noexcept { taken_in_.store(base::fork_generation(), std::memory_order_relaxed); }

  /// Waits until the deadline for something to take.
  [[nodiscard]] Taken take(base::Deadline deadline);

  /// No more is to be received: only with WhenFull::wait.
  [[nodiscard]] bool full() const noexcept { return full_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }
  [[nodiscard]] SubscriptionStatistics statistics() const;

 private:
  static constexpr std::uint64_t any_process = std::numeric_limits<std::uint64_t>::max();

  [[nodiscard]] bool take_now(Taken& taken);
  [[nodiscard]] bool fetch();
  void keep_what_fits(MessageBatch& arrived);
  void drop_oldest();
  void append(MessageBatch& arrived);
  [[nodiscard]] bool too_many(std::size_t messages, std::size_t bytes) const noexcept;
  void wake() noexcept;
  [[nodiscard]] bool taken_elsewhere() const noexcept {
    const std::uint64_t where = taken_in_.load(std::memory_order_relaxed);
    return where != any_process && where != base::fork_generation();
  }

  const QueueLimits limits_;
  // A fork takes them in this order, which is that of who holds both.
  mutable base::ForkMutex taking_;
  mutable base::ForkMutex mutex_;
  MessageBatch hand_;               // under taking_
  bool relieved_ = false;           // likewise
  std::deque<MessageBatch> queue_;  // under mutex_, as all that follows; none is empty
  MessageBatch spare_;
  std::size_t count_ = 0;  // of messages in queue_
  std::size_t bytes_ = 0;
  bool gap_ = false;  // after all that is in queue_
  std::vector<Failure> refusals_;
  SubscriptionStatistics statistics_;
  std::atomic<bool> overflowed_{false};
  std::atomic<bool> full_{false};
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> taken_in_{any_process};
  std::atomic<std::uint32_t> changes_{0};  // a futex
  std::atomic<std::uint32_t> sleepers_{0};
};

}  // namespace rediscache::cache
