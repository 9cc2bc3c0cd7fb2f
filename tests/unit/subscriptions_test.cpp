// The protocol of subscriptions, without a connection.
#include "proto/subscriptions.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using proto::Subscriptions;
using proto::Topic;
using proto::TopicView;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = Topic::Kind;
using Event = Subscriptions::Event;

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
}
std::string command(std::string_view name, std::string_view topic) {
  return "*2\r\n" + bulk(name) + bulk(topic);
}
std::string answer(std::string_view name, std::string_view topic, int count) {
  return "*3\r\n" + bulk(name) + bulk(topic) + ":" + std::to_string(count) + "\r\n";
}
std::string message(std::string_view channel, std::string_view payload) {
  return "*3\r\n" + bulk("message") + bulk(channel) + bulk(payload);
}

class SubscriptionsTest : public ::testing::Test {
 protected:
  /// What is to be sent, as if it were.
  std::string sent() {
    std::string all;
    while (!machine_->output().empty()) {  // in two parts, for the connection need not take all at once
      const std::size_t part = (machine_->output().size() + 1) / 2;
      all += machine_->output().substr(0, part);
      machine_->wrote(part);
    }
    return all;
  }
  /// Takes what a server says, and gives what came of it.
  std::vector<std::string> hear(std::string_view bytes) {
    const std::span<char> space = machine_->space();
    EXPECT_GE(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), bytes.size());
    machine_->received(bytes.size(), now_);
    std::vector<std::string> events;
    while (true) {
      const Event event = machine_->next();
      switch (event.kind) {
        case Event::Kind::nothing:
          return events;
        case Event::Kind::message:
          events.push_back(std::to_string(event.id) + " " + std::string{event.channel} + "=" +
                           std::string{event.payload});
          break;
        case Event::Kind::confirmed:
          events.push_back("confirmed " + std::to_string(event.id));
          break;
        case Event::Kind::refused:
          events.push_back("refused " + std::to_string(event.id) + " " + machine_->failure().message);
          break;
        case Event::Kind::restored:
          events.emplace_back("restored");
          break;
        case Event::Kind::broken:
          events.push_back("broken " + machine_->failure().message);
          return events;
      }
    }
  }
  void want(Kind kind, const std::string& name, Subscriptions::Id id) {
    machine_->want({kind, name}, id, now_);
  }
  void connect_confirmed(const std::string& name, Subscriptions::Id id) {
    want(Kind::channel, name, id);
    machine_->connected(now_);
    sent();
    hear(answer("subscribe", name, 1));
  }

  static constexpr proto::SubscriptionPace pace{.first_pause = milliseconds{10},
                                                .longest_pause = milliseconds{40},
                                                .quiet_time = milliseconds{1000},
                                                .answer_time = milliseconds{500}};
  Subscriptions::Time now_{std::chrono::hours{1}};
  std::optional<Subscriptions> machine_{std::in_place, std::size_t{1} << 20U, pace};
};

TEST_F(SubscriptionsTest, SaysWhatItWantsOnceConnected) {
  want(Kind::channel, "a", 0);
  want(Kind::pattern, "b*", 1);
  want(Kind::shard_channel, "c", 2);
  EXPECT_EQ(sent(), "");
  machine_->connected(now_);
  const std::string all = sent();
  EXPECT_THAT(all, HasSubstr(command("SUBSCRIBE", "a")));
  EXPECT_THAT(all, HasSubstr(command("PSUBSCRIBE", "b*")));
  EXPECT_THAT(all, HasSubstr(command("SSUBSCRIBE", "c")));
  want(Kind::channel, "d", 3);
  EXPECT_EQ(sent(), command("SUBSCRIBE", "d")) << "later ones at once";
}

const std::string& conversation() {
  static const std::string bytes = answer("subscribe", "a", 1) + message("a", "one") +
                                   answer("psubscribe", "b*", 2) + "*4\r\n" + bulk("pmessage") + bulk("b*") +
                                   bulk("bee") + bulk("") + message("a", std::string(3000, 'x')) +
                                   message("a", "\r\n*3\r\n$7\r\nmessage");
  return bytes;
}

