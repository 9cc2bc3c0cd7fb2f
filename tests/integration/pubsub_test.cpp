// Messages, while all is well.
#include "integration/pubsub_test.hpp"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace rediscache::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(PubSubTest, WhatIsPublishedComes) {
  auto subscription = cache().subscribe({.channels = {"prices"}});
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  EXPECT_EQ(cache().publish("prices", "42"), 1);
  EXPECT_EQ(cache().publish("elsewhere", "43"), 0);
  const std::string bytes{"\0\r\n\xff", 4};
  EXPECT_EQ(cache().publish("prices", bytes), 1);
  const auto first = subscription.next(long_enough);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->channel, "prices");
  EXPECT_TRUE(first->pattern.empty());
  EXPECT_EQ(first->payload, "42");
  EXPECT_EQ(next(subscription), bytes);
  EXPECT_EQ(next(subscription, milliseconds{1}), "nothing");
  EXPECT_EQ(subscription.statistics().received, 2U);
  EXPECT_EQ(cache().statistics().client.subscriptions.messages, 2U);
}

TEST_F(PubSubTest, PatternsTellTheChannelToo) {
  auto subscription = cache().subscribe({.patterns = {"news.*"}});
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  EXPECT_EQ(cache().publish("news.art", "a"), 1);
  EXPECT_EQ(cache().publish("old.art", "b"), 0);
  const auto message = subscription.next(long_enough);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->channel, "news.art");
  EXPECT_EQ(message->pattern, "news.*");
}

TEST_F(PubSubTest, ShardedChannelsAreOthers) {
  auto subscription = cache().subscribe({.shard_channels = {"s"}});
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  EXPECT_EQ(cache().publish("s", "no"), 0);
  EXPECT_EQ(cache().spublish("s", "yes"), 1);
  EXPECT_EQ(next(subscription), "yes");
}

TEST_F(PubSubTest, TopicsComeAndGo) {
  auto subscription = cache().subscribe({.channels = {"a"}});
  subscription.add({.channels = {"b", "a"}});
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  EXPECT_EQ(cache().publish("a", "1"), 1) << "once, however often it is added";
  EXPECT_EQ(cache().publish("b", "2"), 1);
  EXPECT_EQ(next(subscription), "1");
  EXPECT_EQ(next(subscription), "2");
  subscription.remove({.channels = {"a"}});
  EXPECT_TRUE(subscribed("a", 0));
  EXPECT_EQ(cache().publish("b", "3"), 1);
  EXPECT_EQ(next(subscription), "3");
}

TEST_F(PubSubTest, SubscriptionsOfACacheShareOneConnection) {
  auto one = cache().subscribe({.channels = {"a"}});
  auto two = cache().subscribe({.channels = {"a"}});
  ASSERT_TRUE(one.wait_until_active(long_enough));
  ASSERT_TRUE(two.wait_until_active(long_enough));
  EXPECT_EQ(cache().publish("a", "x"), 1) << "the server sends it once";
  EXPECT_EQ(next(one), "x");
  EXPECT_EQ(next(two), "x");
  one.close();
  EXPECT_TRUE(one.closed());
  EXPECT_EQ(next(one), "nothing");
  EXPECT_EQ(cache().publish("a", "y"), 1);
  EXPECT_EQ(next(two), "y") << "the other goes on";
  EXPECT_EQ(cache().statistics().client.subscriptions.connected, 1U);
}

TEST_F(PubSubTest, ARangeEndsAtItsTimeOrWhenClosed) {
  auto subscription = cache().subscribe({.channels = {"a"}});
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(cache().publish("a", std::to_string(i)), 1);
  }
  std::string all;
  for (Message& message : subscription.messages(long_enough)) {
    all += message.payload;
    if (all.size() == 3) {
      subscription.close();
    }
  }
  EXPECT_EQ(all, "012");
  auto quiet = cache().subscribe({.channels = {"b"}});
  for (Message& message : quiet.messages(milliseconds{1})) {
    ADD_FAILURE() << message.payload;
  }
}

TEST_F(PubSubTest, ATimeMayBeAsLongAsCanBe) {
  auto subscription = cache().subscribe({.channels = {"a"}});
  EXPECT_TRUE(subscription.wait_until_active(milliseconds::max()));
  EXPECT_FALSE(subscription.next(milliseconds::min()));
  EXPECT_FALSE(subscription.next_until(std::chrono::steady_clock::time_point::min()));
  std::atomic<bool> done{false};
  std::jthread publisher{[&] {
    while (!done) {
      cache().publish("a", "x");
    }
  }};
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(next(subscription, milliseconds::max()), "x");
    ASSERT_TRUE(subscription.next_until(std::chrono::steady_clock::time_point::max()));
  }
  int count = 0;
  for ([[maybe_unused]] const Message& message : subscription.messages(milliseconds::max())) {
    if (++count == 50) {
      break;
    }
  }
  EXPECT_EQ(count, 50);
  done = true;
}

