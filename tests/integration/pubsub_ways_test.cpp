// Messages over each way to a server: a unix socket, TCP, and TCP with TLS.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "integration/pubsub_test.hpp"
#include "integration/tls_test.hpp"
#include "support/child.hpp"

namespace rediscache::test {
namespace {

using std::chrono::milliseconds;

enum class Way : std::uint8_t { local, tcp, tls };

class PubSubWaysTest : public TlsTest, public ::testing::WithParamInterface<Way> {
 protected:
  void SetUp() override {
    server_ = serve("server");
    cache_.emplace(options_for(GetParam() == Way::local ? server().unix_url()
                               : GetParam() == Way::tcp ? server().tcp_url()
                                                        : server().tls_url()));
  }
  [[nodiscard]] RedisServer& server() { return *server_; }
  [[nodiscard]] RedisCache& cache() { return *cache_; }
  [[nodiscard]] Subscription subscribe(const SubscribeOptions& topics) {
    Subscription made = cache().subscribe(topics);
    EXPECT_TRUE(made.wait_until_active(long_enough));
    return made;
  }
  void kill_subscribers() {
    EXPECT_EQ(server().connect().ask({"CLIENT", "KILL", "TYPE", "pubsub"}).integer, 1);
  }

 private:
  std::unique_ptr<RedisServer> server_;
  std::optional<RedisCache> cache_;
};
INSTANTIATE_TEST_SUITE_P(Each, PubSubWaysTest, ::testing::Values(Way::local, Way::tcp, Way::tls),
                         [](const auto& each) {
                           return each.param == Way::local ? "unix" : each.param == Way::tcp ? "tcp" : "tls";
                         });

TEST_P(PubSubWaysTest, ManyMessagesComeInOrderAndWhole) {
  constexpr int messages = 20'000;
  constexpr std::size_t large_every = 500;
  auto subscription = subscribe({.channels = {"a"}, .max_queued_bytes = std::size_t{1} << 30U});
  std::jthread publisher{[&] {
    for (int from = 0; from < messages; from += 1000) {
      cache().execute("EVAL",
                      "for i = ARGV[1], ARGV[1] + 999 do redis.call('PUBLISH', 'a', i .. (i % 500 == 0 and "
                      "string.rep('x', 10 * i) or '')) end",
                      "0", from);
    }
  }};
  for (std::size_t i = 0; i < messages; ++i) {
    const auto message = subscription.next(long_enough);
    ASSERT_TRUE(message) << i;
    ASSERT_EQ(message->kind, Message::Kind::message);
    const std::string padding(i % large_every == 0 ? 10 * i : 0, 'x');
    ASSERT_TRUE(message->payload == std::to_string(i) + padding) << i;
  }
  EXPECT_EQ(subscription.dropped(), 0U);
}

TEST_P(PubSubWaysTest, LostConnectionsAreMadeAnewAndGapsAreTold) {
  auto subscription = subscribe({.channels = {"a"}, .patterns = {"b*"}});
  for (std::uint64_t times = 1; times <= 3; ++times) {
    kill_subscribers();
    EXPECT_EQ(next(subscription), "gap");
    EXPECT_EQ(cache().publish("a", "1"), 1);
    EXPECT_EQ(cache().publish("b", "2"), 1);
    EXPECT_EQ(next(subscription), "1");
    EXPECT_EQ(next(subscription), "2");
    EXPECT_EQ(subscription.gaps(), times);
  }
}

TEST_P(PubSubWaysTest, WhoLetsTheServerWaitLosesNothing) {
  constexpr int messages = 2000;
  const std::string padding(1000, 'x');
  auto slow = subscribe({.channels = {"a"}, .max_queued = 10, .when_full = WhenFull::wait});
  for (int i = 0; i < messages; ++i) {
    ASSERT_EQ(cache().publish("a", std::to_string(i) + padding), 1);
  }
  for (int i = 0; i < messages; ++i) {
    ASSERT_EQ(next(slow), std::to_string(i) + padding);
  }
  EXPECT_EQ(slow.dropped(), 0U);
  EXPECT_EQ(slow.gaps(), 0U);
}

TEST_P(PubSubWaysTest, AServerThatStallsIsGivenUpWithinItsTimeAndFoundAgain) {
  auto subscription = subscribe({.channels = {"a"}});
  server().stop_process();
  EXPECT_EQ(next(subscription, milliseconds{20}), "nothing") << "nobody hangs";
  subscription.add({.channels = {"b"}});
  EXPECT_FALSE(subscription.wait_until_active(milliseconds{20}));
  server().continue_process();
  EXPECT_TRUE(subscription.wait_until_active(long_enough));
  EXPECT_EQ(cache().publish("b", "x"), 1);
  EXPECT_EQ(next(subscription), "x");
}

TEST_P(PubSubWaysTest, ParentAndChildHaveConnectionsOfTheirOwn) {
  auto subscription = subscribe({.channels = {"a"}});
  EXPECT_TRUE(holds_in_child([&] {
    return next(subscription) == "gap" && cache().publish("a", "x") == 2 && next(subscription) == "x";
  }));
  EXPECT_EQ(next(subscription), "x");
  EXPECT_EQ(subscription.gaps(), 0U);
  EXPECT_TRUE(eventually([&] { return cache().publish("a", "y") == 1; })) << "the child's has ended with it";
  EXPECT_EQ(next(subscription), "y");
}

}  // namespace
}  // namespace rediscache::test
