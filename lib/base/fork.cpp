#include "base/fork.hpp"

#include <iterator>
#include <mutex>

#include <pthread.h>

namespace rediscache::base {
namespace {

struct ForkRegistry {
  std::mutex mutex;
  std::list<ForkAware*> members;
};

/// Never destroyed: a fork may happen while static objects are being destroyed.
ForkRegistry& fork_registry() {
  static ForkRegistry& registry = []() -> ForkRegistry& {
    auto* const made = new ForkRegistry;  // NOLINT(cppcoreguidelines-owning-memory)
    pthread_atfork(
        [] {
          fork_registry().mutex.lock();
          for (ForkAware* const member : fork_registry().members) {
            member->before_fork();
          }
        },
        [] {
          for (ForkAware* const member : fork_registry().members) {
            member->after_fork_in_parent();
          }
          fork_registry().mutex.unlock();
        },
        [] {
          for (ForkAware* const member : fork_registry().members) {
            member->after_fork_in_child();
          }
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

void ForkAware::leave() noexcept {
  ForkRegistry& registry = fork_registry();
  const std::scoped_lock lock{registry.mutex};
  registry.members.erase(place_);
}

}  // namespace rediscache::base
