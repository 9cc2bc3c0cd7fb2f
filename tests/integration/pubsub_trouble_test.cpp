// Messages, while the server, the network or the program does what it should not.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "integration/pubsub_test.hpp"
#include "support/child.hpp"

namespace rediscache::test {
namespace {

using std::chrono::milliseconds;

class PubSubTroubleTest : public PubSubTest {
 protected:
  void kill_subscribers() { static_cast<void>(raw().ask({"CLIENT", "KILL", "TYPE", "pubsub"})); }
  [[nodiscard]] static bool has_had_gaps(const Subscription& subscription, std::uint64_t count) {
    return eventually([&] { return subscription.gaps() >= count; });
  }
  /// Publishes numbers from 0 and waits until the subscription has received them all.
  [[nodiscard]] bool published(const Subscription& subscription, int count, const std::string& padding = {}) {
    for (int i = 0; i < count; ++i) {
      cache().publish("a", std::to_string(i) + padding);
    }
    return eventually(
        [&] { return subscription.statistics().received >= static_cast<std::uint64_t>(count); });
  }
  [[nodiscard]] Subscription subscribe(const SubscribeOptions& topics) {
    Subscription made = cache().subscribe(topics);
    EXPECT_TRUE(made.wait_until_active(long_enough));
    return made;
  }
};

TEST_F(PubSubTroubleTest, ALostConnectionIsMadeAnewAndAGapIsTold) {
  auto subscription = subscribe({.channels = {"a"}, .patterns = {"b*"}});
  cache().publish("a", "1");
  ASSERT_EQ(next(subscription), "1");
  kill_subscribers();
  EXPECT_EQ(next(subscription), "gap");
  EXPECT_EQ(cache().publish("a", "2"), 1) << "a gap comes when it is subscribed again";
  EXPECT_EQ(cache().publish("b", "3"), 1) << "to everything";
  EXPECT_EQ(next(subscription), "2");
  EXPECT_EQ(next(subscription), "3");
  EXPECT_EQ(subscription.gaps(), 1U);
  const auto statistics = cache().statistics().client.subscriptions;
  EXPECT_EQ(statistics.connected, 2U);
  EXPECT_EQ(statistics.failed, 1U);
  EXPECT_NE(statistics.last_failure.find("unix:"), std::string::npos) << statistics.last_failure;
}

TEST_F(PubSubTroubleTest, AStormOfLostConnections) {
  constexpr int kills = 25;
  constexpr int subscribers = 4;
  std::vector<Subscription> subscriptions;
  for (int i = 0; i < subscribers; ++i) {
    subscriptions.push_back(subscribe({.channels = {"a"}}));
  }
  std::atomic<bool> storm{true};
  std::atomic<int> last{0};
  std::jthread publisher{[&] {
    int number = 0;
    while (storm) {
      cache().publish("a", std::to_string(++number));
    }
    last = number + 1;
    for (Subscription& each : subscriptions) {  // the last is received by all, for all are subscribed
      EXPECT_TRUE(each.wait_until_active(long_enough));
    }
    cache().publish("a", std::to_string(last));
  }};
  for (std::uint64_t i = 1; i <= kills; ++i) {
    kill_subscribers();
    for (const Subscription& each : subscriptions) {
      ASSERT_TRUE(has_had_gaps(each, i));
    }
  }
  storm = false;
  publisher.join();
  for (Subscription& each : subscriptions) {
    int number = 0;
    std::uint64_t gaps = 0;
    while (number != last) {
      const auto message = each.next(long_enough);
      ASSERT_TRUE(message);
      if (message->kind == Message::Kind::gap) {
        ++gaps;
        number = -1;  // whichever comes next
        continue;
      }
      const int came = std::stoi(message->payload);
      if (number >= 0) {
        ASSERT_EQ(came, number + 1) << "none is missing but where a gap is told";
      }
      number = came;
    }
    EXPECT_EQ(each.gaps(), std::uint64_t{kills});
    EXPECT_LE(gaps, each.gaps()) << "gaps with nothing between them are one";
    EXPECT_GT(gaps, 0U);
  }
}

TEST_F(PubSubTroubleTest, ASlowConsumerLosesTheOldest) {
  auto subscription = subscribe({.channels = {"a"}, .max_queued = 3});
  ASSERT_TRUE(published(subscription, 10));
  EXPECT_EQ(subscription.dropped(), 7U);
  EXPECT_EQ(subscription.statistics().queued, 3U);
  for (const char* const expected : {"7", "8", "9"}) {
    EXPECT_EQ(next(subscription), expected);
  }
  EXPECT_EQ(next(subscription, milliseconds{1}), "nothing");
}

TEST_F(PubSubTroubleTest, ASlowConsumerLosesTheNewest) {
  auto subscription =
      subscribe({.channels = {"a"}, .max_queued_bytes = 3, .when_full = WhenFull::drop_newest});
  ASSERT_TRUE(published(subscription, 10));
  EXPECT_EQ(subscription.dropped(), 7U);
  for (const char* const expected : {"0", "1", "2"}) {
    EXPECT_EQ(next(subscription), expected);
  }
  ASSERT_EQ(cache().publish("a", "more than three bytes"), 1);
  EXPECT_EQ(next(subscription), "more than three bytes") << "a lone one may be larger";
}

TEST_F(PubSubTroubleTest, ASlowConsumerIsClosed) {
  auto subscription = subscribe({.channels = {"a"}, .max_queued = 3, .when_full = WhenFull::close});
  ASSERT_TRUE(published(subscription, 10));
  for (const char* const expected : {"0", "1", "2"}) {
    EXPECT_EQ(next(subscription), expected);
  }
  EXPECT_THROW((void)subscription.next(long_enough), SubscriptionError);
  EXPECT_THROW((void)subscription.next(long_enough), SubscriptionError) << "and stays so";
}

TEST_F(PubSubTroubleTest, ASlowConsumerMayLetTheServerWaitAndNobodyElse) {
  constexpr int messages = 3000;
  const std::string padding(1000, 'x');
  auto slow = subscribe({.channels = {"a"}, .max_queued = 10, .when_full = WhenFull::wait});
  auto quick = subscribe({.channels = {"a"}});
  ASSERT_TRUE(published(quick, messages, padding));
  EXPECT_LT(slow.statistics().received, std::uint64_t{messages}) << "the rest is with the server";
  for (int i = 0; i < messages; ++i) {
    ASSERT_EQ(next(slow), std::to_string(i) + padding);
  }
  EXPECT_EQ(slow.dropped(), 0U);
  EXPECT_EQ(slow.gaps(), 0U);
}

TEST_F(PubSubTroubleTest, AGapStaysBetweenWhatCameBeforeAndAfter) {
  auto subscription = subscribe({.channels = {"a"}, .max_queued = 2});
  ASSERT_TRUE(published(subscription, 2));
  kill_subscribers();
  ASSERT_TRUE(has_had_gaps(subscription, 1));
  ASSERT_EQ(cache().publish("a", "after"), 1);
  EXPECT_TRUE(eventually([&] { return subscription.dropped() == 1; }));
  EXPECT_EQ(next(subscription), "1");
  EXPECT_EQ(next(subscription), "gap");
  EXPECT_EQ(next(subscription), "after");
}

TEST_F(PubSubTroubleTest, ARestartedServerIsSubscribedToAgain) {
  auto subscription = subscribe({.channels = {"a"}});
  server().kill();
  EXPECT_TRUE(eventually([&] { return !subscription.wait_until_active(milliseconds{1}); }));
  restart_server();
  EXPECT_TRUE(subscription.wait_until_active(long_enough));
  EXPECT_EQ(next(subscription), "gap");
  EXPECT_EQ(cache().publish("a", "x"), 1);
  EXPECT_EQ(next(subscription), "x");
}

TEST_F(PubSubTroubleTest, AServerMayComeLater) {
  server().kill();
  auto subscription = cache().subscribe({.channels = {"a"}});
  EXPECT_FALSE(subscription.wait_until_active(milliseconds{50}));
  EXPECT_TRUE(eventually([&] { return cache().statistics().client.subscriptions.failed > 0; }));
  restart_server();
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  cache().publish("a", "x");
  EXPECT_EQ(next(subscription), "x") << "and there is no gap in what never was";
}

TEST_F(PubSubTroubleTest, CredentialsAreAskedForAtEachConnection) {
  RedisServer guarded{RedisServer::Settings{.config = {"requirepass right"}}};
  std::atomic<bool> known{false};
  Options own;
  own.location = {guarded.unix_url()};
  own.credentials = [&] { return Credentials{.username = {}, .password = known ? "right" : "wrong"}; };
  RedisCache cache{own};
  auto subscription = cache.subscribe({.channels = {"a"}});
  EXPECT_TRUE(eventually([&] {
    return cache.statistics().client.subscriptions.last_failure.find("WRONGPASS") != std::string::npos;
  })) << cache.statistics().client.subscriptions.last_failure;
  known = true;
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  EXPECT_EQ(cache.publish("a", "x"), 1);
  EXPECT_EQ(next(subscription), "x");
}

TEST_F(PubSubTroubleTest, AMissingRightIsToldOnceAndTheRestGoesOn) {
  RedisServer guarded{RedisServer::Settings{.config = {"user default on nopass ~* +@all resetchannels &a"}}};
  Options own;
  own.location = {guarded.unix_url()};
  RedisCache cache{own};
  auto subscription = cache.subscribe({.channels = {"a", "forbidden"}});
  EXPECT_THROW((void)subscription.next(long_enough), AuthenticationError);
  EXPECT_EQ(cache.publish("a", "x"), 1);
  EXPECT_EQ(next(subscription), "x");
  subscription.add({.patterns = {"*"}});
  EXPECT_THROW((void)subscription.wait_until_active(long_enough), AuthenticationError);

  own.ignore_exceptions = true;
  RedisCache ignoring{own};
  auto silent = ignoring.subscribe({.channels = {"forbidden"}});
  EXPECT_FALSE(silent.wait_until_active(long_enough)) << "never success";
  EXPECT_EQ(ignoring.statistics().misconfigured, 1U);
}

TEST_F(PubSubTroubleTest, WithoutAServerPublishingIsOmittedOrFails) {
  Options nobody = options_to_nobody();
  RedisCache failing{nobody};
  EXPECT_THROW(failing.publish("a", "x"), ConnectionError);
  nobody.ignore_exceptions = true;
  RedisCache ignoring{nobody};
  EXPECT_EQ(ignoring.publish("a", "x"), 0);
  auto subscription = ignoring.subscribe({.channels = {"a"}});
  EXPECT_FALSE(subscription.wait_until_active(milliseconds{20}));
  EXPECT_EQ(next(subscription, milliseconds{1}), "nothing");
}

TEST_F(PubSubTroubleTest, TheChildOfAForkGoesOnWithAConnectionOfItsOwn) {
  auto subscription = subscribe({.channels = {"a"}});
  auto background = cache().subscribe({.channels = {"a"}}, [](const Message&) {});
  ASSERT_TRUE(background.wait_until_active(long_enough));
  EXPECT_TRUE(holds_in_child([&] {
    // Of both processes, for each is subscribed.
    return next(subscription) == "gap" && cache().publish("a", "from the child") == 2 &&
           next(subscription) == "from the child";
  }));
  EXPECT_EQ(next(subscription), "from the child");
  EXPECT_TRUE(subscribed("a", 1)) << "the child's has ended with it";
  cache().publish("a", "x");
  EXPECT_EQ(next(subscription), "x");
  EXPECT_EQ(subscription.gaps(), 0U) << "the parent has lost nothing";
}

TEST_F(PubSubTroubleTest, ChildrenMayEndTheirCopies) {
  auto subscription = std::make_unique<Subscription>(subscribe({.channels = {"a"}}));
  auto background =
      std::make_unique<Subscription>(cache().subscribe({.channels = {"a"}}, [](const Message&) {}));
  EXPECT_TRUE(holds_in_child([&] {
    subscription.reset();
    background.reset();
    auto fresh = cache().subscribe({.channels = {"a"}});
    return fresh.wait_until_active(long_enough) && cache().publish("a", "x") == 2 && next(fresh) == "x";
  }));
  EXPECT_EQ(next(*subscription), "x");
}

TEST_F(PubSubTroubleTest, ForksWhileMessagesArrive) {
  auto subscription = subscribe({.channels = {"a"}});
  std::atomic<bool> done{false};
  std::jthread publisher{[&] {
    RedisCache own{options()};
    while (!done) {
      own.execute("EVAL", "for i = 1, 200 do redis.call('PUBLISH', 'a', i) end", "0");
    }
  }};
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(holds_in_child([&] {
      while (next(subscription) != "gap") {  // after what had been received when it forked
      }
      return next(subscription) != "nothing";
    }));
    EXPECT_NE(next(subscription), "nothing");
  }
  done = true;
}

}  // namespace
}  // namespace rediscache::test
