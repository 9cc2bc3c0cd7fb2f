#include "base/timer_thread.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

#include "base/quiet_thread.hpp"

namespace rediscache {

Timer::~Timer() = default;

namespace base {
namespace {

/// A function to be called once.
class TimedCall final : public TimerTask {
 public:
  explicit TimedCall(std::function<void()> work) : work_{std::move(work)} {}
  void run() noexcept override { work_(); }

 private:
  std::function<void()> work_;
};

}  // namespace

TimerTask::TimerTask() {
  Queue one;
  node_ = one.extract(one.emplace(Clock::time_point{}, nullptr));
}

TimerThread::TimerThread(std::chrono::milliseconds linger) : linger_{linger} {
  join();
}

TimerThread::~TimerThread() {
  leave();
  stop();
}

void TimerThread::call_at(Clock::time_point when, std::function<void()> work) {
  const std::shared_ptr<TimerTask> task = std::make_shared<TimedCall>(std::move(work));
  const std::scoped_lock lock{mutex_};
  if (is_over_) {
    return;
  }
  if (threads_.empty()) {
    start_thread();
  }
  queue(task, when);
}

bool TimerThread::schedule(const std::shared_ptr<TimerTask>& task, Clock::time_point when) noexcept {
  const std::scoped_lock lock{mutex_};
  if (is_over_) {
    return true;
  }
  if (!task->is_queued() || when < task->place_->first) {
    queue(task, when);
  }
  return !threads_.empty();
}

void TimerThread::catch_up() noexcept {
  const std::scoped_lock lock{mutex_};
  if (!queue_.empty() && threads_.empty() && !is_over_) {
    watch();
  }
}

std::size_t TimerThread::threads() const {
  const std::scoped_lock lock{mutex_};
  return threads_.size();
}

void TimerThread::queue(const std::shared_ptr<TimerTask>& task, Clock::time_point when) noexcept {
  Queue::node_type node = task->is_queued() ? queue_.extract(task->place_) : std::move(task->node_);
  node.key() = when;
  node.mapped() = task;
  task->place_ = queue_.insert(std::move(node));
  watch();
  if (task->place_ == queue_.begin()) {
    changed_->notify_one();
  }
}

std::shared_ptr<TimerTask> TimerThread::take(Queue::iterator place) noexcept {
  Queue::node_type node = queue_.extract(place);
  std::shared_ptr<TimerTask> task = std::move(node.mapped());
  task->node_ = std::move(node);
  return task;
}

void TimerThread::start_thread() {
  const auto place = threads_.insert(threads_.end(), std::make_unique<std::thread>());
  try {
    **place = quiet_thread([this, place] { run(place); });  // last: from here on it must be kept
  } catch (...) {
    threads_.erase(place);
    throw;
  }
  ++waiting_;
}

void TimerThread::watch() noexcept {
  if (waiting_ > 0 || threads_.size() >= most_threads) {
    return;
  }
  try {
    start_thread();
  } catch (const std::exception&) {
    // Work waits until one of the threads is done with its own, or a later call finds memory for one.
  }
}

void TimerThread::run(Threads::iterator self) noexcept {
  const std::uint64_t generation = fork_generation();
  std::unique_lock lock{mutex_};
  auto idle_since = Clock::now();
  while (!is_over_) {
    const auto now = Clock::now();
    const auto next = queue_.empty() ? Clock::time_point::max() : queue_.begin()->first;
    if (next <= now) {
      std::shared_ptr<TimerTask> task = take(queue_.begin());
      --waiting_;
      if (!queue_.empty()) {
        watch();
      }
      lock.unlock();
      task->run();
      task.reset();  // what the work holds is let go of without our lock
      if (generation != fork_generation()) {
        return;  // the work forked, and this is the child: a stranger among its threads
      }
      lock.lock();
      ++waiting_;
      idle_since = Clock::now();
      continue;
    }
    const bool others_wait = waiting_ > 1;
    if (others_wait && now - idle_since >= linger_) {
      break;
    }
    const auto until = others_wait ? std::min(next, idle_since + linger_) : next;
    if (until == Clock::time_point::max()) {
      changed_->wait(lock);
    } else {
      changed_->wait_until(lock, until);
    }
  }
  --waiting_;
  if (is_over_) {
    return;  // joined by stop()
  }
  changed_->notify_one();  // what this thread was woken for, another one has to see
  const auto before = std::exchange(ended_, std::move(*self));
  threads_.erase(self);
  lock.unlock();
  if (before) {
    before->join();
  }
}

void TimerThread::stop() noexcept {
  Queue dropped;
  Threads threads;
  std::unique_ptr<std::thread> ended;
  {
    const std::scoped_lock lock{mutex_};
    is_over_ = true;
    dropped.swap(queue_);
    threads.swap(threads_);
    ended = std::move(ended_);
    changed_->notify_all();
  }
  if (ended) {
    ended->join();
  }
  for (const auto& thread : threads) {
    if (thread->get_id() == std::this_thread::get_id()) {
      thread->detach();  // somebody exits the process from within the work
    } else {
      thread->join();
    }
  }
}

void TimerThread::after_fork_in_child() noexcept {
  // The threads are not there, and may have been waiting: neither they nor the condition can be destroyed.
  for (auto& thread : threads_) {
    static_cast<void>(thread.release());
  }
  threads_.clear();
  static_cast<void>(ended_.release());
  static_cast<void>(changed_.release());
  changed_ = std::make_unique<std::condition_variable>();
  waiting_ = 0;
  while (!queue_.empty()) {
    static_cast<void>(take(queue_.begin()));
  }
  mutex_.unlock();
}

std::shared_ptr<TimerThread> process_timer() {
  // The timer is never destroyed, for caches may be used until the process has ended. But its thread would
  // then meet static objects of the program that were destroyed, so it is joined when the process exits, and
  // when the library is unloaded.
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory)
  static const auto& timer = *new std::shared_ptr<TimerThread>{std::make_shared<TimerThread>()};
  struct StopAtExit {
    StopAtExit() noexcept = default;
    StopAtExit(const StopAtExit&) = delete;
    StopAtExit& operator=(const StopAtExit&) = delete;
    ~StopAtExit() { timer->stop(); }
  };
  static const StopAtExit stop_at_exit;
  return timer;
}

}  // namespace base
}  // namespace rediscache
