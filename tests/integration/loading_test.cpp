// A server that still loads its data.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

constexpr const char* loading = "-LOADING Redis is loading the dataset in memory\r\n";

TEST(LoadingTest, IsWaitedFor) {
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().send(loading).expect_command().send(loading).expect_command().send(
          "$5\r\nhello\r\n")}};
  Options options = patient_options(server.url());
  options.max_retries = 2;
  RedisCache cache{options};
  EXPECT_EQ(cache.get<std::string>("k"), "hello");
  EXPECT_EQ(server.command_count(), 3);
  EXPECT_EQ(cache.statistics().client.retries, 2);
}

TEST(LoadingTest, ThatLastsTooLongIsAResponseError) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().send(loading).repeat()}};
  Options options = patient_options(server.url());
  options.max_retries = 2;
  RedisCache cache{options};
  const auto error = thrown_by<ResponseError>([&] { (void)cache.get<std::string>("k"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->prefix(), "LOADING");
  EXPECT_FALSE(error->failure().misconfigured());
  EXPECT_FALSE(error->maybe_executed());
  EXPECT_EQ(server.command_count(), 3);
}

TEST(LoadingTest, LetsEvenAnIncrBeSentAgainForNothingWasDone) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().send(loading).expect_command().send(":6\r\n")}};
  Options options = patient_options(server.url());
  options.max_retries = 2;
  RedisCache cache{options};
  EXPECT_EQ(cache.incr("k", 1, {.ignore_key_check = true}), 6);
  EXPECT_EQ(server.command_count(), 2);
}

TEST(LoadingTest, IsOmittedWhenIgnoredAndNotMisconfigured) {
  ScriptedServer server{Transport::tcp, {Script{}.expect_command().send(loading).repeat()}};
  Options options = patient_options(server.url());
  options.ignore_exceptions = true;
  RedisCache cache{options};
  EXPECT_EQ(cache.get("k", 7), 7);
  EXPECT_EQ(cache.statistics().omitted, 1);
  EXPECT_EQ(cache.statistics().misconfigured, 0);
}

TEST(LoadingTest, AsTheAnswerToSigningInIsNoSilence) {
  // What sets the connection up is refused, whichever command that is.
  ScriptedServer server{Transport::local,
                        {Script{}.expect_bytes(1).send(std::string{loading} + loading + loading)}};
  Options options = impatient_options(server.url());
  options.password = "secret";
  RedisCache cache{options};
  EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] { (void)cache.get<int>("k"); }));
}

}  // namespace
}  // namespace rediscache::test
