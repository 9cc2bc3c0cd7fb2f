#include "model/pipelined.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <variant>
#include <vector>

#include "model/outcome.hpp"
#include "model/outcome_of.hpp"

namespace rediscache::test {
namespace {

/// Asks for the result of one call; after execute().
using Answer = std::function<std::string()>;

template <class T>
Answer answer_of(Pending<T> pending) {
  return [pending] { return shown(pending.value()); };
}

Answer queue(Pipeline& pipeline, const Operation& call) {
  const KeyOptions where{.version = call.version};
  const IncrOptions counting{.version = call.version, .ignore_key_check = call.flag};
  switch (call.action) {
    case Action::set: {
      const SetOptions options{
          .timeout = call.timeout, .version = call.version, .nx = call.nx, .xx = call.xx};
      return answer_of(std::visit([&](const auto& value) { return pipeline.set(call.key(), value, options); },
                                  call.values.front()));
    }
    case Action::add: {
      const WriteOptions options{.timeout = call.timeout, .version = call.version};
      return answer_of(std::visit([&](const auto& value) { return pipeline.add(call.key(), value, options); },
                                  call.values.front()));
    }
    case Action::get_text:
      return answer_of(pipeline.get<std::string>(call.key(), where));
    case Action::get_integer:
      return [pending = pipeline.get<std::int64_t>(call.key(), where)] {
        const auto number = pending.value();
        return number ? shown(*number) : "nothing";
      };
    case Action::del:
      return answer_of(pipeline.del(call.key(), where));
    case Action::touch:
      return answer_of(pipeline.touch(call.key(), call.timeout, where));
    case Action::incr:
      return [pending = pipeline.incr(call.key(), call.number, counting)] {
        return shown(pending.value().value());
      };
    case Action::decr:
      return [pending = pipeline.decr(call.key(), call.number, counting)] {
        return shown(pending.value().value());
      };
    case Action::has_key:
      return answer_of(pipeline.has_key(call.key(), where));
    case Action::pttl:
      return [pending = pipeline.pttl(call.key(), where)] { return shown_life(pending.value()); };
    default:
      throw std::logic_error{"no call of a pipeline"};
  }
}

}  // namespace

std::string run_pipeline(RedisCache& cache, const Operation& operation) {
  Pipeline pipeline = cache.pipeline();
  std::vector<Answer> answers;
  for (const Operation& call : operation.calls) {
    Answer answer;
    const std::string refused = outcome_of(call, [&] {
      answer = queue(pipeline, call);
      return std::string{};
    });
    answers.push_back(refused.empty() ? answer : [refused] { return refused; });
  }
  if (!pipeline.execute()) {
    return "omitted";
  }
  std::vector<std::string> outcomes;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    outcomes.push_back(outcome_of(operation.calls[i], answers[i]));
  }
  return shown_all(outcomes);
}

}  // namespace rediscache::test
