// Operations on one entry: what is sent, and what the reply means.
#include "cache/operations/entries.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/operations/many.hpp"
#include "cache/operations/raw_command.hpp"
#include "unit/fake_link.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using cache::Condition;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Drives an operation against one answer; what it sent must be `words`.
template <class Operation>
base::Result<typename Operation::Result> run(Operation operation, Reply answer,
                                             const std::vector<std::string>& words) {
  FakeLink link;
  link.answer({std::move(answer)});
  auto result = cache::drive(link, operation);
  EXPECT_THAT(link.sent, ElementsAre(wire(words)));
  return result;
}

template <class Operation>
CommandKind kind_of(Operation operation) {
  Commands commands;
  operation.build(commands);
  return commands.strictest_kind();
}

template <class Operation>
bool answers_at_length(Operation operation) {
  Commands commands;
  operation.build(commands);
  return commands.at_length();
}

TEST(Operations, SayWhoAnswersAtLength) {
  const std::vector<std::string_view> key{"k"};
  EXPECT_TRUE(answers_at_length(cache::Keys{"*"}));
  EXPECT_TRUE(answers_at_length(cache::ScanPage{"0", "*", 10}));
  EXPECT_TRUE(answers_at_length(cache::Clear{}));
  EXPECT_TRUE(answers_at_length(cache::RawCommand{"SMEMBERS", key}));
  EXPECT_TRUE(answers_at_length(cache::RawCommand{"blpop", key}));
  EXPECT_FALSE(answers_at_length(cache::RawCommand{"SCARD", key}));
  EXPECT_FALSE(answers_at_length(cache::Get{"k"}));
  EXPECT_FALSE(answers_at_length(cache::Set{"k", "v", Timeout{never}}));
}

TEST(SetOperation, SendsTimeoutAndCondition) {
  const Reply ok = Reply::status("OK");
  EXPECT_TRUE(run(cache::Set{"k", "v", Timeout{5s}}, ok, {"SET", "k", "v", "PX", "5000"}).value());
  EXPECT_TRUE(run(cache::Set{"k", "v", Timeout{never}}, ok, {"SET", "k", "v"}).value());
  EXPECT_TRUE(
      run(cache::Set{"k", "v", Timeout{1ns}, Condition::absent}, ok, {"SET", "k", "v", "PX", "1", "NX"})
          .value());
  EXPECT_TRUE(
      run(cache::Set{"k", "", Timeout{never}, Condition::present}, ok, {"SET", "k", "", "XX"}).value());
}

TEST(SetOperation, TellsThatNothingWasStored) {
  EXPECT_FALSE(
      run(cache::Set{"k", "v", Timeout{never}, Condition::absent}, Reply{}, {"SET", "k", "v", "NX"}).value());
}

TEST(SetOperation, SendsLargeValuesFromWhereTheyAre) {
  const std::string value(Commands::in_place_bytes, 'v');
  Commands commands;
  cache::Set{"k", value, Timeout{never}}.build(commands);
  std::vector<std::string_view> pieces(8);
  pieces.resize(commands.segments(0, pieces));
  EXPECT_TRUE(
      std::any_of(pieces.begin(), pieces.end(), [&](auto piece) { return piece.data() == value.data(); }));
}

TEST(SetOperation, IsRepeatableUnlessItLooksFirst) {
  EXPECT_EQ(kind_of(cache::Set{"k", "v", Timeout{never}}), CommandKind::idempotent_write);
  EXPECT_EQ(kind_of(cache::Set{"k", "v", Timeout{never}, Condition::present}), CommandKind::idempotent_write);
  EXPECT_EQ(kind_of(cache::Set{"k", "v", Timeout{never}, Condition::absent}),
            CommandKind::accumulating_write);
}

TEST(GetOperation, GivesTheBytesOrNothing) {
  EXPECT_EQ(run(cache::Get{"k"}, Reply::text("v"), {"GET", "k"}).value(), "v");
  EXPECT_EQ(run(cache::Get{"k"}, Reply::text(""), {"GET", "k"}).value(), "");
  EXPECT_EQ(run(cache::Get{"k"}, Reply{}, {"GET", "k"}).value(), std::nullopt);
  EXPECT_EQ(kind_of(cache::Get{"k"}), CommandKind::read);
}

TEST(DeleteOperation, TellsWhetherTheKeyWasThere) {
  EXPECT_TRUE(run(cache::Delete{"k"}, Reply::integer(1), {"DEL", "k"}).value());
  EXPECT_FALSE(run(cache::Delete{"k"}, Reply::integer(0), {"DEL", "k"}).value());
  EXPECT_EQ(kind_of(cache::Delete{"k"}), CommandKind::idempotent_write);
}

TEST(ExistsOperation, TellsWhetherTheKeyIsThere) {
  EXPECT_TRUE(run(cache::Exists{"k"}, Reply::integer(1), {"EXISTS", "k"}).value());
  EXPECT_FALSE(run(cache::Exists{"k"}, Reply::integer(0), {"EXISTS", "k"}).value());
  EXPECT_FALSE(run(cache::Absent{"k"}, Reply::integer(1), {"EXISTS", "k"}).value());
  EXPECT_TRUE(run(cache::Absent{"k"}, Reply::integer(0), {"EXISTS", "k"}).value());
  EXPECT_FALSE(cache::Absent::omitted()) << "nobody knows, so not even this is true";
}

