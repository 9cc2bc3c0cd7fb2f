// The caches under test, on one database of a real server.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <rediscache/rediscache.hpp>

#include "model/operation.hpp"
#include "model/outcome.hpp"
#include "support/redis_server.hpp"

namespace rediscache::test {

class Caches {
 public:
  explicit Caches(const RedisServer& server);

  void clear() { raw_.run({"FLUSHALL"}); }
  /// Makes the call; what it returned or threw.
  [[nodiscard]] std::string apply(const Operation& operation);
  /// What the server holds, asked past the library.
  [[nodiscard]] State state();
  [[nodiscard]] RawClient& raw() noexcept { return raw_; }

 private:
  [[nodiscard]] std::string call(const Operation& operation);
  /// Takes this time from what is left of every entry's life, past the library.
  void pass(std::chrono::seconds time);

  RawClient raw_;
  std::vector<RedisCache> caches_;
};

}  // namespace rediscache::test
