#include "cache/message_queue.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/futex.hpp"

namespace rediscache::cache {
namespace {

/// So many are taken out at a time.
constexpr std::size_t most_in_hand = 64;

bool is_gap(const Message& message) noexcept {
  return message.kind == Message::Kind::gap;
}

}  // namespace

void MessageQueue::put(std::vector<Message>& arrived) {
  {
    const std::scoped_lock lock{mutex_};
    for (Message& message : arrived) {
      ++statistics_.received;
      const std::size_t bytes = message.payload.size();
      if (closed_.load(std::memory_order_relaxed) || !make_room(bytes)) {
        ++statistics_.dropped;
        continue;
      }
      queue_.push_back(std::move(message));
      ++count_;
      bytes_ += bytes;
    }
    if (limits_.when_full == WhenFull::wait && is_full(0)) {
      full_.store(true, std::memory_order_relaxed);
    }
  }
  arrived.clear();
  wake();
}

/// For one more message; false when it is not to be had. The lock is held.
bool MessageQueue::make_room(std::size_t bytes) {
  if (overflowed_.load(std::memory_order_relaxed)) {
    return false;
  }
  if (!is_full(bytes)) {
    return true;
  }
  switch (limits_.when_full) {
    case WhenFull::drop_newest:
      return false;
    case WhenFull::close:
      overflowed_.store(true, std::memory_order_relaxed);
      return false;
    case WhenFull::wait:
      return true;  // it was received already
    case WhenFull::drop_oldest:
      break;
  }
  while (is_full(bytes)) {
    drop_oldest();
  }
  return true;
}

bool MessageQueue::is_full(std::size_t more_bytes) const noexcept {
  return count_ >= limits_.messages ||
         (count_ > 0 && (bytes_ >= limits_.bytes || more_bytes > limits_.bytes - bytes_));
}

/// Only a message: a gap stays. The lock is held.
void MessageQueue::drop_oldest() {
  auto oldest = queue_.begin();
  if (is_gap(*oldest)) {
    ++oldest;  // there is only one before a message
    if (oldest + 1 != queue_.end() && is_gap(*(oldest + 1))) {
      queue_.pop_front();
      oldest = queue_.begin();
    }
  }
  bytes_ -= oldest->payload.size();
  --count_;
  ++statistics_.dropped;
  queue_.erase(oldest);
}

void MessageQueue::put_gap() {
  {
    const std::scoped_lock lock{mutex_};
    ++statistics_.gaps;
    if (!closed() && (queue_.empty() || !is_gap(queue_.back()))) {
      queue_.push_back({.kind = Message::Kind::gap});
    }
  }
  wake();
}

void MessageQueue::refuse(const Failure& failure) {
  {
    const std::scoped_lock lock{mutex_};
    refusals_.push_back(failure);
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
    handful_.clear();
    queue_.clear();
    at_ = count_ = bytes_ = 0;
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
  if (at_ == handful_.size()) {
    taken.refusal = take_refusal();
    if (taken.refusal) {
      return true;
    }
    const std::scoped_lock lock{mutex_};
    fetch();
    taken.relieved = std::exchange(relieved_, false);
    if (handful_.empty()) {
      taken.overflowed = overflowed_.load(std::memory_order_relaxed);
      taken.closed = taken.overflowed || closed();
      return taken.closed;
    }
  }
  taken.message = std::move(handful_[at_]);
  ++at_;
  return true;
}

/// Both locks are held.
void MessageQueue::fetch() {
  handful_.clear();
  at_ = 0;
  const std::size_t many = std::min(queue_.size(), most_in_hand);
  for (std::size_t i = 0; i < many; ++i) {
    if (!is_gap(queue_.front())) {
      --count_;
      bytes_ -= queue_.front().payload.size();
    }
    handful_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (full() && count_ <= limits_.messages / 2 && bytes_ <= limits_.bytes / 2) {
    full_.store(false, std::memory_order_relaxed);
    relieved_ = true;
  }
}

SubscriptionStatistics MessageQueue::statistics() const {
  const std::scoped_lock hand{taking_};
  const std::scoped_lock lock{mutex_};
  SubscriptionStatistics now = statistics_;
  now.queued = count_ + static_cast<std::size_t>(
                            std::count_if(handful_.begin() + static_cast<std::ptrdiff_t>(at_), handful_.end(),
                                          [](const Message& message) { return !is_gap(message); }));
  return now;
}

}  // namespace rediscache::cache
