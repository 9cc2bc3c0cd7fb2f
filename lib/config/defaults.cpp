#include <mutex>
#include <utility>

#include <rediscache/options.hpp>

#include "base/fork_mutex.hpp"

namespace rediscache {
namespace {

struct SharedDefaults {
  base::ForkMutex mutex;
  Defaults values;
};

SharedDefaults& shared_defaults() {
  static auto& shared = *new SharedDefaults;  // NOLINT(cppcoreguidelines-owning-memory): never destroyed
  return shared;
}

}  // namespace

void set_defaults(Defaults defaults) {
  SharedDefaults& shared = shared_defaults();
  const std::scoped_lock lock{shared.mutex};
  shared.values = std::move(defaults);
}

Defaults defaults() {
  SharedDefaults& shared = shared_defaults();
  const std::scoped_lock lock{shared.mutex};
  return shared.values;
}

}  // namespace rediscache
