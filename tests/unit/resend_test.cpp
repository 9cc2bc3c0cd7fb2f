// What a server refused among many commands, and what of it is sent again.
#include "client/resend.hpp"

#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/error_reply.hpp"
#include "proto/refusals.hpp"

namespace rediscache::test {
namespace {

using client::Resend;
using proto::Refusals;
using proto::refusals_among;
using ::testing::ElementsAre;

constexpr std::string_view read_only = "READONLY You can't write against a read only replica.";

struct SentCommand {
  std::string_view name;
  CommandKind kind;
};

class ResendTest : public ::testing::Test {
 protected:
  void call(std::vector<SentCommand> commands, std::vector<Reply> replies) {
    for (const SentCommand& command : commands) {
      commands_.begin(command.name, command.kind, 0);
    }
    replies_ = std::move(replies);
  }
  [[nodiscard]] Refusals refusals() const { return refusals_among(commands_, replies_); }
  [[nodiscard]] static std::vector<std::string_view> names(const Commands& commands) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      names.push_back(commands.name(i));
    }
    return names;
  }

  Commands commands_;
  std::vector<Reply> replies_;
};

TEST_F(ResendTest, NothingIsRefusedByOtherErrors) {
  call({{"GET", CommandKind::read}}, {Reply::error("OOM command not allowed")});
  EXPECT_FALSE(refusals().any());
}

TEST_F(ResendTest, ARefusalIsFoundInEveryPlace) {
  call({{"GET", CommandKind::read}, {"SET", CommandKind::idempotent_write}},
       {Reply::text("v"), Reply::error(read_only)});
  const Refusals found = refusals();
  EXPECT_EQ(found.first, 1U);
  EXPECT_FALSE(found.all);
  EXPECT_TRUE(found.is_wrong_server);
  EXPECT_EQ(found.failure(commands_, replies_).command, "SET");
}

TEST_F(ResendTest, WhatWasExecutedIsNotSentAgainAndReadsBehindARefusalAre) {
  using enum CommandKind;
  call({{"INCR", accumulating_write},
        {"GET", read},
        {"SET", idempotent_write},
        {"MGET", read},
        {"LPUSH", accumulating_write}},
       {Reply::integer(1), Reply::text("old"), Reply::error("LOADING x"), Reply::text("old"),
        Reply::error("LOADING x")});
  Resend resend{commands_, replies_};
  ASSERT_TRUE(resend.narrow(refusals()));
  EXPECT_TRUE(resend.in_part());
  EXPECT_THAT(names(resend.commands()), ElementsAre("SET", "MGET", "LPUSH"));
  ASSERT_EQ(resend.replies().size(), 3U);
  resend.replies()[0] = Reply::status("OK");
  resend.replies()[1] = Reply::text("new");
  resend.replies()[2] = Reply::error("LOADING x");
  resend.collect();
  EXPECT_THAT(replies_, ElementsAre(Reply::integer(1), Reply::text("old"), Reply::status("OK"),
                                    Reply::text("new"), Reply::error("LOADING x")));
  ASSERT_TRUE(resend.narrow(refusals()));
  EXPECT_THAT(names(resend.commands()), ElementsAre("LPUSH"));
  resend.give_up();
  EXPECT_TRUE(replies_[4].is_unanswered());
  EXPECT_EQ(replies_[0], Reply::integer(1));
}

TEST_F(ResendTest, ATransactionThatWasDiscardedIsSentAgainWhole) {
  using enum CommandKind;
  call({{"MULTI", idempotent_write}, {"SET", idempotent_write}, {"EXEC", idempotent_write}},
       {Reply::status("OK"), Reply::error("LOADING x"),
        Reply::error("EXECABORT Transaction discarded because of previous errors.")});
  EXPECT_TRUE(refusals().all);
  EXPECT_EQ(refusals().failure(commands_, replies_).prefix(), "LOADING");
  Resend resend{commands_, replies_};
  ASSERT_TRUE(resend.narrow(refusals()));
  EXPECT_FALSE(resend.in_part());
  EXPECT_EQ(resend.commands().size(), 3U);
}

