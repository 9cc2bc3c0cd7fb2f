// Signing in with credentials that somebody is asked for at each connect.
#include <atomic>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CredentialsTest : public ::testing::Test {
 protected:
  [[nodiscard]] Options options(CredentialsProvider credentials) const {
    Options options = patient_options(server_.unix_url());
    options.credentials = std::move(credentials);
    options.breaker.failures = 0;
    return options;
  }
  void set_password(const std::string& password) {
    admin_.run({"ACL", "SETUSER", "shop", "on", "resetpass", ">" + password, "~*", "+@all"});
  }

  RedisServer server_{
      {.tcp = false, .config = {"user shop on >first ~* +@all", "user default on nopass ~* +@all"}}};
  RawClient admin_{server_.connect()};
};

TEST_F(CredentialsTest, AreAskedForAtEachConnect) {
  std::atomic<int> asked{0};
  RedisCache cache{options([&] {
    ++asked;
    return Credentials{.username = "shop", .password = "first"};
  })};
  EXPECT_EQ(asked, 0) << "nothing has connected yet";
  EXPECT_EQ(cache.execute("ACL", "WHOAMI").value().as_text(), "shop");
  cache.set("k", 1);
  EXPECT_EQ(asked, 1);
  admin_.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_EQ(cache.get<int>("k"), 1);
  EXPECT_EQ(asked, 2);
}

TEST_F(CredentialsTest, MayChangeWhileTheServiceRuns) {
  std::string current = "first";
  RedisCache cache{options([&] { return Credentials{.username = "shop", .password = current}; })};
  cache.set("k", 1);
  set_password("second");
  admin_.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  const auto error = thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("WRONGPASS"));
  EXPECT_THAT(error->what(), Not(HasSubstr("first")));
  current = "second";
  EXPECT_EQ(cache.get<int>("k"), 1);
}

TEST_F(CredentialsTest, BeatThoseInTheUrlAndInTheOptions) {
  Options own = options([] { return Credentials{.username = "shop", .password = "first"}; });
  own.location = {"unix://nobody:nothing@" + server_.unix_address().path};
  own.username = "somebody";
  own.password = "something";
  RedisCache cache{own};
  EXPECT_EQ(cache.execute("ACL", "WHOAMI").value().as_text(), "shop");
}

TEST_F(CredentialsTest, EmptyOnesSignNobodyIn) {
  RedisCache cache{options([] { return Credentials{}; })};
  EXPECT_EQ(cache.execute("ACL", "WHOAMI").value().as_text(), "default");
}

TEST_F(CredentialsTest, WhatTheCallbackThrowsIsAnAuthenticationError) {
  RedisCache cache{options([]() -> Credentials { throw std::runtime_error{"the vault is sealed"}; })};
  const auto error = thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("Options::credentials threw: the vault is sealed"));
  EXPECT_FALSE(error->maybe_executed());
}

TEST_F(CredentialsTest, AnythingElseThrownIsOneToo) {
  RedisCache cache{options([]() -> Credentials { throw 7; })};
  const auto error = thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("no std::exception"));
}

TEST_F(CredentialsTest, AUserWithoutAPasswordIsRefusedBeforeItIsSent) {
  RedisCache cache{options([] { return Credentials{.username = "shop"}; })};
  const auto error = thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("a user name and no password"));
}

TEST_F(CredentialsTest, FailuresAreLoudEvenWhenIgnored) {
  Options own = options([] { return Credentials{.username = "shop", .password = "wrong"}; });
  own.ignore_exceptions = true;
  RedisCache cache{own};
  EXPECT_EQ(cache.get("k", 7), 7);
  EXPECT_EQ(cache.statistics().misconfigured, 1);
  EXPECT_THAT(cache.statistics().last_misconfigured, HasSubstr("WRONGPASS"));
  EXPECT_THAT(cache.statistics().last_misconfigured, Not(HasSubstr("wrong ")));
}

TEST_F(CredentialsTest, AUserWithoutTheRightIsAnAuthenticationError) {
  admin_.run({"ACL", "SETUSER", "reader", "on", ">r", "~*", "+get", "+client"});
  RedisCache cache{options([] { return Credentials{.username = "reader", .password = "r"}; })};
  EXPECT_EQ(cache.get<int>("k"), std::nullopt);
  const auto error = thrown_by<AuthenticationError>([&] { cache.set("k", 1); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("NOPERM"));
}

}  // namespace
}  // namespace rediscache::test
