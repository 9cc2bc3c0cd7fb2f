#include "base/thread.hpp"

#include <utility>

#include <unistd.h>

#include "base/quiet_thread.hpp"

namespace rediscache::base {

Thread::Thread(std::function<void()> work) : thread_{std::make_unique<std::thread>()}, owner_{::getpid()} {
  *thread_ = quiet_thread(std::move(work));  // last: from here on it must be kept
}

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this != &other) {
    join();
    thread_ = std::move(other.thread_);
    owner_ = other.owner_;
  }
  return *this;
}

void Thread::join() noexcept {
  if (!thread_) {
    return;
  }
  if (owner_ != ::getpid()) {
    static_cast<void>(thread_.release());  // it can neither be joined nor destroyed here
    return;
  }
  if (thread_->get_id() == std::this_thread::get_id()) {
    thread_->detach();
  } else {
    thread_->join();
  }
  thread_.reset();
}

}  // namespace rediscache::base