TEST_F(PubSubTest, ACallbackIsCalledInOrderWhateverItThrows) {
  std::vector<std::string> seen;
  std::atomic<int> count{0};
  auto subscription = cache().subscribe({.channels = {"a"}}, [&](const Message& message) {
    seen.push_back(message.payload);
    switch (count++) {
      case 0:
        throw std::runtime_error{"of no interest"};
      case 1:
        throw SubscriptionError{"of another subscription"};
      case 2:
        throw ConnectionError{Failure{.message = "of another call", .server = {}, .command = {}}};
      case 3:
        throw 3;
      default:
        break;
    }
  });
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  for (int i = 0; i < 5; ++i) {
    cache().publish("a", std::to_string(i));
  }
  EXPECT_TRUE(eventually([&] { return count == 5; }));
  subscription.close();
  EXPECT_EQ(seen, (std::vector<std::string>{"0", "1", "2", "3", "4"}));
}

TEST_F(PubSubTest, TopicsAreAddedWhileACallbackTakesRoomFromAFullQueue) {
  RedisServer other{RedisServer::Settings{}};
  Options sharded;
  sharded.location = {server().unix_url(), other.unix_url()};
  sharded.client_class = "ShardClient";
  RedisCache shards{sharded};
  for (int turn = 0; turn < 5; ++turn) {
    std::atomic<int> called{0};
    std::atomic<bool> done{false};
    auto subscription = shards.subscribe({.channels = {"0"}, .max_queued = 1, .when_full = WhenFull::wait},
                                         [&](const Message&) { ++called; });
    ASSERT_TRUE(subscription.wait_until_active(long_enough));
    std::jthread publisher{[&] {
      while (!done) {
        shards.publish("0", "x");
      }
    }};
    EXPECT_TRUE(eventually([&] { return called > 20; }));
    for (int i = 1; i < 20; ++i) {  // on the other shard, some of them
      subscription.add({.channels = {std::to_string(i)}});
    }
    const int before = called;
    EXPECT_TRUE(eventually([&] { return called > before + 20; }));
    done = true;
  }
}

TEST_F(PubSubTest, ACallbackMayEndItsOwnSubscription) {
  std::optional<Subscription> subscription;
  std::atomic<bool> ended{false};
  subscription.emplace(cache().subscribe({.channels = {"a"}}, [&](const Message&) {
    subscription.reset();
    ended = true;
  }));
  ASSERT_TRUE(subscription->wait_until_active(long_enough));
  cache().publish("a", "x");
  EXPECT_TRUE(eventually([&] { return ended.load(); }));
  EXPECT_TRUE(subscribed("a", 0));
}

TEST_F(PubSubTest, AMillionMessagesComeInOrderAndWhole) {
  constexpr int messages = 1'000'000;
  auto subscription = cache().subscribe({.channels = {"a"}, .max_queued = messages});
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  std::jthread publisher{[&] {
    // A script: what is measured is who receives.
    for (int from = 0; from < messages; from += 1000) {
      cache().execute("EVAL", "for i = ARGV[1], ARGV[1] + 999 do redis.call('PUBLISH', 'a', i) end", "0",
                      from);
    }
  }};
  int expected = 0;
  for (Message& message : subscription.messages(seconds{60})) {
    ASSERT_EQ(message.kind, Message::Kind::message);
    if (message.payload != std::to_string(expected)) {
      FAIL() << message.payload << " instead of " << expected;
    }
    if (++expected == messages) {
      break;
    }
  }
  EXPECT_EQ(expected, messages);
  EXPECT_EQ(subscription.dropped(), 0U);
  EXPECT_EQ(subscription.gaps(), 0U);
}

TEST_F(PubSubTest, LargeMessagesComeWhole) {
  auto subscription = cache().subscribe({.channels = {"a"}});
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  for (const std::size_t size : {100'000U, 5'000'000U, 1U, 70'000U}) {
    const std::string payload(size, static_cast<char>('a' + size % 26));
    ASSERT_EQ(cache().publish("a", payload), 1);
    EXPECT_EQ(next(subscription) == payload, true) << size;
  }
}