TEST(ExpireOperation, SendsMillisecondsAlsoNegativeOnes) {
  EXPECT_TRUE(run(cache::Expire{"k", 1500ms}, Reply::integer(1), {"PEXPIRE", "k", "1500"}).value());
  EXPECT_FALSE(run(cache::Expire{"k", -1ms}, Reply::integer(0), {"PEXPIRE", "k", "-1"}).value());
}

TEST(RemainingLifeOperation, TellsTheThreeStates) {
  EXPECT_EQ(run(cache::RemainingLife{"k"}, Reply::integer(393), {"PTTL", "k"}).value(), Pttl::of(393ms));
  EXPECT_EQ(run(cache::RemainingLife{"k"}, Reply::integer(0), {"PTTL", "k"}).value(), Pttl::of(0ms));
  EXPECT_EQ(run(cache::RemainingLife{"k"}, Reply::integer(-1), {"PTTL", "k"}).value(), Pttl::no_expiry());
  EXPECT_EQ(run(cache::RemainingLife{"k"}, Reply::integer(-2), {"PTTL", "k"}).value(), Pttl::missing());
  EXPECT_TRUE(cache::RemainingLife::omitted().omitted());
}

/// The failure of an operation that is answered so.
template <class Operation>
Failure failure_of(Operation operation, Reply answer) {
  FakeLink link;
  link.answer({std::move(answer)});
  auto result = cache::drive(link, operation);
  if (result) {
    ADD_FAILURE() << "did not fail";
    return {};
  }
  return result.failure();
}

TEST(Operations, FailWithTheErrorTheServerAnswersWith) {
  const Failure wrong_type = failure_of(cache::Get{"k"}, Reply::error("WRONGTYPE Operation against a key"));
  EXPECT_EQ(wrong_type.code, ErrorCode::response);
  EXPECT_EQ(wrong_type.message, "WRONGTYPE Operation against a key");
  EXPECT_EQ(wrong_type.command, "GET");
  EXPECT_EQ(wrong_type.prefix(), "WRONGTYPE");
  const Failure rights = failure_of(cache::Set{"k", "v", Timeout{never}}, Reply::error("NOPERM no"));
  EXPECT_EQ(rights.code, ErrorCode::authentication);
  EXPECT_EQ(rights.command, "SET");
  EXPECT_EQ(failure_of(cache::Delete{"k"}, Reply::error("ERR x")).command, "DEL");
  EXPECT_EQ(failure_of(cache::Exists{"k"}, Reply::error("ERR x")).command, "EXISTS");
  EXPECT_EQ(failure_of(cache::Expire{"k", 1ms}, Reply::error("ERR x")).command, "PEXPIRE");
  EXPECT_EQ(failure_of(cache::RemainingLife{"k"}, Reply::error("ERR x")).command, "PTTL");
  EXPECT_EQ(failure_of(cache::Clear{}, Reply::error("ERR x")).command, "FLUSHDB");
}

TEST(Operations, FailOnRepliesThatNoRedisServerGives) {
  const Failure get = failure_of(cache::Get{"k"}, Reply::integer(7));
  EXPECT_EQ(get.code, ErrorCode::response);
  EXPECT_EQ(get.command, "GET");
  EXPECT_THAT(get.message, HasSubstr("integer"));
  EXPECT_TRUE(get.maybe_executed);
  EXPECT_EQ(failure_of(cache::Get{"k"}, Reply::array({})).code, ErrorCode::response);
  EXPECT_EQ(failure_of(cache::Delete{"k"}, Reply::text("1")).command, "DEL");
  EXPECT_EQ(failure_of(cache::Exists{"k"}, Reply{}).command, "EXISTS");
  EXPECT_EQ(failure_of(cache::Absent{"k"}, Reply::status("OK")).command, "EXISTS");
  EXPECT_EQ(failure_of(cache::Expire{"k", 1ms}, Reply{}).command, "PEXPIRE");
  EXPECT_EQ(failure_of(cache::RemainingLife{"k"}, Reply::text("5")).command, "PTTL");
}

TEST(Operations, ThatExpectNothingButOkFailOnAnythingElse) {
  EXPECT_EQ(failure_of(cache::Set{"k", "v", Timeout{never}}, Reply::array({})).command, "SET");
  EXPECT_EQ(failure_of(cache::Set{"k", "v", Timeout{never}}, Reply::integer(0)).command, "SET");
  EXPECT_EQ(failure_of(cache::Clear{}, Reply::array({})).command, "FLUSHDB");
}

TEST(Operations, PassOnTheFailureOfTheirClient) {
  FakeLink link;
  link.fail({.code = ErrorCode::timeout,
             .message = "late",
             .server = "here",
             .command = "GET",
             .maybe_executed = true});
  cache::Get get{"k"};
  const auto result = cache::drive(link, get);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().code, ErrorCode::timeout);
  EXPECT_EQ(result.failure().message, "late");
  EXPECT_EQ(result.failure().server, "here");
  EXPECT_TRUE(result.failure().maybe_executed);
}

TEST(ClearOperation, FlushesTheDatabase) {
  EXPECT_TRUE(run(cache::Clear{}, Reply::status("OK"), {"FLUSHDB"}).value());
}

}  // namespace
}  // namespace rediscache::test
