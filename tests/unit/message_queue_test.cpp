// What waits to be taken, against a queue that does it the plain way.
#include "cache/message_queue.hpp"

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/child.hpp"

namespace rediscache::test {
namespace {

using cache::MessageBatch;
using cache::MessageQueue;
using cache::QueueLimits;

ChannelName name(const std::string& text) {
  return ChannelName{std::make_shared<const std::string>(text)};
}

/// Messages as their payloads, gaps as "gap".
class PlainQueue {
 public:
  explicit PlainQueue(const QueueLimits& limits) : limits_{limits} {}

  void put(const std::vector<std::string>& payloads) {
    bool full = false;
    for (const std::string& payload : payloads) {
      const bool may_be_refused =
          limits_.when_full == WhenFull::drop_newest || limits_.when_full == WhenFull::close;
      full = full || (may_be_refused && too_many(count_ + 1, bytes_ + payload.size()));
      if (full || closed_) {
        ++dropped;
        continue;
      }
      items.push_back(payload);
      ++count_;
      bytes_ += payload.size();
    }
    closed_ = closed_ || (full && limits_.when_full == WhenFull::close);
    while (limits_.when_full == WhenFull::drop_oldest && count_ > 1 && too_many(count_, bytes_)) {
      const auto oldest = items.begin() + (items.front() == "gap" ? 1 : 0);
      ++dropped;
      --count_;
      bytes_ -= oldest->size();
      const auto next = items.erase(oldest);
      if (next != items.begin() && next != items.end() && *next == "gap") {
        items.erase(next);  // two became neighbours
      }
    }
  }
  void put_gap() {
    if (items.empty() || items.back() != "gap") {
      items.emplace_back("gap");
    }
  }

  std::deque<std::string> items;
  std::uint64_t dropped = 0;

 private:
  [[nodiscard]] bool too_many(std::size_t messages, std::size_t bytes) const {
    return messages > limits_.messages || (messages > 1 && bytes > limits_.bytes);
  }

  QueueLimits limits_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

std::deque<std::string> drain(MessageQueue& queue) {
  std::deque<std::string> all;
  while (true) {
    auto taken = queue.take(base::Deadline::in({}));
    if (!taken.message) {
      return all;
    }
    const bool is_gap = taken.message->kind == Message::Kind::gap;
    if (!is_gap) {
      EXPECT_EQ(taken.message->channel, "of " + std::to_string(taken.message->payload.size()));
    }
    all.push_back(is_gap ? "gap" : std::move(taken.message->payload));
  }
}

class MessageQueueTest : public ::testing::TestWithParam<WhenFull> {};
INSTANTIATE_TEST_SUITE_P(Each, MessageQueueTest,
                         ::testing::Values(WhenFull::drop_oldest, WhenFull::drop_newest, WhenFull::close,
                                           WhenFull::wait));

TEST_P(MessageQueueTest, KeepsWhatAPlainQueueKeeps) {
  std::mt19937 random{7};
  const auto up_to = [&](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{0, most}(random);
  };
  for (int turn = 0; turn < 400; ++turn) {
    const QueueLimits limits{.messages = 1 + up_to(200), .bytes = 1 + up_to(20'000), .when_full = GetParam()};
    MessageQueue queue{limits};
    PlainQueue plain{limits};
    MessageBatch batch;
    std::uint64_t number = 0;
    for (std::size_t put = up_to(12); put > 0; --put) {
      if (up_to(3) == 0) {
        queue.put_gap();
        plain.put_gap();
      }
      std::vector<std::string> payloads;
      for (std::size_t i = up_to(up_to(1) == 0 ? 4 : 100); i > 0; --i) {
        payloads.push_back(std::to_string(++number) + std::string(up_to(50) == 0 ? 5000 : up_to(30), 'x'));
        std::string copy = payloads.back();
        batch.add(name("of " + std::to_string(copy.size())), {}, copy);
      }
      queue.put(batch);
      ASSERT_TRUE(batch.empty());
      plain.put(payloads);
    }
    ASSERT_EQ(queue.statistics().dropped, plain.dropped) << "turn " << turn;
    ASSERT_EQ(queue.statistics().received, number);
    ASSERT_EQ(drain(queue), plain.items) << "turn " << turn;
    EXPECT_EQ(queue.statistics().queued, 0U);
  }
}

TEST(MessageQueueTakeTest, NamesThatAPatternMatchedTakeRoomToo) {
  MessageQueue queue{{.messages = 100, .bytes = 1000, .when_full = WhenFull::drop_oldest}};
  MessageBatch batch;
  for (const char c : {'a', 'b', 'c'}) {
    std::string payload = "x";
    batch.add(name(std::string(600, c)), name("*"), payload);
  }
  queue.put(batch);
  EXPECT_EQ(queue.statistics().dropped, 2U);
  const auto taken = queue.take(base::Deadline::in({}));
  ASSERT_TRUE(taken.message);
  EXPECT_EQ(taken.message->channel, std::string(600, 'c'));
}

TEST(MessageQueueTakeTest, NothingIsKeptForCallbacksInAChild) {
  // Not on the stack, where ThreadSanitizer takes their locks for those of other tests that were there
  // before.
  const auto on_heap = std::make_unique<MessageQueue>(QueueLimits{});
  const auto also_on_heap = std::make_unique<MessageQueue>(QueueLimits{});
  MessageQueue& callbacks = *on_heap;
  MessageQueue& other = *also_on_heap;
  callbacks.taken_only_here();
  const auto put = [](MessageQueue& queue) {
    MessageBatch batch;
    std::string payload = "x";
    batch.add(name("a"), {}, payload);
    queue.put(batch);
    return batch.empty() ? queue.statistics().queued : 100;
  };
  EXPECT_EQ(put(callbacks), 1U);
  EXPECT_TRUE(holds_in_child([&] { return put(callbacks) == 1 && put(other) == 1; }));
  EXPECT_EQ(put(callbacks), 2U);
}

TEST(MessageQueueTakeTest, RefusalsThatNobodyTakesAreFew) {
  MessageQueue queue{{}};
  constexpr std::size_t refusals = 5000;  // once with each of that many connections
  for (std::size_t i = 0; i < refusals; ++i) {
    queue.refuse({.code = ErrorCode::authentication, .message = "NOPERM", .server = {}, .command = {}});
  }
  std::size_t taken = 0;
  while (queue.take_refusal()) {
    ++taken;
  }
  EXPECT_GT(taken, 0U);
  EXPECT_LE(taken, 1000U);
}

TEST(MessageQueueTakeTest, IsFullUntilHalfOfItIsTaken) {
  MessageQueue queue{{.messages = 4, .bytes = 1000, .when_full = WhenFull::wait}};
  MessageBatch batch;
  std::string payload = "x";
  const auto put = [&] {
    for (int i = 0; i < 100; ++i) {
      batch.add(name("a"), {}, payload);
    }
    queue.put(batch);
  };
  put();
  EXPECT_TRUE(queue.full());
  put();
  auto taken = queue.take(base::Deadline::in({}));
  EXPECT_FALSE(taken.relieved) << "there is as much again";
  for (int i = 1; i < 100; ++i) {
    EXPECT_FALSE(queue.take(base::Deadline::in({})).relieved);
  }
  EXPECT_TRUE(queue.take(base::Deadline::in({})).relieved);
  EXPECT_FALSE(queue.full());
}

}  // namespace
}  // namespace rediscache::test
