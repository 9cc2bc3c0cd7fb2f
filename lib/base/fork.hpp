// What must happen to connections when the process forks.
#pragma once

#include <cstdint>
#include <list>

namespace rediscache::base {

/// How many forks lie between the first process and this one, as far as anybody who is aware of forks was
/// there to count them: another number than before means that this is a child.
[[nodiscard]] std::uint32_t fork_generation() noexcept;

/// Somebody who holds locks and descriptors that a fork would leave half-owned in the child. A derived class
/// calls join() last in its constructor and leave() first in its destructor, so that it is whole in between.
///
/// Around every fork(): before_fork() takes the locks, after_fork_in_parent() gives them back, and
/// after_fork_in_child() gives them back and lets go of what belongs to the parent.
class ForkAware {
 public:
  ForkAware(const ForkAware&) = delete;
  ForkAware& operator=(const ForkAware&) = delete;

  virtual void before_fork() noexcept = 0;
  virtual void after_fork_in_parent() noexcept = 0;
  virtual void after_fork_in_child() noexcept = 0;

 protected:
  ForkAware() = default;
  ~ForkAware() = default;
  void join();
  /// Instead of join(), for locks that are taken by those who hold others, and whose holders take none. A
  /// fork takes them last, and gives them back first.
  void join_as_leaf();
  void leave() noexcept;

 private:
  bool is_leaf_ = false;
  std::list<ForkAware*>::iterator place_;
};

}  // namespace rediscache::base
