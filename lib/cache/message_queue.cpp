#include "cache/message_queue.hpp"

#include <mutex>
#include <utility>

#include "base/futex.hpp"

namespace rediscache::cache {
namespace {

/// So many refusals are kept for somebody to take: there may be some with each new connection.
constexpr std::size_t most_refusals = 1000;

}  // namespace

void MessageQueue::put(MessageBatch& arrived) {
  if (taken_elsewhere()) {
    arrived.clear();
    return;
  }
  {
    const std::scoped_lock lock{mutex_};
    statistics_.received += arrived.size();
    if (closed() || overflowed_.load(std::memory_order_relaxed)) {
      statistics_.dropped += arrived.size();
    } else {
      keep_what_fits(arrived);
      append(arrived);
      while (limits_.when_full == WhenFull::drop_oldest && count_ > 1 && too_many(count_, bytes_)) {
        drop_oldest();
      }
      if (limits_.when_full == WhenFull::wait && (count_ >= limits_.messages || bytes_ >= limits_.bytes)) {
        full_.store(true, std::memory_order_relaxed);
      }
    }
  }
  arrived.clear();
  wake();
}

bool MessageQueue::too_many(std::size_t messages, std::size_t bytes) const noexcept {
  return messages > limits_.messages || (messages > 1 && bytes > limits_.bytes);
}

/// Where what has come first counts more: leaves those for which there is room. The lock is held.
void MessageQueue::keep_what_fits(MessageBatch& arrived) {
  if (limits_.when_full == WhenFull::drop_oldest || limits_.when_full == WhenFull::wait) {
    return;
  }
  std::size_t fit = 0;
  std::size_t bytes = bytes_;
  while (fit < arrived.size() && !too_many(count_ + fit + 1, bytes + arrived.at(fit).room)) {
    bytes += arrived.at(fit).room;
    ++fit;
  }
  const std::size_t dropped = arrived.size() - fit;
  statistics_.dropped += dropped;
  arrived.truncate(fit);
  if (dropped > 0 && limits_.when_full == WhenFull::close) {
    overflowed_.store(true, std::memory_order_relaxed);
  }
}

/// The lock is held.
void MessageQueue::append(MessageBatch& arrived) {
  if (arrived.empty()) {
    return;
  }
  arrived.front().gap_before = gap_;
  const std::size_t messages = arrived.size();
  const std::size_t bytes = arrived.bytes();
  if (queue_.empty() || !queue_.back().absorb(arrived)) {
    queue_.push_back(std::move(arrived));
    arrived = std::exchange(spare_, {});
  }
  gap_ = false;
  count_ += messages;
  bytes_ += bytes;
}

/// But not the gap before it. The lock is held.
void MessageQueue::drop_oldest() {
  const MessageBatch::Record dropped = queue_.front().front();
  bytes_ -= dropped.room;
  --count_;
  ++statistics_.dropped;
  queue_.front().drop_front();
  if (queue_.front().empty()) {
    queue_.pop_front();
  }
  if (dropped.gap_before) {
    (queue_.empty() ? gap_ : queue_.front().front().gap_before) = true;
  }
}

void MessageQueue::put_gap() {
  {
    const std::scoped_lock lock{mutex_};
    ++statistics_.gaps;
    gap_ = !closed();
  }
  wake();
}

void MessageQueue::refuse(const Failure& failure) {
  {
    const std::scoped_lock lock{mutex_};
    if (refusals_.size() < most_refusals) {
      refusals_.push_back(failure);
    }
  }
  wake();
}

std::optional<Failure> MessageQueue::take_refusal() {
  const std::scoped_lock lock{mutex_};
  if (refusals_.empty()) {
    return std::nullopt;
  }
  Failure first = std::move(refusals_.front());
  refusals_.erase(refusals_.begin());
  return first;
}

void MessageQueue::close() noexcept {
  {
    const std::scoped_lock hand{taking_};
    const std::scoped_lock lock{mutex_};
    closed_.store(true, std::memory_order_relaxed);
    hand_.clear();
    queue_.clear();
    count_ = bytes_ = 0;
    gap_ = false;
    full_.store(false, std::memory_order_relaxed);
  }
  wake();
}

void MessageQueue::wake() noexcept {
  changes_.fetch_add(1);
  if (sleepers_.load() > 0) {
    base::futex_wake_all(changes_);
  }
}

MessageQueue::Taken MessageQueue::take(base::Deadline deadline) {
  Taken taken;
  while (true) {
    const std::uint32_t seen = changes_.load();
    if (take_now(taken) || deadline.passed()) {
      return taken;
    }
    sleepers_.fetch_add(1);
    base::futex_wait(changes_, seen, deadline);
    sleepers_.fetch_sub(1);
  }
}

/// False: there is nothing yet.
bool MessageQueue::take_now(Taken& taken) {
  const std::scoped_lock hand{taking_};
  if (hand_.empty()) {
    taken.refusal = take_refusal();
    if (taken.refusal) {
      return true;
    }
    const std::scoped_lock lock{mutex_};
    if (!fetch() && std::exchange(gap_, false)) {
      taken.message = Message{.kind = Message::Kind::gap};
      return true;
    }
    if (hand_.empty()) {
      taken.overflowed = overflowed_.load(std::memory_order_relaxed);
      taken.closed = taken.overflowed || closed();
      return taken.closed;
    }
  }
  if (std::exchange(hand_.front().gap_before, false)) {
    taken.message = Message{.kind = Message::Kind::gap};
  } else {
    taken.message = hand_.take_front();
  }
  taken.relieved = std::exchange(relieved_, false);  // last: whoever has no memory for a message comes again
  return true;
}

/// Takes the oldest batch, if there is any. Both locks are held.
bool MessageQueue::fetch() {
  if (queue_.empty()) {
    return false;
  }
  hand_.clear();
  spare_ = std::move(hand_);
  hand_ = std::move(queue_.front());
  queue_.pop_front();
  count_ -= hand_.size();
  bytes_ -= hand_.bytes();
  if (full() && count_ <= limits_.messages / 2 && bytes_ <= limits_.bytes / 2) {
    full_.store(false, std::memory_order_relaxed);
    relieved_ = true;
  }
  return true;
}

SubscriptionStatistics MessageQueue::statistics() const {
  const std::scoped_lock hand{taking_};
  const std::scoped_lock lock{mutex_};
  SubscriptionStatistics now = statistics_;
  now.queued = count_ + hand_.size();
  return now;
}

}  // namespace rediscache::cache
