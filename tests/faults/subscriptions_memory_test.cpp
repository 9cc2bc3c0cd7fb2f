// Memory runs out where messages are received: nothing is lost that is not told of, and what comes next is
// right.
#include <atomic>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "cache/inlet.hpp"
#include "cache/message_queue.hpp"
#include "faults/run_short.hpp"
#include "net/subscriber_thread.hpp"
#include "proto/subscriptions.hpp"
#include "support/memory.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using proto::Subscriptions;
using proto::Topic;
using std::chrono::seconds;

constexpr std::size_t most_allocations = 1000;
constexpr std::chrono::seconds long_enough{15};

class SubscriptionsMemoryTest : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Each, SubscriptionsMemoryTest, ::testing::Values(false, true),
                         [](const auto& each) { return each.param ? "FromThenOn" : "Once"; });

TEST_P(SubscriptionsMemoryTest, AMessageThatIsLostLeavesAGap) {
  constexpr int messages = 500;
  const Topic topic{Topic::Kind::pattern, "a pattern too long to be kept without memory"};
  for (std::size_t number = 0; number < most_allocations; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    const auto queue = std::make_shared<cache::MessageQueue>(cache::QueueLimits{});
    cache::Inlet inlet{queue};
    std::vector<std::string> payloads;
    for (int i = 0; i < messages; ++i) {
      payloads.push_back(
          std::to_string(i) + " " +
          std::string(i % 40 == 7 ? std::size_t{5000} : static_cast<std::size_t>(i % 50), 'x'));
    }
    const std::string channel = "a channel too long to be kept without memory ";
    std::vector<std::string> channels{channel + "0", channel + "1", channel + "2"};
    const auto ending = run_short(number, GetParam(), [&] {
      for (int i = 0; i < messages; ++i) {
        inlet.message(topic, channels[static_cast<std::size_t>(i) / 7 % 3],
                      payloads[static_cast<std::size_t>(i)]);
        if (i % 9 == 0 || i > 400) {
          inlet.flush();
        }
      }
      inlet.flush();
    });
    ASSERT_NE(ending, Ending::out_of_memory) << "nothing is thrown";
    std::string last = "to be taken when there is memory again";
    inlet.message(topic, channel, last);
    inlet.flush();
    int expected = 0;
    bool gap = false;
    bool ended = false;
    for (auto taken = queue->take(base::Deadline::in({})); taken.message;
         taken = queue->take(base::Deadline::in({}))) {
      const Message& message = *taken.message;
      if (message.kind == Message::Kind::gap) {
        gap = true;
        continue;
      }
      ended = message.payload.starts_with("to be");
      int came = messages;
      std::from_chars(message.payload.data(), message.payload.data() + message.payload.size(), came);
      ASSERT_TRUE(came == expected || (gap && came > expected)) << came << " instead of " << expected;
      expected = came + 1;
      gap = false;
    }
    EXPECT_TRUE(ended);
    EXPECT_EQ(queue->statistics().queued, 0U);
    if (ending == Ending::never_came_to_it) {
      EXPECT_GT(number, 10U);
      return;
    }
  }
  FAIL() << "there is no end to it";
}

/// Answers what the machine has to say, as a server does.
bool answered(Subscriptions& machine, Subscriptions::Time now) {
  std::string_view commands = machine.output();
  std::string answers;
  const auto line = [&] {
    const std::size_t end = std::min(commands.find("\r\n"), commands.size());
    const std::string text{commands.substr(0, end)};
    commands.remove_prefix(std::min(end + 2, commands.size()));
    return text;
  };
  while (!commands.empty()) {
    const std::string count = line();
    const std::string size = line();
    std::string command = line();
    if (count != "*2" || size != "$" + std::to_string(command.size())) {
      return false;
    }
    for (char& c : command) {
      c = static_cast<char>(c | 0x20);
    }
    const std::string length = line();
    const std::string name = line();
    answers += "*3\r\n" + size + "\r\n" + command + "\r\n" + length + "\r\n" + name + "\r\n:1\r\n";
  }
  machine.wrote(machine.output().size());
  const auto space = machine.space();
  std::memcpy(space.data(), answers.data(), answers.size());
  machine.received(answers.size(), now);
  while (true) {
    switch (machine.next().kind) {
      case Subscriptions::Event::Kind::nothing:
        return true;
      case Subscriptions::Event::Kind::broken:
        return false;
      default:
        break;
    }
  }
}

