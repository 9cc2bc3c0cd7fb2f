// The same calls on the model and on the caches, and the first difference between the two.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "model/caches.hpp"
#include "model/operation.hpp"

namespace rediscache::test {

struct Difference {
  std::size_t step = 0;  ///< the call after which it showed
  std::string what{};
};

class Comparison {
 public:
  /// Something done to the server behind the library's back after each call, to see differences found.
  using Sabotage = std::function<void(const Operation& operation, RawClient& raw)>;

  explicit Comparison(const RedisServer& server, Sabotage sabotage = {})
      : caches_{server}, sabotage_{std::move(sabotage)} {}

  /// Begins with an empty server. Results are compared at each call, all that the server holds now and then,
  /// of short sequences at each call too.
  [[nodiscard]] std::optional<Difference> play(std::span<const Operation> operations);

 private:
  Caches caches_;
  Sabotage sabotage_;
};

}  // namespace rediscache::test