TEST_F(SubscriptionsTest, ReadsTheSameWhereverItIsCut) {
  const std::vector<std::string> expected{"confirmed 0",
                                          "0 a=one",
                                          "confirmed 1",
                                          "1 bee=",
                                          "0 a=" + std::string(3000, 'x'),
                                          "0 a=\r\n*3\r\n$7\r\nmessage"};
  for (std::size_t cut = 0; cut <= conversation().size(); ++cut) {
    machine_.emplace(std::size_t{1} << 20U, pace);
    want(Kind::channel, "a", 0);
    machine_->connected(now_);
    want(Kind::pattern, "b*", 1);
    sent();
    std::vector<std::string> events = hear(std::string_view{conversation()}.substr(0, cut));
    for (std::string& event : hear(std::string_view{conversation()}.substr(cut))) {
      events.push_back(std::move(event));
    }
    ASSERT_EQ(events, expected) << "cut at " << cut;
  }
}

TEST_F(SubscriptionsTest, StartsAgainWhereverItIsLost) {
  for (std::size_t cut = 0; cut <= conversation().size(); ++cut) {
    machine_.emplace(std::size_t{1} << 20U, pace);
    want(Kind::channel, "a", 0);
    machine_->connected(now_);
    want(Kind::pattern, "b*", 1);
    sent();
    hear(std::string_view{conversation()}.substr(0, cut));
    const std::size_t had = machine_->confirmed();
    EXPECT_EQ(machine_->lost(now_, 0).size(), had)
        << "what had been confirmed is missing now; cut at " << cut;
    EXPECT_EQ(machine_->confirmed(), 0U);
    machine_->connected(now_);
    const std::string all = sent();
    ASSERT_EQ(all.size(), (command("SUBSCRIBE", "a") + command("PSUBSCRIBE", "b*")).size());
    const std::string a = answer("subscribe", "a", 1);  // the order is the machine's own
    const std::string b = answer("psubscribe", "b*", 1);
    const auto events = hear(all.starts_with(command("SUBSCRIBE", "a")) ? a + b : b + a);
    EXPECT_EQ(std::ranges::count(events, "restored"), had > 0 ? 1 : 0) << "cut at " << cut;
    EXPECT_EQ(machine_->confirmed(), 2U);
    EXPECT_THAT(hear(message("a", "again")), ElementsAre("0 a=again"));
  }
}

TEST_F(SubscriptionsTest, IsRestoredWhenAllThatWasConfirmedIsAgain) {
  connect_confirmed("a", 0);
  want(Kind::channel, "b", 1);
  sent();
  hear(answer("subscribe", "b", 2));
  EXPECT_EQ(machine_->lost(now_, 0).size(), 2U);
  EXPECT_EQ(machine_->lost(now_, 0).size(), 2U) << "still missing after a second time";
  machine_->connected(now_);
  const bool a_first = sent().starts_with(command("SUBSCRIBE", "a"));
  const std::string first = a_first ? "a" : "b";
  const std::string second = a_first ? "b" : "a";
  EXPECT_THAT(hear(answer("subscribe", first, 1)),
              ElementsAre("confirmed " + std::string(a_first ? "0" : "1")));
  EXPECT_THAT(hear(answer("subscribe", second, 2)),
              ElementsAre("confirmed " + std::string(a_first ? "1" : "0"), "restored"));
}

TEST_F(SubscriptionsTest, AFirstConnectionRestoresNothing) {
  want(Kind::channel, "a", 0);
  EXPECT_THAT(machine_->lost(now_, 0), ElementsAre()) << "it could not be made";
  machine_->connected(now_);
  sent();
  EXPECT_THAT(hear(answer("subscribe", "a", 1)), ElementsAre("confirmed 0"));
}