TEST_P(SubscriptionsMemoryTest, WhatWasNotSaidIsNotAwaited) {
  const Subscriptions::Time now{seconds{1}};
  const std::string name = "a name that is too long to be kept without memory ";
  const Topic kept{Topic::Kind::channel, name + "kept"};
  // There must be no room left from what was said before.
  const Topic gone{Topic::Kind::channel, name + "gone"};
  const Topic fresh{Topic::Kind::channel, name + std::string(5000, 'f')};
  for (std::size_t number = 0; number < most_allocations; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    Subscriptions machine{1U << 20U, {}};
    machine.want(kept, 0, now);
    machine.want(gone, 1, now);
    machine.connected(now);
    ASSERT_TRUE(answered(machine, now));
    const auto ending = run_short(number, GetParam(), [&] { machine.want(fresh, 2, now); });
    ASSERT_EQ(machine.find(fresh).has_value(), ending != Ending::out_of_memory) << "all or nothing";
    ASSERT_TRUE(answered(machine, now));
    const auto second = run_short(number, GetParam(), [&] { machine.unwant(gone, now); });
    ASSERT_FALSE(machine.find(gone));
    ASSERT_TRUE(answered(machine, now));
    machine.want(fresh, 2, now);
    machine.want(gone, 3, now);
    ASSERT_TRUE(answered(machine, now));
    for (const Topic& topic : {kept, gone, fresh}) {
      ASSERT_TRUE(machine.confirmed(topic)) << topic.name;
    }
    ASSERT_EQ(machine.confirmed(), 3U);
    ASSERT_EQ(machine.wanted(), 3U);
    if (ending == Ending::never_came_to_it && second == Ending::never_came_to_it) {
      EXPECT_GT(number, 0U);
      return;
    }
  }
  FAIL() << "there is no end to it";
}

/// Makes the thread that calls it run out of memory.
class Hungry final : public net::Listener {
 public:
  void message(const Topic&, std::string_view, std::string& payload) noexcept override {
    if (payload == "starve") {
      memory() = {.left = allocations, .lasting = false};
    } else {
      ++messages;
    }
  }
  void gap() noexcept override {
    memory() = {};
    ++gaps;
  }

  std::size_t allocations = 0;
  std::atomic<int> messages{0};
  std::atomic<int> gaps{0};
};

TEST(SubscriberThreadMemoryTest, GoesOnAfterwards) {
  const RedisServer server;
  net::ServerSettings settings;
  settings.endpoint.transport = net::Endpoint::Transport::unix_socket;
  settings.endpoint.path = server.unix_address().path;
  const Topic topic{Topic::Kind::channel, "a"};
  for (std::size_t number = 0; number < 25; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    net::SubscriberThread subscriber{settings};
    const auto listener = std::make_shared<Hungry>();
    listener->allocations = number;
    subscriber.add(topic, listener);
    ASSERT_TRUE(subscriber.wait_confirmed(topic, base::Deadline::in(long_enough)));
    RawClient raw = server.connect();
    ASSERT_EQ(raw.integer({"PUBLISH", "a", "starve"}), 1);
    static_cast<void>(raw.ask({"CLIENT", "KILL", "TYPE", "pubsub"}));
    ASSERT_TRUE(eventually([&] { return listener->gaps > 0; }));
    ASSERT_TRUE(subscriber.wait_confirmed(topic, base::Deadline::in(long_enough)));
    ASSERT_EQ(raw.integer({"PUBLISH", "a", "x"}), 1);
    ASSERT_TRUE(eventually([&] { return listener->messages == 1; }));
  }
}

TEST_P(SubscriptionsMemoryTest, TheThreadGoesOnOnceThereIsMemoryAgain) {
  const RedisServer server;
  net::ServerSettings settings;
  settings.endpoint.transport = net::Endpoint::Transport::unix_socket;
  settings.endpoint.path = server.unix_address().path;
  const Topic topic{Topic::Kind::channel, "a channel too long to be kept without memory"};
  for (std::size_t number = 0; number < most_allocations; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    const auto listener = std::make_shared<Hungry>();
    net::SubscriberThread subscriber{settings};
    bool ran_out = false;
    {
      const ShortageInNewThreads shortage{number, GetParam()};
      subscriber.add(topic, listener);
      ASSERT_TRUE(eventually(
          [&] { return shortage.ran_out() || subscriber.wait_confirmed(topic, base::Deadline::in({})); }));
      ran_out = shortage.ran_out();
    }
    ASSERT_TRUE(subscriber.wait_confirmed(topic, base::Deadline::in(long_enough)));
    ASSERT_EQ(server.connect().integer({"PUBLISH", topic.name, "x"}), 1);
    ASSERT_TRUE(eventually([&] { return listener->messages == 1; }));
    if (!ran_out) {
      EXPECT_GT(number, 3U);
      return;
    }
  }
  FAIL() << "there is no end to it";
}

TEST_P(SubscriptionsMemoryTest, SubscribingThrowsOrSucceedsAndTheNextIsRight) {
  const RedisServer server;
  const Options options{.location = {server.unix_url()}};
  const std::string name = "a name that is too long to be kept without memory ";
  for (std::size_t number = 0; number < most_allocations; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    RedisCache cache{options};
    SubscribeOptions topics{.channels = {name + "1", name + "2"}, .patterns = {"p*"}};
    Ending ending{};
    EXPECT_NO_THROW(ending = run_short(number, GetParam(), [&] { (void)cache.subscribe(topics); }))
        << "anything but std::bad_alloc";
    auto subscription = cache.subscribe(topics);
    ASSERT_TRUE(subscription.wait_until_active(long_enough));
    ASSERT_EQ(cache.publish(name + "2", "x"), 1);
    const auto message = subscription.next(long_enough);
    ASSERT_TRUE(message && message->payload == "x");
    if (ending == Ending::never_came_to_it) {
      EXPECT_GT(number, 0U);
      return;
    }
  }
  FAIL() << "there is no end to it";
}

}  // namespace
}  // namespace rediscache::test
