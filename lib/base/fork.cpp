#include "base/fork.hpp"

#include <iterator>
#include <mutex>

#include <pthread.h>

namespace rediscache::base {
namespace {

struct ForkRegistry {
  std::mutex mutex;
  std::list<ForkAware*> members;
  std::list<ForkAware*> leaves;

  void tell(void (ForkAware::*what)() noexcept) noexcept {
    for (const auto* const list : {&members, &leaves}) {
      for (ForkAware* const member : *list) {
        (member->*what)();
      }
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
          fork_registry().tell(&ForkAware::before_fork);
        },
        [] {
          fork_registry().tell(&ForkAware::after_fork_in_parent);
          fork_registry().mutex.unlock();
        },
        [] {
          fork_registry().tell(&ForkAware::after_fork_in_child);
          fork_registry().mutex.unlock();
        });
    return *made;
  }();
  return registry;
}

}  // namespace

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
