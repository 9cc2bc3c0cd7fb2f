#include "config/watcher.hpp"

#include <utility>

#include "base/deadline.hpp"
#include "base/quiet_thread.hpp"

namespace rediscache::config {

Watcher::Watcher(std::chrono::milliseconds interval, std::function<void()> look)
    : interval_{interval}, look_{std::move(look)}, thread_{base::quiet_thread([this] { run(); })} {}

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
  while (!ended_.wait_until(lock, base::Deadline::in(interval_).at(), [this] { return is_over_; })) {
    lock.unlock();
    look_();
    lock.lock();
  }
}

}  // namespace rediscache::config
