// What is said first on a new connection.
#include "proto/handshake.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/version.hpp>

#include "unit/bytes_of.hpp"

namespace rediscache::test {
namespace {

using proto::Handshake;
using proto::HandshakeOptions;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string name_commands = wire({"CLIENT", "SETINFO", "LIB-NAME", "rediscache"}) +
                                  wire({"CLIENT", "SETINFO", "LIB-VER", std::string{version()}});

std::string sent(const HandshakeOptions& options) {
  return bytes_of(Handshake{options}.commands());
}

/// The outcome when every command is answered with OK, but for one.
std::optional<Failure> outcome(const HandshakeOptions& options, std::size_t which, std::string_view error) {
  const Handshake handshake{options};
  std::vector<Reply> replies(handshake.commands().size(), Reply::status("OK"));
  replies.at(which) = Reply::error(error);
  return handshake.check(replies);
}

const HandshakeOptions with_all{
    .username = "bob", .password = "s3cret", .database = 7, .client_name = "shop"};

TEST(HandshakeTest, SendsOnlyTheLibrarysNameWhenNothingIsAsked) {
  EXPECT_EQ(sent({.username = {}, .password = {}, .database = 0, .client_name = {}}), name_commands);
}

TEST(HandshakeTest, SendsAPasswordAlone) {
  EXPECT_EQ(sent({.username = {}, .password = "s3cret", .database = 0, .client_name = {}}),
            wire({"AUTH", "s3cret"}) + name_commands);
}

TEST(HandshakeTest, SendsUserAndPassword) {
  EXPECT_EQ(sent({.username = "bob", .password = "s3cret", .database = 0, .client_name = {}}),
            wire({"AUTH", "bob", "s3cret"}) + name_commands);
}

TEST(HandshakeTest, SendsNoUserWithoutAPassword) {
  EXPECT_EQ(sent({.username = "bob", .password = {}, .database = 0, .client_name = {}}), name_commands);
}

TEST(HandshakeTest, SendsTheDatabaseUnlessItIsTheFirst) {
  EXPECT_EQ(sent({.username = {}, .password = {}, .database = 15, .client_name = {}}),
            wire({"SELECT", "15"}) + name_commands);
}

TEST(HandshakeTest, SendsTheClientName) {
  EXPECT_EQ(sent({.username = {}, .password = {}, .database = 0, .client_name = "shop"}),
            wire({"CLIENT", "SETNAME", "shop"}) + name_commands);
}

TEST(HandshakeTest, SendsAllInOneGoTheCredentialsFirst) {
  EXPECT_EQ(sent(with_all), wire({"AUTH", "bob", "s3cret"}) + wire({"SELECT", "7"}) +
                                wire({"CLIENT", "SETNAME", "shop"}) + name_commands);
}

TEST(HandshakeTest, SendsAnyBytesInAPassword) {
  EXPECT_EQ(sent({.username = {}, .password = "a\r\nb", .database = 0, .client_name = {}}),
            "*2\r\n$4\r\nAUTH\r\n$4\r\na\r\nb\r\n" + name_commands);
}

TEST(HandshakeTest, IsFineWhenEverythingIs) {
  const Handshake handshake{with_all};
  EXPECT_FALSE(handshake.check(std::vector<Reply>(handshake.commands().size(), Reply::status("OK"))));
}

TEST(HandshakeTest, FailsOnAWrongPasswordAndSaysWhereToLook) {
  const auto failure = outcome(with_all, 0, "WRONGPASS invalid username-password pair or user is disabled.");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::authentication);
  EXPECT_EQ(failure->command, "AUTH");
  EXPECT_THAT(failure->message, HasSubstr("WRONGPASS invalid username-password pair"));
  EXPECT_THAT(failure->message, HasSubstr("Options::password"));
  EXPECT_THAT(failure->message, Not(HasSubstr("s3cret")));
}

TEST(HandshakeTest, FailsOnTheSentencesOfOldServers) {
  for (const std::string_view sentence :
       {"ERR invalid password", "ERR Client sent AUTH, but no password is set",
        "ERR AUTH <password> called without any password configured for the default user. Are you sure "
        "your configuration is correct?"}) {
    const auto failure = outcome(with_all, 0, sentence);
    ASSERT_TRUE(failure) << sentence;
    EXPECT_EQ(failure->code, ErrorCode::authentication) << sentence;
    EXPECT_THAT(failure->message, HasSubstr(std::string{sentence}));
  }
}

TEST(HandshakeTest, FailsWhenAPasswordIsWantedAndNoneWasGiven) {
  const HandshakeOptions nothing{.username = {}, .password = {}, .database = 0, .client_name = "shop"};
  for (std::size_t which = 0; which < 3; ++which) {
    const auto failure = outcome(nothing, which, "NOAUTH Authentication required.");
    ASSERT_TRUE(failure) << which;
    EXPECT_EQ(failure->code, ErrorCode::authentication);
    EXPECT_THAT(failure->message, HasSubstr("Set Options::password"));
  }
}

TEST(HandshakeTest, FailsOnADatabaseThatIsNotThereAndNamesIt) {
  const auto failure = outcome(with_all, 1, "ERR DB index is out of range");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::response);
  EXPECT_EQ(failure->command, "SELECT");
  EXPECT_THAT(failure->message, HasSubstr("ERR DB index is out of range"));
  EXPECT_THAT(failure->message, HasSubstr("Database 7"));
}

TEST(HandshakeTest, DoesNotMindAServerThatKnowsNoNames) {
  EXPECT_FALSE(outcome(with_all, 2, "ERR Unknown subcommand or wrong number of arguments for 'SETNAME'"));
  EXPECT_FALSE(outcome(with_all, 3, "ERR Unknown subcommand or wrong number of arguments for 'SETINFO'"));
  EXPECT_FALSE(outcome(with_all, 4, "NOPERM this user has no permissions to run the 'client' command"));
}

TEST(HandshakeTest, TellsTheFirstThingThatWentWrong) {
  const Handshake handshake{with_all};
  std::vector<Reply> replies(handshake.commands().size(), Reply::error("NOAUTH Authentication required."));
  replies[0] = Reply::error("WRONGPASS no");
  const auto failure = handshake.check(replies);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->command, "AUTH");
  EXPECT_EQ(failure->prefix(), "WRONGPASS");
}

TEST(HandshakeTest, FailsWhenTheServerHasTooManyClients) {
  const auto failure = outcome({}, 0, "ERR max number of clients reached");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::response);
  EXPECT_THAT(failure->message, HasSubstr("ERR max number of clients reached"));
}

TEST(HandshakeTest, DoesNotBlameThePasswordForTooManyClients) {
  const auto failure = outcome(with_all, 0, "ERR max number of clients reached");
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, Not(HasSubstr("Options::password")));
}

TEST(HandshakeTest, NeverShowsThePasswordNotEvenWhenTheServerDoes) {
  // What a server says whose AUTH was renamed, and proxies that have none.
  const auto failure =
      outcome(with_all, 0, "ERR unknown command 'AUTH', with args beginning with: 'bob' 's3cret' ");
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("ERR unknown command"));
  EXPECT_THAT(failure->message, Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace rediscache::test
