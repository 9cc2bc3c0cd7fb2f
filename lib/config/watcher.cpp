#include "config/watcher.hpp"

#include <utility>

#include <pthread.h>
#include <signal.h>

namespace rediscache::config {

Watcher::Watcher(std::chrono::milliseconds interval, std::function<void()> look)
    : interval_{interval}, look_{std::move(look)} {
  // Signals are the program's, and not for this thread, which inherits what is blocked here.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread{[this] { run(); }};
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Watcher::~Watcher() {
  {
    const std::scoped_lock lock{mutex_};
    is_over_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

void Watcher::run() {
  std::unique_lock lock{mutex_};
  while (!ended_.wait_for(lock, interval_, [this] { return is_over_; })) {
    lock.unlock();
    look_();
    lock.lock();
  }
}

}  // namespace rediscache::config
