#include "cache/set_plan.hpp"

#include <rediscache/error.hpp>

namespace rediscache::cache {

SetPlan plan_set(const Core& core, std::string_view key, const SetOptions& options) {
  if (options.nx && options.xx) {
    throw InvalidArgument{"set: nx and xx exclude each other"};
  }
  using Action = SetPlan::Action;
  const Timeout timeout = options.timeout.or_default(core.timeout());
  const Action when_over = options.nx ? Action::look : Action::remove;
  const Condition condition = options.nx   ? Condition::absent
                              : options.xx ? Condition::present
                                           : Condition::none;
  return {.key = core.keys().make(key, options.version),
          .action = timeout.is_over() ? when_over : Action::store,
          .timeout = timeout,
          .condition = condition};
}

}  // namespace rediscache::cache
