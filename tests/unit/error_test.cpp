// Error classes and failures.
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/version.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using ::testing::HasSubstr;

Failure failure(ErrorCode code, std::string message) {
  return {.code = code, .message = std::move(message), .server = {}, .command = {}};
}

TEST(ErrorCodes, AreSpeltAsTheirNames) {
  const std::vector<std::pair<ErrorCode, std::string_view>> names{
      {ErrorCode::connection, "connection"},
      {ErrorCode::timeout, "timeout"},
      {ErrorCode::authentication, "authentication"},
      {ErrorCode::tls, "tls"},
      {ErrorCode::response, "response"},
      {ErrorCode::key_not_found, "key_not_found"},
      {ErrorCode::not_an_integer, "not_an_integer"},
      {ErrorCode::wrong_type, "wrong_type"},
      {ErrorCode::encode, "encode"},
      {ErrorCode::decode, "decode"},
      {ErrorCode::invalid_options, "invalid_options"},
      {ErrorCode::invalid_argument, "invalid_argument"},
      {ErrorCode::omitted, "omitted"}};
  for (const auto& [code, name] : names) {
    EXPECT_EQ(to_string(code), name);
  }
}

TEST(Failures, HaveATextThatBeginsWithTheTypeOfTheError) {
  EXPECT_EQ(failure(ErrorCode::connection, "reset").text(), "Redis ConnectionError: reset");
  EXPECT_EQ(failure(ErrorCode::timeout, "late").text(), "Redis TimeoutError: late");
  EXPECT_EQ(failure(ErrorCode::authentication, "no").text(), "Redis AuthenticationError: no");
  EXPECT_EQ(failure(ErrorCode::tls, "expired").text(), "Redis TlsError: expired");
  EXPECT_EQ(failure(ErrorCode::response, "OOM x").text(), "Redis ResponseError: OOM x");
}

TEST(Failures, TellCommandAndServerWhereKnown) {
  Failure known = failure(ErrorCode::timeout, "late");
  known.command = "GET";
  EXPECT_EQ(known.text(), "Redis TimeoutError: late (GET)");
  known.server = "127.0.0.1:6379";
  EXPECT_EQ(known.text(), "Redis TimeoutError: late (GET on 127.0.0.1:6379)");
  known.command.clear();
  EXPECT_EQ(known.text(), "Redis TimeoutError: late (server 127.0.0.1:6379)");
}

TEST(Failures, RaiseTheErrorThatBelongsToTheirCode) {
  EXPECT_THROW(failure(ErrorCode::connection, "x").raise(), ConnectionError);
  EXPECT_THROW(failure(ErrorCode::timeout, "x").raise(), TimeoutError);
  EXPECT_THROW(failure(ErrorCode::authentication, "x").raise(), AuthenticationError);
  EXPECT_THROW(failure(ErrorCode::tls, "x").raise(), TlsError);
  EXPECT_THROW(failure(ErrorCode::response, "x").raise(), ResponseError);
}

