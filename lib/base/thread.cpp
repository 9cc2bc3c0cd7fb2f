#include "base/thread.hpp"

#include <csignal>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace rediscache::base {

Thread::Thread(std::function<void()> work) : owner_{::getpid()} {
  // A thread inherits what is blocked here.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::make_unique<std::thread>(std::move(work));
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
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
