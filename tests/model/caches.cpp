#include "model/caches.hpp"

#include "model/calls.hpp"
#include "model/outcome_of.hpp"
#include "model/pipelined.hpp"

namespace rediscache::test {
namespace {

using std::chrono::milliseconds;

}  // namespace

Caches::Caches(const RedisServer& server) : raw_{server.connect()} {
  for (std::size_t i = 0; i < cache_prefixes.size(); ++i) {
    Options options;
    options.location = {server.unix_url()};
    options.key_prefix = cache_prefixes.at(i);
    options.serializer = cache_serializers.at(i);
    options.timeout = cache_timeout;
    caches_.emplace_back(options);
  }
}

std::string Caches::apply(const Operation& operation) {
  return outcome_of(operation, [&] { return call(operation); });
}

std::string Caches::call(const Operation& operation) {
  switch (operation.action) {
    case Action::pipeline:
      return run_pipeline(caches_.at(operation.cache), operation);
    case Action::pass:
      pass(std::chrono::seconds{operation.number});
      return "done";
    default:
      return call_of(caches_.at(operation.cache), operation, std::chrono::system_clock::now());
  }
}

State Caches::state() {
  State state;
  for (const RawReply& key : raw_.ask({"KEYS", "*"}).elements) {
    Stored& stored = state[key.text];
    stored.bytes = raw_.get(key.text).value_or("gone while we looked");
    if (const std::int64_t left = raw_.pttl(key.text); left >= 0) {
      stored.left = milliseconds{left};
    }
  }
  return state;
}

void Caches::pass(std::chrono::seconds time) {
  for (const RawReply& key : raw_.ask({"KEYS", "*"}).elements) {
    if (const std::int64_t left = raw_.pttl(key.text); left >= 0) {
      raw_.run({"PEXPIRE", key.text, std::to_string(left - milliseconds{time}.count())});
    }
  }
}

}  // namespace rediscache::test
