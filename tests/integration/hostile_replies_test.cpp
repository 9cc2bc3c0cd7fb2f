// Replies of a form that no Redis server gives: an error of the library, never undefined behaviour.
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

/// Arrays that are too short, too long, or hold something else.
std::vector<std::string> odd_arrays() {
  return {"*0\r\n",
          "*1\r\n:0\r\n",
          "*2\r\n:0\r\n:1\r\n",
          "*3\r\n:0\r\n+x\r\n+y\r\n",
          "*3\r\n:0\r\n:1\r\n:2\r\n",
          "*4\r\n:0\r\n:1\r\n$1\r\nx\r\n:3\r\n",
          "*2\r\n:1\r\n*0\r\n",
          "*2\r\n$1\r\n0\r\n$1\r\nx\r\n",
          "*2\r\n*0\r\n*0\r\n",
          "*1\r\n*1\r\n*0\r\n"};
}

TEST(HostileReplyTest, OfAScriptIsAnErrorOfTheServer) {
  for (const std::string& reply : odd_arrays()) {
    SCOPED_TRACE(reply);
    ScriptedServer server{Transport::local, {Script{}.expect_command().send(reply).repeat()}};
    RedisCache cache{patient_options(server.url())};
    const std::vector<std::function<void()>> calls{
        [&] { (void)cache.lock("k", {.timeout = 10s, .blocking = false}).acquire(); },
        [&] { (void)cache.semaphore("k", {.permits = 2, .timeout = 10s, .blocking = false}).acquire(); }};
    for (const auto& call : calls) {
      try {
        call();
      } catch (
          const ConnectionInterrupted&) {  // NOLINT(bugprone-empty-catch): any other exception fails the test
      }
    }
  }
}

class HostileShardsTest : public ::testing::Test {
 protected:
  /// Two shards that answer everything with `reply`.
  void serve(const std::string& reply) {
    servers_.clear();
    Options options;
    for (int i = 0; i < 2; ++i) {
      servers_.push_back(std::make_unique<ScriptedServer>(
          Transport::local, std::vector{Script{}.expect_command().send(reply).repeat()}));
      options = patient_options(servers_.back()->url());
    }
    options.location = {servers_[0]->url(), servers_[1]->url()};
    options.client_class = "ShardClient";
    cache_.emplace(options);
  }
  [[nodiscard]] RedisCache& cache() { return *cache_; }

 private:
  std::vector<std::unique_ptr<ScriptedServer>> servers_;
  std::optional<RedisCache> cache_;
};

TEST_F(HostileShardsTest, NumbersThatDoNotFitTogetherAreTheLargestThatThereIs) {
  serve(":9223372036854775807\r\n");
  std::vector<std::string> keys;
  for (int i = 0; i < 64; ++i) {
    keys.push_back(std::to_string(i));
  }
  EXPECT_EQ(cache().delete_many(keys), std::numeric_limits<std::int64_t>::max());
}

TEST_F(HostileShardsTest, PagesOfAnotherFormAreAnErrorOfTheServer) {
  for (const std::string& reply : odd_arrays()) {
    SCOPED_TRACE(reply);
    serve(reply);
    EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] {
      for (const std::string& key : cache().iter_keys("*")) {
        static_cast<void>(key);
      }
    }));
    EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] { (void)cache().delete_pattern("*"); }));
  }
}

}  // namespace
}  // namespace rediscache::test