TEST(Failures, AllRaiseConnectionInterruptedWithTheirCode) {
  for (const ErrorCode code : {ErrorCode::connection, ErrorCode::timeout, ErrorCode::authentication,
                               ErrorCode::tls, ErrorCode::response}) {
    const auto error = thrown_by<ConnectionInterrupted>([&] { failure(code, "x").raise(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), code);
  }
}

TEST(Failures, PrefixIsTheFirstWordOfAnErrorReply) {
  EXPECT_EQ(failure(ErrorCode::response, "WRONGTYPE Operation against").prefix(), "WRONGTYPE");
  EXPECT_EQ(failure(ErrorCode::response, "OOM").prefix(), "OOM");
  EXPECT_EQ(failure(ErrorCode::response, "A_1 x").prefix(), "A_1");
  EXPECT_EQ(failure(ErrorCode::authentication, "NOPERM no").prefix(), "NOPERM");
}

TEST(Failures, HaveNoPrefixWhereNoWordOfTheServerIs) {
  EXPECT_EQ(failure(ErrorCode::response, "the server's reply is").prefix(), "");
  EXPECT_EQ(failure(ErrorCode::response, "Err x").prefix(), "");
  EXPECT_EQ(failure(ErrorCode::response, "").prefix(), "");
  EXPECT_EQ(failure(ErrorCode::response, " ERR").prefix(), "");
  EXPECT_EQ(failure(ErrorCode::connection, "ERR x").prefix(), "");
  EXPECT_EQ(failure(ErrorCode::timeout, "OOM x").prefix(), "");
  EXPECT_EQ(failure(ErrorCode::tls, "OOM x").prefix(), "");
}

TEST(Failures, ThatTryingAgainWillNotMendAreMisconfigured) {
  for (const std::string_view text :
       {"WRONGTYPE Operation against a key", "ERR unknown command 'UNLINK'", "ERR syntax error",
        "NOSCRIPT No matching script", "MOVED 1 127.0.0.1:7000", "something else"}) {
    EXPECT_TRUE(failure(ErrorCode::response, std::string{text}).misconfigured()) << text;
  }
  EXPECT_TRUE(failure(ErrorCode::authentication, "WRONGPASS x").misconfigured());
  EXPECT_TRUE(failure(ErrorCode::authentication, "NOPERM x").misconfigured());
  EXPECT_TRUE(failure(ErrorCode::authentication, "NOAUTH x").misconfigured());
  EXPECT_TRUE(failure(ErrorCode::tls, "certificate verify failed").misconfigured());
}

TEST(Failures, ThatPassByThemselvesAreNotMisconfigured) {
  for (const std::string_view word : {"LOADING", "OOM", "BUSY", "READONLY", "MASTERDOWN", "MISCONF",
                                      "NOREPLICAS", "TRYAGAIN", "CLUSTERDOWN", "UNKILLABLE"}) {
    EXPECT_FALSE(failure(ErrorCode::response, std::string{word} + " for now").misconfigured()) << word;
    EXPECT_FALSE(failure(ErrorCode::response, std::string{word}).misconfigured()) << word;
    EXPECT_TRUE(failure(ErrorCode::response, std::string{word} + "X y").misconfigured()) << word;
  }
  EXPECT_FALSE(failure(ErrorCode::connection, "refused").misconfigured());
  EXPECT_FALSE(failure(ErrorCode::timeout, "late").misconfigured());
}

TEST(ConnectionInterruptedError, TellsAllThatTheFailureKnew) {
  const ResponseError error{Failure{.code = ErrorCode::response,
                                    .message = "OOM command not allowed",
                                    .server = "unix:/run/r.sock",
                                    .command = "SET",
                                    .connection_lost = true,
                                    .maybe_executed = true}};
  EXPECT_STREQ(error.what(), "Redis ResponseError: OOM command not allowed (SET on unix:/run/r.sock)");
  EXPECT_EQ(error.cause(), "OOM command not allowed");
  EXPECT_EQ(error.server(), "unix:/run/r.sock");
  EXPECT_EQ(error.command(), "SET");
  EXPECT_EQ(error.prefix(), "OOM");
  EXPECT_TRUE(error.connection_lost());
  EXPECT_TRUE(error.maybe_executed());
  EXPECT_EQ(error.failure().message, "OOM command not allowed");
  EXPECT_FALSE(ConnectionError{Failure{}}.connection_lost());
  EXPECT_FALSE(ConnectionError{Failure{}}.maybe_executed());
}

TEST(Errors, CopyWithoutThrowingAndKeepWhatTheySay) {
  static_assert(std::is_nothrow_copy_constructible_v<KeyNotFound>);
  static_assert(std::is_nothrow_copy_constructible_v<TimeoutError>);
  static_assert(std::is_nothrow_copy_assignable_v<TimeoutError>);
  auto original = std::make_unique<DecodeError>("some key", "not JSON");
  const DecodeError copy = *original;
  original.reset();
  EXPECT_EQ(copy.key(), "some key");
  EXPECT_EQ(copy.code(), ErrorCode::decode);
  EXPECT_STREQ(copy.what(), "key \"some key\": not JSON");

  TimeoutError assigned{Failure{}};
  assigned = TimeoutError{failure(ErrorCode::timeout, "late")};
  EXPECT_EQ(assigned.cause(), "late");
  EXPECT_EQ(assigned.code(), ErrorCode::timeout);
}

TEST(KeyErrors, NameTheKeyPrintableAndCutAndKeepItWhole) {
  const std::string key = std::string(70, 'k') + '\n';
  const KeyNotFound error{key};
  EXPECT_EQ(error.key(), key);
  EXPECT_EQ(std::string{error.what()}, "key \"" + std::string(64, 'k') + "\"... (71 bytes): not found");
  EXPECT_THAT(KeyNotFound{"a\nb"}.what(), HasSubstr(R"("a\x0ab")"));
}

TEST(Errors, HaveTheCodesOfTheirKind) {
  EXPECT_EQ(KeyNotFound{"k"}.code(), ErrorCode::key_not_found);
  EXPECT_EQ((NotAnInteger{"k", "m"}.code()), ErrorCode::not_an_integer);
  EXPECT_EQ((DecodeError{"k", "m"}.code()), ErrorCode::decode);
  EXPECT_EQ((EncodeError{"k", "m"}.code()), ErrorCode::encode);
  EXPECT_EQ(ValueError{"m"}.code(), ErrorCode::wrong_type);
  EXPECT_EQ(InvalidOptions{"m"}.code(), ErrorCode::invalid_options);
  EXPECT_EQ(InvalidArgument{"m"}.code(), ErrorCode::invalid_argument);
  EXPECT_EQ(OmittedError{"m"}.code(), ErrorCode::omitted);
  EXPECT_STREQ(InvalidOptions{"m"}.what(), "m");
}

TEST(Errors, OfOurOwnProcessAreNoConnectionInterrupted) {
  static_assert(!std::is_base_of_v<ConnectionInterrupted, KeyError>);
  static_assert(!std::is_base_of_v<ConnectionInterrupted, ValueError>);
  static_assert(!std::is_base_of_v<ConnectionInterrupted, InvalidOptions>);
  static_assert(std::is_base_of_v<std::runtime_error, Error>);
  EXPECT_THROW(throw InvalidOptions{"m"}, Error);
  EXPECT_THROW(throw KeyNotFound{"k"}, KeyError);
}

TEST(Version, IsTheOneOfTheHeaders) {
  EXPECT_EQ(version(), std::to_string(REDISCACHE_VERSION_MAJOR) + "." +
                           std::to_string(REDISCACHE_VERSION_MINOR) + "." +
                           std::to_string(REDISCACHE_VERSION_PATCH));
}

}  // namespace
}  // namespace rediscache::test
