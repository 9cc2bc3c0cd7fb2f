// How calls are divided among shards, and replies put together, without any shard.
#include "proto/shard_plan.hpp"

#include <deque>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>

#include "support/thrown.hpp"
#include "unit/bytes_of.hpp"

namespace rediscache::test {
namespace {

using proto::ShardPlan;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto reading = CommandKind::read;
constexpr auto writing = CommandKind::idempotent_write;

class ShardPlanTest : public ::testing::Test {
 protected:
  ShardPlanTest() {
    // Two keys for each of two shards.
    for (int i = 0; a_.size() < 2 || b_.size() < 2; ++i) {
      const std::string key = "k" + std::to_string(i);
      (ring_.shard_of(key) == 0 ? a_ : b_).push_back(key);
    }
  }

  /// What each shard is sent.
  std::vector<std::string> split(const ShardPlan& plan) {
    parts_.clear();
    for (std::size_t shard = 0; shard < 2; ++shard) {
      plan.split(shard, parts_.emplace_back());
    }
    return {bytes_of(parts_[0]), bytes_of(parts_[1])};
  }
  static std::vector<Reply> merge(const ShardPlan& plan, std::size_t commands, std::vector<Reply> first,
                                  std::vector<Reply> second) {
    std::vector<Reply> replies(commands);
    const std::vector<std::span<Reply>> parts{first, second};
    plan.merge(parts, replies);
    return replies;
  }
  static Reply unanswered() {
    Reply reply;
    reply.set_unanswered();
    return reply;
  }
  static Reply texts(const std::vector<std::string>& elements) {
    std::vector<Reply> replies;
    for (const std::string& element : elements) {
      replies.push_back(Reply::text(element));
    }
    return Reply::array(std::move(replies));
  }
  void mget() { commands_.begin("MGET", reading, 3).key(a_[0]).key(b_[0]).key(a_[1]); }
  [[nodiscard]] ShardPlan plan() const { return ShardPlan{commands_, ring_, 2}; }