TEST_F(ResendTest, ATransactionRefusedOnlyWhenItWasToBeExecutedIsSentAgainWhole) {
  using enum CommandKind;
  call({{"MULTI", idempotent_write}, {"SET", idempotent_write}, {"EXEC", idempotent_write}},
       {Reply::status("OK"), Reply::status("QUEUED"),
        Reply::error("EXECABORT Transaction discarded because of: READONLY You can't write")});
  EXPECT_TRUE(refusals().all);
  EXPECT_TRUE(refusals().is_wrong_server);
  EXPECT_EQ(refusals().failure(commands_, replies_).prefix(), "READONLY");
}

TEST_F(ResendTest, WhatBecameNoTransactionIsNotSentAgain) {
  using enum CommandKind;
  call({{"MULTI", idempotent_write},
        {"SET", idempotent_write},
        {"SET", idempotent_write},
        {"EXEC", idempotent_write}},
       {Reply::error("NOPERM x"), Reply::status("OK"), Reply::error("LOADING x"),
        Reply::error("ERR EXEC without MULTI")});
  EXPECT_FALSE(refusals().all);
  Resend resend{commands_, replies_};
  EXPECT_FALSE(resend.narrow(refusals()));
}

TEST_F(ResendTest, WhatFoundNothingToChangeIsPresumedDone) {
  commands_.begin("DEL", CommandKind::idempotent_write, 0).changes_at_most(3);
  commands_.begin("DEL", CommandKind::idempotent_write, 0).changes_at_most(3);
  commands_.begin("EVAL", CommandKind::idempotent_write, 0).changes_at_most(1);
  commands_.begin("TOUCH", CommandKind::idempotent_write, 0);
  replies_ = {Reply::integer(0), Reply::integer(2), Reply{}, Reply::integer(0)};
  EXPECT_EQ(client::presume_done(commands_, replies_), 2U);
  EXPECT_THAT(replies_,
              ElementsAre(Reply::integer(3), Reply::integer(2), Reply::integer(1), Reply::integer(0)));
}

TEST(InnermostError, IsTheOneThatAScriptOrATransactionWraps) {
  using proto::innermost_error;
  EXPECT_EQ(innermost_error("ERR Error running script (call to f_6b1bf486c81ceb7edf3c093f4c48582e38c0e791): "
                            "@user_script:1: @user_script: 1: -READONLY You can't write against a read only "
                            "replica. "),
            "READONLY You can't write against a read only replica.");
  EXPECT_EQ(innermost_error("@user_script: 12: -OOM command not allowed"), "OOM command not allowed");
  EXPECT_EQ(innermost_error("EXECABORT Transaction discarded because of: MASTERDOWN Link is down"),
            "MASTERDOWN Link is down");
  for (const std::string_view plain :
       {"READONLY You can't write", "ERR x @user_script: 1: -READONLY x", "ERR Error running script x",
        "ERR Error running script (call to f_1): @user_script:1: user text", "@user_script: 1: -lower case",
        "@user_script: : -READONLY x", "@user_script: 1", ""}) {
    EXPECT_EQ(innermost_error(plain), plain);
  }
}

TEST(WrongServer, IsSaidInSeveralWays) {
  using proto::says_wrong_server;
  EXPECT_TRUE(says_wrong_server("READONLY You can't write against a read only replica."));
  EXPECT_TRUE(
      says_wrong_server("READONLY You can't write against a read only replica. script: f_1, on "
                        "@user_script:1."));
  EXPECT_TRUE(says_wrong_server("MASTERDOWN Link with MASTER is down"));
  EXPECT_TRUE(
      says_wrong_server("ERR Transaction contains write commands but instance is now a read-only "
                        "slave. EXEC aborted."));
  EXPECT_TRUE(says_wrong_server("@user_script: 1: -MASTERDOWN Link"));
  EXPECT_FALSE(says_wrong_server("LOADING Redis is loading"));
  EXPECT_FALSE(says_wrong_server("ERR READONLY"));
}

}  // namespace
}  // namespace rediscache::test
