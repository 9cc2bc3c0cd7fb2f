// Servers that accept and do not answer: every call ends by its deadline, and late replies reach nobody.
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class SilentServerTest : public ::testing::TestWithParam<Transport> {};
INSTANTIATE_TEST_SUITE_P(Each, SilentServerTest, ::testing::Values(Transport::local, Transport::tcp),
                         [](const auto& made) { return made.param == Transport::local ? "unix" : "tcp"; });

TEST_P(SilentServerTest, ThatNeverSaysAWordIsATimeoutError) {
  ScriptedServer server{GetParam(), {Script{}.stay_silent()}};
  for (const int retries : {0, 2}) {
    Options options = impatient_options(server.url());
    options.max_retries = retries;
    RedisCache cache{options};
    const auto error = thrown_by<TimeoutError>([&] { (void)cache.get<int>("k"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->server(), to_string(server.address()));
    EXPECT_TRUE(std::string{error->what()}.starts_with("Redis TimeoutError: ")) << error->what();
  }
}

TEST_P(SilentServerTest, ThatFallsSilentAfterSigningInIsATimeoutError) {
  ScriptedServer server{GetParam(), {Script{}.expect_command()}};
  RedisCache cache{impatient_options(server.url())};
  const auto error = thrown_by<TimeoutError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->command(), "GET");
  EXPECT_TRUE(error->maybe_executed());
  EXPECT_EQ(server.command_count(), 1);
}

TEST_P(SilentServerTest, EndsACallByTheSocketTimeout) {
  ScriptedServer server{GetParam(), {Script{}.expect_command()}};
  Options options = patient_options(server.url());
  options.socket_timeout = 100ms;
  RedisCache cache{options};
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache.incr("k"); }));
  EXPECT_EQ(server.command_count(), 1);
}

TEST_P(SilentServerTest, EndsACallByTheSocketTimeoutOfTheUrl) {
  ScriptedServer server{GetParam(), {Script{}.expect_command()}};
  RedisCache cache{patient_options(server.url() + "?socket_timeout=0.1")};
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache.incr("k"); }));
  ScriptedServer mute{GetParam(), {Script{}.stay_silent()}};
  RedisCache connecting{patient_options(mute.url() + "?socket_connect_timeout=0.1")};
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)connecting.incr("k"); }));
}

TEST_P(SilentServerTest, EndsACallByTheTimeoutOverAllItsTries) {
  ScriptedServer server{GetParam(), {Script{}.expect_command()}};
  Options options = patient_options(server.url());
  options.call_timeout = 100ms;
  options.max_retries = 1'000'000;
  RedisCache cache{options};
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache.get<int>("k"); }));
}

TEST_P(SilentServerTest, OfOneConnectionIsAskedAgainOverAnotherWhileThereIsTime) {
  ScriptedServer server{GetParam(),
                        {Script{}.expect_command().send("$-1\r\n").expect_command(),
                         Script{}.expect_command().send("$5\r\nfresh\r\n").repeat()}};
  Options options = patient_options(server.url());
  options.call_timeout = 2s;  // of which the first try has half
  options.max_retries = 2;
  RedisCache cache{options};
  EXPECT_EQ(cache.get<std::string>("a"), std::nullopt);
  EXPECT_EQ(cache.get<std::string>("b"), "fresh");
  EXPECT_EQ(cache.statistics().client.retries, 1U);
  EXPECT_EQ(server.connection_count(), 2U);
}

TEST_P(SilentServerTest, HasAllOfTheCallsTimeForWhatIsNotSentAgain) {
  ScriptedServer server{GetParam(),
                        {Script{}.expect_command().send(":1\r\n").expect_command().pause().send(":2\r\n")}};
  Options options = patient_options(server.url());
  options.max_retries = 2;
  RedisCache cache{options};
  EXPECT_EQ(cache.incr("n", 1, {.ignore_key_check = true}).value(), 1);
  server.resume();
  EXPECT_EQ(cache.incr("n", 1, {.ignore_key_check = true}).value(), 2);
  EXPECT_EQ(cache.statistics().client.retries, 0U);
}

TEST_P(SilentServerTest, HasTenTimesTheCallsTimeForClear) {
  ScriptedServer server{GetParam(), {Script{}.expect_command().pause().send("+OK\r\n")}};
  Options options = impatient_options(server.url());
  options.connect_timeout = 20s;
  options.clear_timeout = 20s;
  RedisCache cache{options};
  std::thread later{[&] {
    EXPECT_TRUE(eventually([&] { return server.command_count() == 1; }));
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_TRUE(
        eventually([&] { return std::chrono::steady_clock::now() - asked > 4 * options.call_timeout; }));
    server.resume();
  }};
  EXPECT_NO_THROW(cache.clear()) << "neither call_timeout nor socket_timeout ends it";
  later.join();
  EXPECT_EQ(server.command_count(), 1U);
}

