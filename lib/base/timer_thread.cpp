#include "base/timer_thread.hpp"

#include <utility>

#include "base/quiet_thread.hpp"

namespace rediscache {

Timer::~Timer() = default;

namespace base {

TimerThread::TimerThread() {
  join();
}

TimerThread::~TimerThread() {
  leave();
  stop();
}

void TimerThread::call_at(Clock::time_point when, std::function<void()> work) {
  const std::scoped_lock lock{mutex_};
  if (is_over_) {
    return;
  }
  const auto added = work_.emplace(when, std::move(work));
  try {
    if (!thread_) {
      auto made = std::make_unique<std::thread>();
      *made = quiet_thread([this] { run(); });  // last: from here on it must be kept
      thread_ = std::move(made);
    }
  } catch (...) {
    work_.erase(added);
    throw;
  }
  if (added == work_.begin()) {
    changed_->notify_one();
  }
}

void TimerThread::run() {
  std::unique_lock lock{mutex_};
  while (!is_over_) {
    if (work_.empty()) {
      changed_->wait(lock);
      continue;
    }
    if (const auto next = work_.begin()->first; next > Clock::now()) {
      changed_->wait_until(lock, next);
      continue;
    }
    {
      const auto due = work_.extract(work_.begin());
      lock.unlock();
      due.mapped()();
    }  // what the work holds is let go of without our lock
    lock.lock();
  }
}

void TimerThread::stop() noexcept {
  std::multimap<Clock::time_point, std::function<void()>> dropped;
  std::unique_ptr<std::thread> thread;
  {
    const std::scoped_lock lock{mutex_};
    is_over_ = true;
    dropped.swap(work_);
    thread = std::move(thread_);
  }
  changed_->notify_one();
  if (!thread) {
    return;
  }
  if (thread->get_id() == std::this_thread::get_id()) {
    thread->detach();  // somebody exits the process from within the work
  } else {
    thread->join();
  }
}

void TimerThread::after_fork_in_child() noexcept {
  // The thread is not there, and may have been waiting: neither can be destroyed.
  static_cast<void>(thread_.release());
  static_cast<void>(changed_.release());
  changed_ = std::make_unique<std::condition_variable>();
  work_.clear();
  mutex_.unlock();
}

std::shared_ptr<Timer> process_timer() {
  // Caches may live longer, but a thread that runs while static objects are destroyed would meet them.
  struct Ours {
    std::shared_ptr<TimerThread> timer = std::make_shared<TimerThread>();
    ~Ours() { timer->stop(); }
  };
  static const Ours ours;
  return ours.timer;
}

}  // namespace base
}  // namespace rediscache
