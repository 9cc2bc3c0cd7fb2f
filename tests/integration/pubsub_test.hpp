// What the tests of messages share.
#pragma once

#include <chrono>
#include <string>

#include "integration/cache_test.hpp"
#include "support/wait.hpp"

namespace rediscache::test {

/// Longer than anything takes that works.
inline constexpr std::chrono::seconds long_enough{15};

/// The payload of what comes next, "gap", or "nothing".
inline std::string next(Subscription& subscription, std::chrono::milliseconds time = long_enough) {
  const auto message = subscription.next(time);
  if (!message) {
    return "nothing";
  }
  return message->kind == Message::Kind::gap ? "gap" : message->payload;
}

class PubSubTest : public ServerSuite {
 protected:
  [[nodiscard]] static Options options() {
    Options options;
    options.location = {server().unix_url()};
    return options;
  }
  void SetUp() override {
    ServerSuite::SetUp();
    cache_.emplace(options());  // here, for threads of the tests use it
  }
  [[nodiscard]] RedisCache& cache() { return *cache_; }
  /// Until the server has seen that many subscriptions to the channel.
  [[nodiscard]] bool subscribed(const std::string& channel, std::int64_t times) {
    return eventually(
        [&] { return raw().ask({"PUBSUB", "NUMSUB", channel}).elements.at(1).integer == times; });
  }

 private:
  std::optional<RedisCache> cache_;
};

}  // namespace rediscache::test