TEST_F(SubscriptionsTest, WhatIsNotWantedAnyMoreIsUnsubscribedAndNotDelivered) {
  connect_confirmed("a", 0);
  machine_->unwant(TopicView{Kind::channel, "a"}, now_);
  EXPECT_EQ(sent(), command("UNSUBSCRIBE", "a"));
  EXPECT_FALSE(machine_->find(TopicView{Kind::channel, "a"}));
  EXPECT_THAT(hear(message("a", "late")), ElementsAre());
  EXPECT_THAT(hear(answer("unsubscribe", "a", 0)), ElementsAre());
  EXPECT_EQ(machine_->wanted(), 0U);
}

TEST_F(SubscriptionsTest, IsConfirmedByTheAnswerToTheLastCommandOnly) {
  connect_confirmed("a", 0);
  machine_->unwant(TopicView{Kind::channel, "a"}, now_);
  want(Kind::channel, "a", 5);
  EXPECT_EQ(sent(), command("UNSUBSCRIBE", "a") + command("SUBSCRIBE", "a"));
  EXPECT_FALSE(machine_->confirmed(TopicView{Kind::channel, "a"}));
  EXPECT_THAT(hear(answer("unsubscribe", "a", 0)), ElementsAre());
  EXPECT_FALSE(machine_->confirmed(TopicView{Kind::channel, "a"}));
  EXPECT_THAT(hear(answer("subscribe", "a", 1)), ElementsAre("confirmed 5"));
  EXPECT_TRUE(machine_->confirmed(TopicView{Kind::channel, "a"}));
}

TEST_F(SubscriptionsTest, ARefusalIsOfOneTopicAndOfOneConnection) {
  want(Kind::shard_channel, "s", 0);
  machine_->connected(now_);
  sent();
  const auto events = hear("-ERR unknown command `SSUBSCRIBE`\r\n");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_THAT(events.front(), HasSubstr("refused 0 ERR unknown command"));
  EXPECT_THAT(events.front(), HasSubstr("Redis 7"));
  EXPECT_NE(machine_->refusal(TopicView{Kind::shard_channel, "s"}), nullptr);
  want(Kind::channel, "a", 1);
  EXPECT_EQ(sent(), command("SUBSCRIBE", "a"));
  EXPECT_THAT(hear(answer("subscribe", "a", 1)), ElementsAre("confirmed 1"));
  machine_->lost(now_, 0);
  machine_->connected(now_);
  EXPECT_THAT(sent(), HasSubstr(command("SSUBSCRIBE", "s"))) << "another server may take it";
}

TEST_F(SubscriptionsTest, WhatIsConfirmedAfterARefusalWasMissingMeanwhile) {
  connect_confirmed("a", 0);
  EXPECT_THAT(machine_->lost(now_, 0), ElementsAre(0));
  machine_->connected(now_);
  sent();
  EXPECT_THAT(hear("-NOPERM no\r\n"), ElementsAre("refused 0 NOPERM no", "restored"));
  EXPECT_THAT(machine_->lost(now_, 0), ElementsAre(0)) << "it still is";
  machine_->connected(now_);
  sent();
  EXPECT_THAT(hear(answer("subscribe", "a", 1)), ElementsAre("confirmed 0", "restored"));
  EXPECT_THAT(machine_->lost(now_, 0), ElementsAre(0));
}

TEST_F(SubscriptionsTest, ErrorsThatPassAndThoseNobodyAskedForEndTheConnection) {
  want(Kind::channel, "a", 0);
  machine_->connected(now_);
  EXPECT_THAT(hear("-LOADING Redis is loading\r\n"), ElementsAre(HasSubstr("broken LOADING")));
  machine_->lost(now_, 0);
  connect_confirmed("b", 1);
}

