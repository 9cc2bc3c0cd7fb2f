#include "base/fork.hpp"

#include <atomic>
#include <iterator>
#include <mutex>

#include <pthread.h>

namespace rediscache::base {
namespace {

std::atomic<std::uint32_t> generation{0};

struct ForkRegistry {
  std::mutex mutex;
  std::list<ForkAware*> members;
  std::list<ForkAware*> leaves;

  void before() noexcept {
    tell(members, &ForkAware::before_fork);
    tell(leaves, &ForkAware::before_fork);
  }
  /// The leaves first: what the others let go of may ask for their locks.
  void after(void (ForkAware::*in_which)() noexcept) noexcept {
    tell(leaves, in_which);
    tell(members, in_which);
    mutex.unlock();
  }

 private:
  static void tell(const std::list<ForkAware*>& list, void (ForkAware::*what)() noexcept) noexcept {
    for (ForkAware* const member : list) {
      (member->*what)();
    }
  }
};

/// Never destroyed: a fork may happen while static objects are being destroyed.
ForkRegistry& fork_registry() {
  static ForkRegistry& registry = []() -> ForkRegistry& {
    auto* const made = new ForkRegistry;  // NOLINT(cppcoreguidelines-owning-memory)
    pthread_atfork(
        [] {
          fork_registry().mutex.lock();
          fork_registry().before();
        },
        [] { fork_registry().after(&ForkAware::after_fork_in_parent); },
        [] {
          generation.fetch_add(1, std::memory_order_relaxed);
          fork_registry().after(&ForkAware::after_fork_in_child);
        });
    return *made;
  }();
  return registry;
}

}  // namespace

std::uint32_t fork_generation() noexcept {
  return generation.load(std::memory_order_relaxed);
}

void ForkAware::join() {
  ForkRegistry& registry = fork_registry();
  const std::scoped_lock lock{registry.mutex};
  place_ = registry.members.insert(registry.members.end(), this);
}

void ForkAware::join_as_leaf() {
  ForkRegistry& registry = fork_registry();
  const std::scoped_lock lock{registry.mutex};
  is_leaf_ = true;
  place_ = registry.leaves.insert(registry.leaves.end(), this);
}

void ForkAware::leave() noexcept {
  ForkRegistry& registry = fork_registry();
  const std::scoped_lock lock{registry.mutex};
  (is_leaf_ ? registry.leaves : registry.members).erase(place_);
}

}  // namespace rediscache::base
