// The caches under test, each in this process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <rediscache/locmem_cache.hpp>

#include "model/operation.hpp"
#include "support/clock_hand.hpp"

namespace rediscache::test {

class LocalCaches {
 public:
  LocalCaches();

  /// Makes the call; what it returned or threw. The calls of a pipeline are made one after the other.
  [[nodiscard]] std::string apply(const Operation& operation);

 private:
  [[nodiscard]] std::string call(const Operation& operation);

  ClockHand hand_;
  std::vector<std::unique_ptr<LocMemCache>> caches_;
};

}  // namespace rediscache::test
