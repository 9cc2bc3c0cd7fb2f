#include <memory>
#include <string>
#include <utility>

#include <rediscache/pipeline.hpp>

#include "cache/operations/entries.hpp"
#include "cache/operations/herd.hpp"
#include "cache/operations/life.hpp"
#include "cache/operations/scripts.hpp"
#include "cache/pipeline_state.hpp"
#include "cache/set_plan.hpp"

namespace rediscache {
namespace {

using cache::MadeKey;
using cache::PipelineState;

template <class Operation>
typename Operation::Result read(PipelineState& state, std::size_t index) {
  return state.result<Operation>(index);
}

/// Queues an operation of one command. What takes more, or its replies do, is overloaded below.
template <class Operation>
Pending<typename Operation::Result> queue(PipelineState& state, const Operation& operation) {
  operation.build(state.next());
  return {state, state.last(), &read<Operation>};
}

/// A script whose reply is that of `Operation`.
template <class Operation>
Pending<typename Operation::Result> queue(PipelineState& state,
                                          const cache::HerdOperation<Operation>& script) {
  script.build(state.next());
  return {state, state.last(), &read<Operation>};
}

/// In a pipeline scripts go by their text: there is no second try for one the server does not know.
struct PipelinedIncrement {
  using Result = cache::Increment;
  static constexpr bool reads_errors = true;
  static base::Result<Result> read(std::span<Reply> replies) {
    return cache::read_increment(replies[0], "EVAL");
  }
  static Result omitted() { return {}; }
};

struct PipelinedPersist {
  using Result = bool;
  static bool read(std::span<Reply> replies) { return replies[0].as_integer() > 0; }
  static bool omitted() { return false; }
};
Pending<bool> queue(PipelineState& state, const cache::Persist& operation) {
  operation.build(state.next());
  return {state, state.last(), &read<PipelinedPersist>};
}

Pending<bool> queue(PipelineState& state, const cache::Set& set) {
  // The caller's value need not live until execute().
  cache::build_set(state.next(), set.key, set.value, set.timeout, set.condition, false);
  return {state, state.last(), &read<cache::Set>};
}

Pttl read_pickled_life(PipelineState& state, std::size_t index) {
  Pttl left = cache::PickledLife::omitted();
  if (Reply* const reply = state.reply_to(index)) {
    state.read_with(*reply, index,
                    [&](Reply& answer) { left = cache::PickledLife::read(state.core().form(), answer); });
  }
  return left;
}
Pending<Pttl> queue(PipelineState& state, const cache::PickledLife& operation) {
  operation.build(state.next());
  return {state, state.last(), &read_pickled_life};
}

/// What has to see the entry before it can write it cannot be one command.
[[noreturn]] void refuse_pickled(const char* call) {
  throw InvalidArgument{"pipeline: " + std::string{call} +
                        " under the herd policy with pickles reads the entry first; call it on the cache"};
}
Pending<bool> queue(PipelineState& /*state*/, const cache::PickledExpire& /*operation*/) {
  refuse_pickled("touch");
}
Pending<bool> queue(PipelineState& /*state*/, const cache::PickledAdd& /*operation*/) {
  refuse_pickled("add");
}

auto queuing(PipelineState& state) {
  return [&state](const auto& operation) { return queue(state, operation); };
}

Counter read_counter(PipelineState& state, std::size_t index) {
  return state.result<PipelinedIncrement>(index).counter(detail::queued_key(state, index));
}

}  // namespace

namespace detail {

bool load_queued(PipelineState& state, std::size_t index, const ValueTarget& target) {
  Reply* const reply = state.reply_to(index);
  if (reply == nullptr || (reply->is_error() && !state.result_of<cache::Get>(*reply, index)) ||
      reply->is_nil()) {
    return false;
  }
  std::string stored;
  try {
    stored = reply->take_text();
    std::optional<Value> value;
    if (!state.core().form().open(stored, value)) {
      return false;
    }
    state.core().form().decode(std::move(stored), std::move(value), target);
  } catch (const ValueError& error) {
    throw DecodeError{queued_key(state, index), error.what()};
  }
  return true;
}

bool ignores(PipelineState& state, const DecodeError& error) noexcept {
  return state.core().decode_errors().ignore(error);
}

PipelineShare::PipelineShare(PipelineState& state) noexcept : state_{&state} {
  state.add_share();
}

PipelineShare::PipelineShare(const PipelineShare& other) noexcept : state_{other.state_} {
  if (state_ != nullptr) {
    state_->add_share();
  }
}

void PipelineShare::release() noexcept {
  if (state_->drop_share()) {
    delete state_;  // NOLINT(cppcoreguidelines-owning-memory)
  }
}

std::string queued_key(const PipelineState& state, std::size_t index) {
  return state.core().keys().reverse(state.commands().first_key(index));
}

}  // namespace detail

Pipeline::Pipeline(std::shared_ptr<cache::Core> core, const detail::CallMode& mode,
                   const PipelineOptions& options)
    : state_{*std::make_unique<PipelineState>(std::move(core), mode, options).release()} {}
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;
Pipeline::~Pipeline() = default;

std::size_t Pipeline::size() const noexcept {
  return state_ ? state_->commands().size() : 0;
}

bool Pipeline::execute() {
  return state().execute();
}

Pending<bool> Pipeline::queue_set(std::string_view key, const ValueView& value, const SetOptions& options) {
  const cache::SetPlan plan = cache::plan_set(state().core().keys(), state().core().timeout(), key, options);
  switch (plan.action) {
    case cache::SetPlan::Action::look:
      return queue(state(), cache::Absent{plan.key.view()});
    case cache::SetPlan::Action::remove:
      return queue(state(), cache::Delete{plan.key.view()});
    case cache::SetPlan::Action::store:
      break;
  }
  std::string scratch;
  Timeout kept = plan.timeout;
  const std::string_view stored = state().core().form().encode(key, value, kept, scratch);
  if (plan.condition == cache::Condition::absent) {
    return cache::run_add(state().core().form(), plan.key.view(), stored, kept, queuing(state()));
  }
  return queue(state(), cache::Set{plan.key.view(), stored, kept, plan.condition});
}

std::size_t Pipeline::queue_get(std::string_view key, const KeyOptions& options) {
  state().core().keys().add_to(cache::Get::begin(state().next()), key, options.version);
  return state().last();
}

Pending<bool> Pipeline::del(std::string_view key, const KeyOptions& options) {
  const MadeKey made = state().core().keys().make(key, options.version);
  return queue(state(), cache::Delete{made.view()});
}

Pending<bool> Pipeline::touch(std::string_view key, Timeout timeout, const KeyOptions& options) {
  const MadeKey made = state().core().keys().make(key, options.version);
  const Timeout chosen = timeout.or_default(state().core().timeout());
  const cache::EntryKey entry{made.view(), key};
  const cache::StoredForm& form = state().core().form();
  return chosen.is_never() ? cache::run_touch_never(form, entry, queuing(state()))
                           : cache::run_expire(form, entry, chosen.time(), queuing(state()));
}

Pending<bool> Pipeline::has_key(std::string_view key, const KeyOptions& options) {
  const MadeKey made = state().core().keys().make(key, options.version);
  return queue(state(), cache::Exists{made.view()});
}

Pending<Counter> Pipeline::incr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  const MadeKey made = state().core().keys().make(key, options.version);
  if (options.ignore_key_check) {
    cache::build_increment(state().next(), made.view(), delta);
  } else {
    cache::increment_script.add_eval(state().next(), CommandKind::accumulating_write, made.view(),
                                     std::to_string(delta));
  }
  return {state(), state().last(), &read_counter};
}

Pending<Counter> Pipeline::decr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  return incr(key, cache::negated(delta), options);
}

Pending<Pttl> Pipeline::pttl(std::string_view key, const KeyOptions& options) {
  const MadeKey made = state().core().keys().make(key, options.version);
  return cache::run_pttl(state().core().form(), made.view(), queuing(state()));
}

}  // namespace rediscache