  const std::vector<std::string> locations_{"redis://a", "redis://b"};
  const proto::HashRing ring_{locations_};
  std::vector<std::string> a_;
  std::vector<std::string> b_;
  Commands commands_;
  std::deque<Commands> parts_;
};

TEST_F(ShardPlanTest, OneKeyGoesToItsShardAsItIs) {
  commands_.begin("GET", reading, 1).key(b_[0]);
  EXPECT_EQ(plan().only_shard(), 1U);
}

TEST_F(ShardPlanTest, KeysOfOneShardGoThereTogether) {
  commands_.begin("MGET", reading, 2).key(a_[0]).key(a_[1]);
  commands_.begin("SINTER", reading, 2).key(a_[0]).key(a_[1]);
  EXPECT_EQ(plan().only_shard(), 0U);
}

TEST_F(ShardPlanTest, ALoneShardTakesEverything) {
  mget();
  commands_.begin("INFO", reading, 0);
  EXPECT_EQ((ShardPlan{commands_, ring_, 1}.only_shard()), 0U);
}

TEST_F(ShardPlanTest, MgetIsDividedAndPutTogetherInOrder) {
  mget();
  const ShardPlan plan = this->plan();
  EXPECT_EQ(plan.only_shard(), std::nullopt);
  EXPECT_THAT(split(plan), ElementsAre(wire({"MGET", a_[0], a_[1]}), wire({"MGET", b_[0]})));
  EXPECT_THAT(merge(plan, 1, {texts({"1", "3"})}, {texts({"2"})}), ElementsAre(texts({"1", "2", "3"})));
}

TEST_F(ShardPlanTest, KnowsWhereTheElementsOfEachShardBelong) {
  mget();
  EXPECT_TRUE(plan().divides_elements());
  const ShardPlan plan = this->plan();
  EXPECT_THAT(plan.element_positions(0), ElementsAre(0, 2));
  EXPECT_THAT(plan.element_positions(1), ElementsAre(1));
  mget();
  EXPECT_FALSE(this->plan().divides_elements()) << "of several commands";
  commands_.clear();
  commands_.begin("DEL", writing, 2).key(a_[0]).key(b_[0]);
  EXPECT_FALSE(this->plan().divides_elements());
}

TEST_F(ShardPlanTest, ElementsOfAShardThatDidNotAnswerAreUnanswered) {
  mget();
  const auto replies = merge(plan(), 1, {unanswered()}, {texts({"2"})});
  EXPECT_THAT(replies[0].as_array(), ElementsAre(unanswered(), Reply::text("2"), unanswered()));
  EXPECT_THAT(merge(plan(), 1, {unanswered()}, {unanswered()}), ElementsAre(unanswered()));
}

TEST_F(ShardPlanTest, AnErrorOfOneShardIsThatOfTheCommand) {
  mget();
  EXPECT_THAT(merge(plan(), 1, {texts({"1", "3"})}, {Reply::error("ERR x")}),
              ElementsAre(Reply::error("ERR x")));
}

TEST_F(ShardPlanTest, TooFewElementsAreNotMadeUp) {
  mget();
  EXPECT_THAT(merge(plan(), 1, {texts({"1"})}, {texts({"2"})})[0].as_array().size(), ::testing::Lt(3U))
      << "whoever reads it sees that it is not 3";
}

TEST_F(ShardPlanTest, CountsAddUp) {
  for (const std::string_view name : {"DEL", "UNLINK", "EXISTS", "TOUCH"}) {
    commands_.clear();
    commands_.begin(name, writing, 2).key(a_[0]).key(b_[0]);
    const ShardPlan plan = this->plan();
    EXPECT_THAT(split(plan), ElementsAre(wire({std::string{name}, a_[0]}), wire({std::string{name}, b_[0]})));
    EXPECT_THAT(merge(plan, 1, {Reply::integer(1)}, {Reply::integer(2)}), ElementsAre(Reply::integer(3)));
    EXPECT_THAT(merge(plan, 1, {Reply::integer(1)}, {unanswered()}), ElementsAre(Reply::integer(1)));
    EXPECT_THAT(merge(plan, 1, {unanswered()}, {unanswered()}), ElementsAre(unanswered()));
  }
}

TEST_F(ShardPlanTest, APipelineKeepsTheOrderOfItsReplies) {
  const std::string large(Commands::in_place_bytes, 'x');
  commands_.begin("SET", writing, 2).key(b_[0]).in_place(large);
  commands_.begin("GET", reading, 1).key(a_[0]);
  commands_.begin("SET", writing, 2).key(b_[1]).arg("y");
  const ShardPlan plan = this->plan();
  EXPECT_THAT(split(plan),
              ElementsAre(wire({"GET", a_[0]}), wire({"SET", b_[0], large}) + wire({"SET", b_[1], "y"})));
  EXPECT_THAT(merge(plan, 3, {Reply::text("a")}, {Reply::status("1"), Reply::status("2")}),
              ElementsAre(Reply::status("1"), Reply::text("a"), Reply::status("2")));
}

TEST_F(ShardPlanTest, WithoutAKeyAllAreAsked) {
  commands_.begin("FLUSHDB", writing, 0);
  commands_.begin("KEYS", reading, 1).arg("*");
  commands_.begin("dbsize", reading, 0);
  const ShardPlan plan = this->plan();
  const std::string all = wire({"FLUSHDB"}) + wire({"KEYS", "*"}) + wire({"dbsize"});
  EXPECT_THAT(split(plan), ElementsAre(all, all));
  EXPECT_THAT(merge(plan, 3, {Reply::status("OK"), texts({"a"}), Reply::integer(1)},
                    {Reply::status("OK"), texts({"b", "c"}), Reply::integer(2)}),
              ElementsAre(Reply::status("OK"), texts({"a", "b", "c"}), Reply::integer(3)));
  EXPECT_THAT(merge(plan, 3, {unanswered(), unanswered(), unanswered()},
                    {Reply::error("ERR"), texts({"b"}), Reply::integer(2)}),
              ElementsAre(Reply::error("ERR"), texts({"b"}), Reply::integer(2)));
}

TEST_F(ShardPlanTest, AScanKnowsWhereItIsOnEachShard) {
  const auto page = [](const std::string& cursor, const std::vector<std::string>& keys) {
    return Reply::array({Reply::text(cursor), texts(keys)});
  };
  const auto scan = [&](const std::string& cursor) {
    commands_.clear();
    commands_.begin("SCAN", reading, 3).arg(cursor).arg("COUNT").arg("10");
  };
  scan("0");
  EXPECT_THAT(split(plan()),
              ElementsAre(wire({"SCAN", "0", "COUNT", "10"}), wire({"SCAN", "0", "COUNT", "10"})));
  EXPECT_THAT(merge(plan(), 1, {page("7", {"a"})}, {page("0", {"b"})}), ElementsAre(page("7,-", {"a", "b"})));
  scan("7,-");
  EXPECT_THAT(split(plan()), ElementsAre(wire({"SCAN", "7", "COUNT", "10"}), ""));
  EXPECT_THAT(merge(plan(), 1, {page("0", {"c"})}, {}), ElementsAre(page("0", {"c"})));
  scan("0");
  EXPECT_THAT(merge(plan(), 1, {unanswered()}, {page("9", {"b"})}), ElementsAre(page("!,9", {"b"})));
  scan("!,9");
  EXPECT_THAT(split(plan()), ElementsAre("", wire({"SCAN", "9", "COUNT", "10"})));
  EXPECT_THAT(merge(plan(), 1, {}, {page("0", {})}), ElementsAre(page("0", {})));
  EXPECT_THAT(merge(plan(), 1, {}, {unanswered()}), ElementsAre(unanswered()));
  EXPECT_THAT(merge(plan(), 1, {}, {Reply::error("ERR")}), ElementsAre(Reply::error("ERR")));
  scan("17");
  EXPECT_THROW(split(plan()), InvalidArgument);
}

TEST_F(ShardPlanTest, WhatTakesKeysApartIsRefusedWithAdvice) {
  commands_.begin("SINTER", reading, 2).key(a_[0]).key(b_[0]);
  const auto error = thrown_by<InvalidArgument>([&] { (void)plan(); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("SINTER"));
  EXPECT_THAT(error->what(), HasSubstr("tag"));
  EXPECT_THAT(error->what(), ::testing::Not(HasSubstr(a_[0]))) << "no keys in messages";
}

TEST_F(ShardPlanTest, WhatHasNoKeyIsRefused) {
  commands_.begin("INFO", reading, 0);
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)plan(); }));
}

TEST_F(ShardPlanTest, ATransactionIsOneShards) {
  commands_.begin("MULTI", writing, 0);
  commands_.begin("SET", writing, 2).key(b_[0]).arg("1");
  commands_.begin("DEL", writing, 1).key(b_[1]);
  commands_.begin("EXEC", writing, 0);
  EXPECT_EQ(plan().only_shard(), 1U);
  commands_.clear();
  commands_.begin("MULTI", writing, 0);
  commands_.begin("SET", writing, 2).key(a_[0]).arg("1");
  commands_.begin("SET", writing, 2).key(b_[0]).arg("1");
  commands_.begin("EXEC", writing, 0);
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)plan(); }));
}

}  // namespace
}  // namespace rediscache::test
