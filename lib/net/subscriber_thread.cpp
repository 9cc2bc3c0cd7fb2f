#include "net/subscriber_thread.hpp"

#include <algorithm>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/futex.hpp"
#include "base/keep_loaded.hpp"
#include "base/random.hpp"

namespace rediscache::net {

SubscriberThread::Visit::Visit(const SubscriberThread& owner) : owner_{owner} {
  owner_.visitors_.fetch_add(1, std::memory_order_relaxed);
  owner_.mutex_.lock();
}

SubscriberThread::Visit::~Visit() {
  owner_.mutex_.unlock();
  owner_.visitors_.fetch_sub(1, std::memory_order_relaxed);
}

namespace {

SubscriberThread::Pace pace_of(const ServerSettings& settings) {
  SubscriberThread::Pace pace;
  pace.protocol.answer_time = settings.tries.socket_timeout;
  return pace;
}

}  // namespace

SubscriberThread::SubscriberThread(const ServerSettings& settings)
    : SubscriberThread{settings, pace_of(settings)} {}

SubscriberThread::SubscriberThread(ServerSettings settings, const Pace& pace)
    : settings_{std::move(settings)}, pace_{pace}, protocol_{settings_.max_reply_bytes, pace.protocol} {
  base::keep_loaded();  // the cache may be an object that is never destroyed
  join();
}

SubscriberThread::~SubscriberThread() {
  leave();
  {
    const Visit visit{*this};
    stopping_ = true;
    tell_waiting();
    wake();
  }
  thread_.join();
}

void SubscriberThread::add(const Topic& topic, std::shared_ptr<Listener> listener) {
  const Visit visit{*this};
  start();
  const auto now = base::Clock::now();
  const auto known = protocol_.find(topic);
  const std::uint32_t id = known ? *known : new_route(topic);
  auto& listeners = routes_[id].listeners;
  Listener* const added = listener.get();
  const auto same = [&](const auto& each) { return each.get() == added; };
  try {
    if (std::none_of(listeners.begin(), listeners.end(), same)) {
      listeners.push_back(std::move(listener));
    }
    if (!known) {
      protocol_.want(topic, id, now);
    }
  } catch (...) {
    if (!known) {
      routes_[id] = {};
      free_routes_.push_back(id);
    }
    throw;
  }
  if (!known) {
    wake();
  } else if (const Failure* const refusal = protocol_.refusal(topic)) {
    tell_refused(topic, *added, *refusal);
  }
}

void SubscriberThread::tell_refused(const Topic& topic, Listener& listener, Failure failure) const {
  failure.server = settings_.endpoint.name();
  listener.refused(topic, failure);
}

std::uint32_t SubscriberThread::new_route(const Topic& topic) {
  if (free_routes_.empty()) {
    free_routes_.reserve(routes_.size() + 1);  // giving it back must not need memory
    routes_.emplace_back();
    free_routes_.push_back(static_cast<std::uint32_t>(routes_.size() - 1));
  }
  const std::uint32_t id = free_routes_.back();
  routes_[id].topic = topic;
  free_routes_.pop_back();
  return id;
}

void SubscriberThread::remove(const Topic& topic, const Listener* listener) noexcept {
  std::shared_ptr<Listener> removed;  // destroyed after the lock is let go
  const Visit visit{*this};
  const auto id = protocol_.find(topic);
  if (!id) {
    return;
  }
  auto& listeners = routes_[*id].listeners;
  const auto found = std::find_if(listeners.begin(), listeners.end(),
                                  [&](const auto& each) { return each.get() == listener; });
  if (found == listeners.end()) {
    return;
  }
  removed = std::move(*found);
  listeners.erase(found);
  look_again_ = true;
  if (listeners.empty()) {
    const auto now = base::Clock::now();
    try {
      protocol_.unwant(topic, now);
    } catch (
        ...) {  // NOLINT(bugprone-empty-catch): without memory the server goes on sending what is ignored
    }
    routes_[*id] = {};
    free_routes_.push_back(*id);
    unused_since_ = now;
    tell_waiting();
  }
  wake();
}

bool SubscriberThread::wait_confirmed(const Topic& topic, base::Deadline deadline) {
  while (true) {
    const std::uint32_t seen = changes_.load(std::memory_order_acquire);
    {
      const Visit visit{*this};
      if (protocol_.confirmed(topic)) {
        return true;
      }
      if (stopping_ || !protocol_.find(topic) || protocol_.refusal(topic) != nullptr) {
        return false;
      }
      start();
    }
    if (deadline.passed()) {
      return false;
    }
    base::futex_wait(changes_, seen, deadline);
  }
}

void SubscriberThread::tell_waiting() noexcept {
  changes_.fetch_add(1, std::memory_order_release);
  base::futex_wake_all(changes_);
}

void SubscriberThread::resume() {
  const Visit visit{*this};
  if (protocol_.wanted() > 0) {
    start();
    look_again_ = true;
    if (is_stalled_) {
      wake();
    }
  }
}

SubscriberStatistics SubscriberThread::statistics() const {
  const Visit visit{*this};
  SubscriberStatistics now = statistics_;
  now.topics = protocol_.wanted();
  now.confirmed = protocol_.confirmed();
  return now;
}

bool SubscriberThread::running() const {
  const Visit visit{*this};
  return running_;
}

void SubscriberThread::start() {
  if (running_ || stopping_) {
    return;
  }
  if (!wake_.valid()) {
    wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_.valid()) {
      throw std::system_error{errno, std::generic_category(), "eventfd"};
    }
  }
  thread_.join();  // the last one, which has let go of the lock for good
  unused_since_ = base::Clock::now();
  thread_ = base::Thread{[this] { run(); }};
  running_ = true;
}

void SubscriberThread::wake() const noexcept {
  if (wake_.valid()) {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_.get(), &one, sizeof(one)));
  }
}

void SubscriberThread::before_fork() noexcept {
  visitors_.fetch_add(1, std::memory_order_relaxed);
  mutex_.lock();
}

void SubscriberThread::after_fork_in_parent() noexcept {
  mutex_.unlock();
  visitors_.fetch_sub(1, std::memory_order_relaxed);
}

void SubscriberThread::after_fork_in_child() noexcept {
  // The thread does not exist here; what it waited on is shared with the parent's.
  visitors_.store(0, std::memory_order_relaxed);
  running_ = false;
  wake_.reset();
  thread_.join();
  if (socket_) {
    socket_->close();
    static_cast<void>(socket_.release());
  }
  for (const std::uint32_t id : protocol_.lost(base::Clock::now(), 0)) {
    routes_[id].missed = true;
  }
  protocol_.forget_failures();
  statistics_ = {};
  mutex_.unlock();
}

}  // namespace rediscache::net
