// A shared connection with as many calls in flight as it holds.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/shared_call.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using net::Gate;
using net::SharedConnection;
using net::SharedRoles;
using ::testing::HasSubstr;

/// Answers a first command, then reads as many as fit, answers them when it is told to, and one more at once.
Script answering_late() {
  Script script;
  script.expect_command().send("+first\r\n");
  std::string replies;
  for (std::size_t i = 0; i < SharedRoles::capacity; ++i) {
    script.expect_command();
    replies += "+left\r\n";
  }
  return script.pause().send(replies).expect_command().send("+own\r\n");
}

class SharedFullTest : public ::testing::Test {
 protected:
  SharedFullTest() {
    auto settings = settings_for(server_);
    settings.call_patience = 1h;  // the connection is not given up meanwhile
    settings.shared_yields = 0;
    settings.shared_depth = 1 << 20;
    gate_.emplace(std::move(settings));
    connection_.emplace(*gate_, crowd_);
  }

  /// Sends as many calls as fit, and leaves each at once: their replies are still due.
  void fill() {
    Reply first;
    ASSERT_FALSE(get(*connection_, "first", first)) << "it connects";
    for (std::size_t i = 0; i < SharedRoles::capacity; ++i) {
      // A writer without time closes a connection whose socket is full.
      ASSERT_TRUE(i % 256 != 0 || has_read(server_, i + 1));
      Reply reply;
      const auto failure = get(*connection_, "left", reply, base::Deadline::in(1us));
      ASSERT_TRUE(failure);
      ASSERT_EQ(failure->code, ErrorCode::timeout) << failure->message;
    }
    ASSERT_EQ(connection_->in_flight(), SharedRoles::capacity);
  }

  ScriptedServer server_{Transport::local, {answering_late()}};
  std::optional<Gate> gate_;
  const net::Crowd crowd_;
  std::optional<SharedConnection> connection_;
};

TEST_F(SharedFullTest, TellsOneCallTooManyThatItWasNotSent) {
  fill();
  Reply reply;
  const auto failure = get(*connection_, "too many", reply);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::connection);
  EXPECT_THAT(failure->message, HasSubstr("too many calls are in flight"));
  EXPECT_FALSE(failure->maybe_executed);
  EXPECT_FALSE(failure->connection_lost);
  EXPECT_EQ(connection_->lost(), 0U);
}

TEST_F(SharedFullTest, TellsEachOfManyCallersAndLosesNone) {
  fill();
  std::vector<std::unique_ptr<SharedCall>> calls;
  for (int i = 0; i < 16; ++i) {
    calls.push_back(std::make_unique<SharedCall>(*connection_, "too many"));
  }
  for (const auto& call : calls) {
    EXPECT_EQ(call->outcome(), "connection");
  }
  EXPECT_EQ(connection_->in_flight(), SharedRoles::capacity);
}

TEST_F(SharedFullTest, GivesCallsTheirOwnRepliesOnceThereIsRoom) {
  fill();
  server_.resume();
  Reply reply;
  ASSERT_TRUE(eventually([&] { return !get(*connection_, "own", reply); }));
  EXPECT_EQ(reply, Reply::status("own"));
  EXPECT_EQ(server_.connection_count(), 1U);
  EXPECT_EQ(connection_->in_flight(), 0U);
}

}  // namespace
}  // namespace rediscache::test
