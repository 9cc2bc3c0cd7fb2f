#include "model/local_caches.hpp"

#include <chrono>

#include "model/calls.hpp"
#include "model/outcome.hpp"
#include "model/outcome_of.hpp"

namespace rediscache::test {

LocalCaches::LocalCaches() {
  for (std::size_t i = 0; i < cache_prefixes.size(); ++i) {
    caches_.push_back(
        std::make_unique<LocMemCache>(LocMemOptions{.key_prefix = std::string{cache_prefixes.at(i)},
                                                    .timeout = cache_timeout,
                                                    .serializer = std::string{cache_serializers.at(i)},
                                                    .clock = hand_.clock()}));
  }
}

std::string LocalCaches::apply(const Operation& operation) {
  return outcome_of(operation, [&] { return call(operation); });
}

std::string LocalCaches::call(const Operation& operation) {
  switch (operation.action) {
    case Action::pipeline: {
      std::vector<std::string> outcomes;
      for (Operation call : operation.calls) {
        call.cache = operation.cache;
        outcomes.push_back(apply(call));
      }
      return shown_all(outcomes);
    }
    case Action::pass:
      hand_.pass(std::chrono::seconds{operation.number});
      return "done";
    case Action::clear:  // of the database that the others are in as well
      for (const auto& cache : caches_) {
        cache->clear();
      }
      return "done";
    default:
      return call_of(*caches_.at(operation.cache), operation, hand_.now());
  }
}

}  // namespace rediscache::test
