#include "cache/set_plan.hpp"

#include <rediscache/error.hpp>

namespace rediscache::cache {

void check_conditions(const SetOptions& options) {
  if (options.nx && options.xx) {
    throw InvalidArgument{"set: nx and xx exclude each other"};
  }
}

SetPlan plan_set(const KeyMaker& keys, Timeout timeout, std::string_view key, const SetOptions& options) {
  check_conditions(options);
  using Action = SetPlan::Action;
  timeout = options.timeout.or_default(timeout);
  const Action when_over = options.nx ? Action::look : Action::remove;
  const Condition condition = options.nx   ? Condition::absent
                              : options.xx ? Condition::present
                                           : Condition::none;
  return {.key = keys.make(key, options.version),
          .action = timeout.is_over() ? when_over : Action::store,
          .timeout = timeout,
          .condition = condition};
}

}  // namespace rediscache::cache