TEST_F(PubSubTest, AThousandChannels) {
  SubscribeOptions options;
  for (int i = 0; i < 1000; ++i) {
    options.channels.push_back("channel:" + std::to_string(i));
  }
  auto subscription = cache().subscribe(options);
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  EXPECT_EQ(cache().statistics().client.subscriptions.confirmed, 1000U);
  for (const std::string& channel : options.channels) {
    ASSERT_EQ(cache().publish(channel, channel), 1);
  }
  for (const std::string& channel : options.channels) {
    const auto message = subscription.next(long_enough);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->channel, channel);
    EXPECT_EQ(message->payload, channel);
  }
}

TEST_F(PubSubTest, ThreadsShareASubscription) {
  auto subscription = cache().subscribe({.channels = {"a"}});
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  constexpr int messages = 2000;
  std::atomic<int> taken{0};
  std::vector<std::set<std::string>> seen(3);
  {
    std::vector<std::jthread> threads;
    for (std::set<std::string>& mine : seen) {
      threads.emplace_back([&] {
        while (taken < messages) {
          if (auto message = subscription.next(milliseconds{50})) {
            mine.insert(message->payload);
            ++taken;
          }
        }
      });
    }
    cache().execute("EVAL", "for i = 1, 2000 do redis.call('PUBLISH', 'a', i) end", "0");
  }
  std::set<std::string> all;
  for (const auto& mine : seen) {
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), std::size_t{messages}) << "each message to one thread";
}

TEST_F(PubSubTest, ThreadsSubscribeAndEndWhileMessagesArrive) {
  std::atomic<bool> done{false};
  std::jthread publisher{[&] {
    while (!done) {
      cache().execute("EVAL", "for i = 1, 200 do redis.call('PUBLISH', 'a', i) end", "0");
    }
  }};
  std::vector<std::jthread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 30; ++i) {
        auto subscription = cache().subscribe({.channels = {"a"}, .max_queued = 50});
        failures += subscription.next(long_enough) ? 0 : 1;
        std::atomic<int> called{0};
        auto background = cache().subscribe({.channels = {"a"}}, [&](const Message&) { ++called; });
        failures += eventually([&] { return called > 0; }) ? 0 : 1;
      }
    });
  }
  threads.clear();
  done = true;
  EXPECT_EQ(failures, 0);
}

TEST_F(PubSubTest, OutlivesItsCache) {
  auto subscription = [&] {
    RedisCache gone{options()};
    return gone.subscribe({.channels = {"a"}});
  }();
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  cache().publish("a", "x");
  EXPECT_EQ(next(subscription), "x");
}

TEST_F(PubSubTest, ShardsHaveTheirChannelsAndAllHavePatterns) {
  RedisServer other{RedisServer::Settings{}};
  Options sharded;
  sharded.location = {server().unix_url(), other.unix_url()};
  sharded.client_class = "ShardClient";
  RedisCache shards{sharded};
  SubscribeOptions topics{.patterns = {"channel:*"}};
  for (int i = 0; i < 20; ++i) {
    topics.channels.push_back("channel:" + std::to_string(i));
  }
  auto subscription = shards.subscribe(topics);
  ASSERT_TRUE(subscription.wait_until_active(long_enough));
  std::multiset<std::string> expected;
  for (const std::string& channel : topics.channels) {
    EXPECT_EQ(shards.publish(channel, channel), 2) << "by its name and by the pattern";
    expected.insert({channel, channel});
  }
  std::multiset<std::string> seen;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    seen.insert(next(subscription));
  }
  EXPECT_EQ(seen, expected);
  EXPECT_GT(raw().calls("publish"), 0);
  EXPECT_GT(other.connect().calls("publish"), 0);
  for (const std::string& channel : topics.channels) {
    const auto receivers = shards.execute("PUBLISH", channel, "spelt out");
    ASSERT_TRUE(receivers);
    EXPECT_EQ(receivers->as_integer(), 2) << "goes where publish() does";
    EXPECT_EQ(shards.execute("spublish", channel, "spelt out")->as_integer(), 0) << "they are others";
  }
}

TEST_F(PubSubTest, ArgumentsThatCannotBeUsed) {
  EXPECT_THROW((void)cache().subscribe({.channels = {"a"}, .max_queued = 0}), InvalidArgument);
  EXPECT_THROW((void)cache().subscribe({.channels = {"a"}, .max_queued_bytes = 0}), InvalidArgument);
  try {
    (void)cache().execute("SUBSCRIBE", "a");
    ADD_FAILURE();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string{error.what()}.find("cache.subscribe()"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace rediscache::test