TEST_F(SubscriptionsTest, NonsenseEndsTheConnection) {
  const std::string large = "*3\r\n" + bulk("message") + bulk("a") + "$2000000\r\n";
  for (const std::string& bytes :
       {std::string{"+OK\r\n"}, std::string{"$1\r\na\r\n"}, std::string{"*9\r\n"}, std::string{"*0\r\n"},
        std::string{"*3\r\n+a\r\n"}, std::string{"*2\r\n$-2\r\n"}, std::string{"*2\r\n:1x\r\n"},
        std::string{"*1\r\n$1\r\nabc"}, "*" + std::string(40, '1'), large, answer("subscribe", "other", 1),
        answer("sunsubscribe", "a", 0), "*3\r\n" + bulk("message") + bulk("a") + "$-1\r\n"}) {
    machine_.emplace(std::size_t{1} << 20U, pace);
    want(Kind::channel, "a", 0);
    machine_->connected(now_);
    sent();
    const auto events = hear(bytes);
    ASSERT_EQ(events.size(), 1U) << bytes;
    EXPECT_THAT(events.front(), HasSubstr("broken")) << bytes;
  }
}

TEST_F(SubscriptionsTest, AQuietServerIsAskedAndASilentOneIsDead) {
  connect_confirmed("a", 0);
  now_ = machine_->due();
  EXPECT_FALSE(machine_->tick(now_ - milliseconds{1}));
  EXPECT_EQ(sent(), "");
  EXPECT_FALSE(machine_->tick(now_));
  EXPECT_EQ(sent(), "*1\r\n$4\r\nPING\r\n");
  EXPECT_THAT(hear("*2\r\n" + bulk("pong") + bulk("")), ElementsAre());
  EXPECT_EQ(machine_->due(), now_ + pace.quiet_time);
  now_ = machine_->due();
  EXPECT_FALSE(machine_->tick(now_));
  now_ = machine_->due();
  EXPECT_TRUE(machine_->tick(now_)) << "nothing came";
}

TEST_F(SubscriptionsTest, ARefusedPingIsASignOfLifeToo) {
  connect_confirmed("a", 0);
  now_ = machine_->due();
  EXPECT_FALSE(machine_->tick(now_));
  EXPECT_THAT(hear("-NOPERM this user has no permissions to run the 'ping' command\r\n"), ElementsAre());
  EXPECT_EQ(machine_->due(), now_ + pace.quiet_time);
  EXPECT_THAT(hear(message("a", "x")), ElementsAre("0 a=x"));
  now_ = machine_->due();
  EXPECT_FALSE(machine_->tick(now_));
  EXPECT_THAT(hear("-LOADING Redis is loading\r\n"), ElementsAre(HasSubstr("broken LOADING")));
}

TEST_F(SubscriptionsTest, AMessageIsASignOfLifeToo) {
  connect_confirmed("a", 0);
  now_ = machine_->due();
  EXPECT_FALSE(machine_->tick(now_));
  now_ += milliseconds{499};
  hear(message("a", "x"));
  now_ += milliseconds{499};
  EXPECT_FALSE(machine_->tick(now_));
}

TEST_F(SubscriptionsTest, ASubscriptionThatIsNotAnsweredIsASilentServer) {
  want(Kind::channel, "a", 0);
  machine_->connected(now_);
  now_ += pace.answer_time;
  EXPECT_TRUE(machine_->tick(now_));
}

TEST_F(SubscriptionsTest, PausesGrowUntilAServerAnswers) {
  want(Kind::channel, "a", 0);
  const auto pause = [&](double random) {
    machine_->lost(now_, random);
    return machine_->due() - now_;
  };
  EXPECT_EQ(pause(0), milliseconds{5});
  EXPECT_EQ(pause(0), milliseconds{10});
  EXPECT_EQ(pause(0.5), milliseconds{30});
  EXPECT_EQ(pause(0), milliseconds{20}) << "no longer than longest_pause";
  machine_->connected(now_);
  EXPECT_EQ(pause(0), milliseconds{20}) << "it connected, and said nothing";
  machine_->connected(now_);
  sent();
  hear(answer("subscribe", "a", 1));
  EXPECT_EQ(pause(0), milliseconds{5});
}

}  // namespace
}  // namespace rediscache::test
