// A mutex that is never found locked by nobody in the child of a fork.
#pragma once

#include <mutex>

#include "base/fork.hpp"

namespace rediscache::base {

/// For what is locked for a moment: a fork waits until it is free, and both processes find it so. Whoever
/// holds one takes no other lock and does not fork.
class ForkMutex final : public ForkAware {
 public:
  ForkMutex() { join_as_leaf(); }
  ForkMutex(const ForkMutex&) = delete;
  ForkMutex& operator=(const ForkMutex&) = delete;
  ~ForkMutex() { leave(); }

  void lock() { mutex_.lock(); }
  void unlock() noexcept { mutex_.unlock(); }

  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_in_parent() noexcept override { mutex_.unlock(); }
  void after_fork_in_child() noexcept override { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

}  // namespace rediscache::base
