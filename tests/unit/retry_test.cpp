// Whether and when a call is sent again, and what error replies mean.
#include "proto/retry.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "proto/error_reply.hpp"

namespace rediscache::test {
namespace {

using proto::failure_of_reply;
using proto::may_retry;
using proto::retry_delay;
using proto::RetryPolicy;
using proto::says_not_now;
using std::chrono::microseconds;
using std::chrono::milliseconds;

Failure failure(ErrorCode code, bool lost, bool maybe_executed, std::string message = "x") {
  return {.code = code,
          .message = std::move(message),
          .server = {},
          .command = {},
          .connection_lost = lost,
          .maybe_executed = maybe_executed};
}

struct RetryRow {
  std::string_view what;
  Failure failure;
  bool read;
  bool idempotent;
  bool accumulating;
};

std::vector<RetryRow> rows() {
  return {
      {"lost, never written", failure(ErrorCode::connection, true, false), true, true, true},
      {"lost, perhaps executed", failure(ErrorCode::connection, true, true), true, true, false},
      {"timed out, never written", failure(ErrorCode::timeout, true, false), true, true, true},
      {"timed out, perhaps executed", failure(ErrorCode::timeout, true, true), true, true, false},
      {"could not connect", failure(ErrorCode::connection, false, false), false, false, false},
      {"connecting took too long", failure(ErrorCode::timeout, false, false), false, false, false},
      {"wrong password", failure(ErrorCode::authentication, false, false), false, false, false},
      {"wrong password, then lost", failure(ErrorCode::authentication, true, false), false, false, false},
      {"bad certificate", failure(ErrorCode::tls, true, false), false, false, false},
      {"loading", failure(ErrorCode::response, false, false, "LOADING Redis is loading"), true, true, true},
      {"read only", failure(ErrorCode::response, false, false, "READONLY You can't"), true, true, true},
      {"try again", failure(ErrorCode::response, false, false, "TRYAGAIN x"), true, true, true},
      {"cluster down", failure(ErrorCode::response, false, false, "CLUSTERDOWN x"), true, true, true},
      {"out of memory", failure(ErrorCode::response, false, false, "OOM x"), false, false, false},
      {"wrong type", failure(ErrorCode::response, false, false, "WRONGTYPE x"), false, false, false},
  };
}

TEST(Retry, IsDecidedByTheKindOfTheCommandAndTheFailure) {
  for (const RetryRow& row : rows()) {
    EXPECT_EQ(may_retry(CommandKind::read, row.failure), row.read) << row.what;
    EXPECT_EQ(may_retry(CommandKind::idempotent_write, row.failure), row.idempotent) << row.what;
    EXPECT_EQ(may_retry(CommandKind::accumulating_write, row.failure), row.accumulating) << row.what;
    EXPECT_FALSE(may_retry(CommandKind::never_again, row.failure)) << row.what;
  }
}

TEST(RetryDelay, EndsAfterAsManyRetriesAsThePolicySays) {
  const Failure lost = failure(ErrorCode::connection, true, false);
  EXPECT_TRUE(retry_delay({.max_retries = 2}, 0, lost, 0.5));
  EXPECT_TRUE(retry_delay({.max_retries = 2}, 1, lost, 0.5));
  EXPECT_FALSE(retry_delay({.max_retries = 2}, 2, lost, 0.5));
  EXPECT_FALSE(retry_delay({.max_retries = 0}, 0, lost, 0.5));
}

TEST(RetryDelay, IsNothingForALostConnectionTheFirstTimeOnly) {
  const Failure lost = failure(ErrorCode::connection, true, true);
  const Failure loading = failure(ErrorCode::response, false, false, "LOADING x");
  const RetryPolicy policy{
      .max_retries = 9, .first_delay = milliseconds{8}, .longest_delay = milliseconds{512}};
  EXPECT_EQ(retry_delay(policy, 0, lost, 0.5), microseconds{0});
  EXPECT_EQ(retry_delay(policy, 1, lost, 0.5), milliseconds{8});
  EXPECT_EQ(retry_delay(policy, 0, loading, 0.5), milliseconds{4});
}

TEST(RetryDelay, IsARandomShareOfADelayThatDoublesUpToTheLongest) {
  const Failure loading = failure(ErrorCode::response, false, false, "LOADING x");
  const RetryPolicy policy{
      .max_retries = 1000, .first_delay = milliseconds{8}, .longest_delay = milliseconds{512}};
  std::int64_t longest = 8;
  for (int retry = 0; retry < 1000; ++retry) {
    EXPECT_EQ(retry_delay(policy, retry, loading, 0.0), microseconds{0}) << retry;
    EXPECT_EQ(retry_delay(policy, retry, loading, 0.5), microseconds{longest * 500}) << retry;
    const auto most = retry_delay(policy, retry, loading, 0.999999);
    ASSERT_TRUE(most);
    EXPECT_LE(*most, milliseconds{longest}) << retry;
    EXPECT_GT(*most, milliseconds{longest} - microseconds{1000}) << retry;
    longest = std::min<std::int64_t>(longest * 2, 512);
  }
}

TEST(RetryOnStartup, IsForWhatMayPassByItselfAndWasNotExecuted) {
  using proto::may_wait_for_start;
  EXPECT_TRUE(may_wait_for_start(failure(ErrorCode::connection, false, false)));
  EXPECT_TRUE(may_wait_for_start(failure(ErrorCode::timeout, false, false)));
  EXPECT_TRUE(may_wait_for_start(failure(ErrorCode::connection, true, false)));
  EXPECT_TRUE(may_wait_for_start(failure(ErrorCode::response, false, false, "LOADING x")));
  EXPECT_FALSE(may_wait_for_start(failure(ErrorCode::connection, true, true)));
  EXPECT_FALSE(may_wait_for_start(failure(ErrorCode::response, false, false, "ERR x")));
  EXPECT_FALSE(may_wait_for_start(failure(ErrorCode::authentication, false, false)));
  EXPECT_FALSE(may_wait_for_start(failure(ErrorCode::tls, false, false)));
}

TEST(RetryOnStartup, AlwaysWaitsALittle) {
  const RetryPolicy policy{
      .max_retries = 0, .first_delay = milliseconds{8}, .longest_delay = milliseconds{64}};
  EXPECT_EQ(proto::startup_delay(policy, 0, 0.0), milliseconds{8});
  EXPECT_EQ(proto::startup_delay(policy, 3, 0.5), milliseconds{32});
  EXPECT_EQ(proto::startup_delay(policy, 1000, 0.5), milliseconds{32});
}

TEST(ErrorReply, AboutRightsIsAnAuthenticationFailure) {
  for (const std::string_view text :
       {"NOAUTH Authentication required.", "NOAUTH", "WRONGPASS invalid username-password pair",
        "NOPERM this user has no permissions", "ERR invalid password",
        "ERR Client sent AUTH, but no password is set",
        "ERR AUTH <password> called without any password configured for the default user. Are you sure?"}) {
    EXPECT_EQ(failure_of_reply(text).code, ErrorCode::authentication) << text;
  }
}

TEST(ErrorReply, OfAnyOtherKindIsAResponseFailure) {
  for (const std::string_view text : {"ERR unknown command", "NOAUTHX", "NOPERMISSION x", "WRONGTYPE x",
                                      "ERR invalid passwords", "OOM", "", "something NOAUTH"}) {
    EXPECT_EQ(failure_of_reply(text).code, ErrorCode::response) << text;
  }
}

TEST(ErrorReply, KeepsTheTextAndClaimsNothingElse) {
  const Failure failure = failure_of_reply("WRONGTYPE Operation against a key");
  EXPECT_EQ(failure.message, "WRONGTYPE Operation against a key");
  EXPECT_EQ(failure.prefix(), "WRONGTYPE");
  EXPECT_EQ(failure.command, "");
  EXPECT_EQ(failure.server, "");
  EXPECT_FALSE(failure.connection_lost);
  EXPECT_FALSE(failure.maybe_executed);
}

TEST(ErrorReply, SaysNotNowOnlyWithTheseWords) {
  for (const std::string_view word : {"LOADING", "TRYAGAIN", "CLUSTERDOWN", "READONLY", "MASTERDOWN"}) {
    EXPECT_TRUE(says_not_now(word)) << word;
    EXPECT_TRUE(says_not_now(std::string{word} + " for a while")) << word;
    EXPECT_FALSE(says_not_now(std::string{word} + "X")) << word;
    EXPECT_FALSE(says_not_now("ERR " + std::string{word})) << word;
  }
  for (const std::string_view text : {"", "OOM x", "BUSY x", "ERR x", "LOAD", "loading"}) {
    EXPECT_FALSE(says_not_now(text)) << text;
  }
}

}  // namespace
}  // namespace rediscache::test