TEST_P(SilentServerTest, IsATimeoutErrorInTheMiddleOfAReplyToo) {
  ScriptedServer server{GetParam(), {Script{}.expect_command().send("$5\r\nhel")}};
  RedisCache cache{impatient_options(server.url())};
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache.get<std::string>("k"); }));
}

TEST_P(SilentServerTest, IsATimeoutErrorForARequestTheServerDoesNotRead) {
  // More than the buffers of a socket hold: writing itself has to wait.
  ScriptedServer not_reading{GetParam(), {Script{}.expect_command().send("$-1\r\n").pause()}};
  RedisCache blocked{impatient_options(not_reading.url())};
  EXPECT_EQ(blocked.get<int>("k"), std::nullopt);
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)blocked.set("k", std::string(64 * 1024 * 1024, 'x')); }));
}

TEST_P(SilentServerTest, OmittedItIsCountedAndNotMisconfigured) {
  ScriptedServer server{GetParam(), {Script{}.expect_command()}};
  Options options = impatient_options(server.url());
  options.ignore_exceptions = true;
  RedisCache cache{options};
  EXPECT_EQ(cache.get("k", 7), 7);
  EXPECT_EQ(cache.statistics().omitted, 1);
  EXPECT_EQ(cache.statistics().misconfigured, 0);
}

TEST_P(SilentServerTest, ThatAnswersLateNeverAnswersTheNextCaller) {
  ScriptedServer server{GetParam(),
                        {Script{}
                             .expect_command()
                             .pause()
                             .send("$5\r\nstale\r\n")
                             .expect_command()
                             .send("$5\r\nfresh\r\n")
                             .repeat(),
                         Script{}.expect_command().send("$5\r\nfresh\r\n").repeat()}};
  RedisCache cache{impatient_options(server.url())};
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache.get<std::string>("a"); }));
  server.resume();
  const auto answered = [&]() -> std::optional<std::string> {
    try {
      return cache.get<std::string>("b");
    } catch (const TimeoutError&) {
      return std::nullopt;  // a machine that slow
    }
  };
  for (int i = 0; i < 20; ++i) {
    std::optional<std::string> got;
    ASSERT_TRUE(eventually([&] { return (got = answered()).has_value(); }));
    EXPECT_EQ(*got, "fresh");
  }
}

TEST_P(SilentServerTest, ThatAnswersWithoutBeingAskedIsNotBelieved) {
  ScriptedServer server{GetParam(),
                        {Script{}
                             .expect_command()
                             .send("$5\r\nhello\r\n$5\r\nstale\r\n")
                             .expect_command()
                             .send("$5\r\nfresh\r\n"),
                         Script{}.expect_command().send("$5\r\nfresh\r\n").repeat()}};
  Options options = patient_options(server.url());
  options.max_retries = 2;
  RedisCache cache{options};
  EXPECT_EQ(cache.get<std::string>("a"), "hello");
  EXPECT_EQ(cache.get<std::string>("b"), "fresh");
}

TEST_P(SilentServerTest, IsAskedAgainAlsoByACallThatWaitedToBeSent) {
  ScriptedServer server{
      GetParam(),
      {Script{}.expect_command().stay_silent(), Script{}.expect_command().send("$5\r\nfresh\r\n").repeat()}};
  Options options = patient_options(server.url());
  options.call_timeout = options.socket_timeout = 4s;
  options.shared_connections = 1;
  options.max_retries = 1;
  RedisCache cache{options};
  std::jthread first{[&] { EXPECT_EQ(cache.get<std::string>("a"), "fresh"); }};
  ASSERT_TRUE(eventually([&] { return server.command_count() == 1; }));
  EXPECT_EQ(cache.get<std::string>("b"), "fresh") << "behind the other, over the same connection at first";
}

/// A server that lets nobody in: its queue is full of connections that are never accepted.
TEST(FullBacklogTest, EndsEveryCallByTheConnectTimeout) {
  Address address;
  const Descriptor listening = listen_on(address, 0);
  const Descriptor waiting = connect_to(address);
  for (int i = 0; i < 3; ++i) {  // the first ones may still get in, and find silence
    RedisCache cache{impatient_options("redis://" + to_string(address))};
    const auto error = thrown_by<TimeoutError>([&] { (void)cache.get<int>("k"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->server(), to_string(address));
    EXPECT_FALSE(error->maybe_executed());
  }
}

TEST(FullBacklogTest, EndsEveryCallOnAUnixSocketToo) {
  const TemporaryDirectory directory;
  Address address{.path = directory.path() + "/full.sock"};
  const Descriptor listening = listen_on(address, 0);
  const Descriptor waiting = connect_to(address);
  for (int i = 0; i < 3; ++i) {
    RedisCache cache{impatient_options("unix://" + address.path)};
    EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] { (void)cache.get<int>("k"); }));
  }
}

}  // namespace
}  // namespace rediscache::test
