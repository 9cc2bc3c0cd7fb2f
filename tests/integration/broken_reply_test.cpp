// Replies that stop halfway, or are none.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

constexpr std::string_view hello = "$5\r\nhello\r\n";

class BrokenReplyTest : public ::testing::TestWithParam<Transport> {};
INSTANTIATE_TEST_SUITE_P(Each, BrokenReplyTest, ::testing::Values(Transport::local, Transport::tcp),
                         [](const auto& made) { return made.param == Transport::local ? "unix" : "tcp"; });

TEST_P(BrokenReplyTest, CutAnywhereIsAConnectionError) {
  for (std::size_t cut = 0; cut < hello.size(); ++cut) {
    SCOPED_TRACE(cut);
    ScriptedServer server{GetParam(), {Script{}.expect_command().send(hello.substr(0, cut)).close()}};
    RedisCache cache{patient_options(server.url())};
    const auto error = thrown_by<ConnectionError>([&] { (void)cache.get<std::string>("k"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->command(), "GET");
    EXPECT_TRUE(error->connection_lost());
    EXPECT_TRUE(error->maybe_executed());
    EXPECT_EQ(server.command_count(), 1);
  }
}

TEST_P(BrokenReplyTest, OfManyEntriesCutAnywhereIsAConnectionError) {
  constexpr std::string_view reply = "*3\r\n$1\r\na\r\n$-1\r\n$2\r\nbc\r\n";
  for (std::size_t cut = 0; cut < reply.size(); ++cut) {
    SCOPED_TRACE(cut);
    ScriptedServer server{GetParam(), {Script{}.expect_command().send(reply.substr(0, cut)).close()}};
    RedisCache cache{patient_options(server.url())};
    EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get_many<std::string>({"x", "y", "z"}); }));
  }
}

TEST_P(BrokenReplyTest, CutAndThenWholeIsTheWholeReply) {
  for (std::size_t cut = 0; cut < hello.size(); ++cut) {
    SCOPED_TRACE(cut);
    ScriptedServer server{GetParam(),
                          {Script{}.expect_command().send(hello.substr(0, cut)).close(),
                           Script{}.expect_command().send(hello)}};
    Options options = patient_options(server.url());
    options.max_retries = 1;
    RedisCache cache{options};
    EXPECT_EQ(cache.get<std::string>("k"), "hello");
    EXPECT_EQ(cache.statistics().client.connections_lost, 1);
    EXPECT_EQ(cache.statistics().client.retries, 1);
  }
}

TEST_P(BrokenReplyTest, InSmallPiecesIsWholeInTheEnd) {
  Script script;
  script.expect_command();
  for (const char byte : hello) {
    script.send(std::string(1, byte));
  }
  ScriptedServer server{GetParam(), {script.repeat()}};
  RedisCache cache{patient_options(server.url())};
  EXPECT_EQ(cache.get<std::string>("k"), "hello");
  EXPECT_EQ(cache.get<std::string>("k"), "hello");
  EXPECT_EQ(server.connection_count(), 1);
}

TEST_P(BrokenReplyTest, ResetInsteadOfClosedIsAConnectionError) {
  ScriptedServer server{GetParam(), {Script{}.expect_command().send("$5\r\nh").reset()}};
  RedisCache cache{patient_options(server.url())};
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<std::string>("k"); }));
}

TEST_P(BrokenReplyTest, ClosedBeforeSigningInIsAConnectionError) {
  for (const Script& script : {Script{}.close(), Script{}.reset(), Script{}.expect_bytes(1).close()}) {
    ScriptedServer server{GetParam(), {script}};
    RedisCache cache{patient_options(server.url())};
    const auto error = thrown_by<ConnectionError>([&] { (void)cache.incr("k"); });
    ASSERT_TRUE(error);
    EXPECT_FALSE(error->maybe_executed()) << "signing in comes first";
  }
}

TEST_P(BrokenReplyTest, ThatIsGarbageIsAConnectionErrorAndEndsTheConnection) {
  for (const std::string_view garbage :
       {"hello\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "!!!\r\n", "\r\n", ":12a\r\n", ":\r\n", "$-5\r\n",
        "$abc\r\n", "$99999999999999999999\r\n", "*-7\r\n", "*x\r\n", "\x16\x03\x01\x02"}) {
    SCOPED_TRACE(garbage);
    ScriptedServer server{
        GetParam(),
        {Script{}.expect_command().send(garbage).stay_silent(), Script{}.expect_command().send(hello)}};
    RedisCache cache{patient_options(server.url())};
    const auto error = thrown_by<ConnectionError>([&] { (void)cache.get<std::string>("k"); });
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->connection_lost());
    EXPECT_EQ(cache.get<std::string>("k"), "hello");
    EXPECT_EQ(server.connection_count(), 2);
  }
}

TEST_P(BrokenReplyTest, LargerThanAllowedIsAConnectionErrorBeforeItHasArrived) {
  ScriptedServer server{GetParam(),
                        {Script{}.expect_command().send("$1000000000\r\n").stay_silent(),
                         Script{}.expect_command().send(hello)}};
  Options options = patient_options(server.url());
  options.max_reply_bytes = 1'000'000;
  RedisCache cache{options};
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<std::string>("k"); }));
  EXPECT_EQ(cache.get<std::string>("k"), "hello");
}

TEST_P(BrokenReplyTest, OfMoreElementsThanAllowedIsAConnectionErrorAndEndsTheConnection) {
  std::string elements = "*2000000000\r\n";
  for (int i = 0; i < 100'000; ++i) {
    elements += ":1\r\n";
  }
  ScriptedServer server{GetParam(),
                        {Script{}.expect_command().send(elements).stay_silent(),
                         Script{}.expect_command().send("*1\r\n$1\r\nx\r\n")}};
  Options options = patient_options(server.url());
  options.max_reply_bytes = 1'000'000;
  RedisCache cache{options};
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get_many<std::string>({"a"}); }));
  EXPECT_EQ(cache.get_many<std::string>({"a"}).at("a"), "x");
}

TEST_P(BrokenReplyTest, ThatPromisesMoreThanThereIsMemoryForTakesNone) {
  for (const std::string_view promise : {"*2000000000\r\n", "*2147483647\r\n$3\r\n", "$536870912\r\n"}) {
    ScriptedServer server{GetParam(), {Script{}.expect_command().send(promise).stay_silent()}};
    RedisCache cache{impatient_options(server.url())};
    EXPECT_TRUE(thrown_by<ConnectionInterrupted>([&] { (void)cache.get_many<std::string>({"a"}); }));
  }
}

TEST_P(BrokenReplyTest, NestedWithoutEndIsAConnectionError) {
  std::string nested;
  for (int i = 0; i < 10'000; ++i) {
    nested += "*1\r\n";
  }
  ScriptedServer server{GetParam(), {Script{}.expect_command().send(nested).stay_silent()}};
  RedisCache cache{patient_options(server.url())};
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get_many<std::string>({"a"}); }));
}

TEST_P(BrokenReplyTest, OfAnotherTypeThanTheCommandHasIsAnErrorAndNoCrash) {
  for (const std::string_view reply : {":5\r\n", "+OK\r\n", "*0\r\n", "*2\r\n$1\r\na\r\n:1\r\n", "*-1\r\n"}) {
    SCOPED_TRACE(reply);
    ScriptedServer server{GetParam(), {Script{}.expect_command().send(reply).repeat()}};
    Options options = impatient_options(server.url());
    options.ignore_exceptions = false;
    RedisCache cache{options};
    const auto only_errors_of_ours = [](auto call) {
      try {
        call();
      } catch (const Error&) {
      }
    };
    only_errors_of_ours([&] { (void)cache.get<std::string>("k"); });
    only_errors_of_ours([&] { (void)cache.get_many<std::string>({"a", "b", "c"}); });
    only_errors_of_ours([&] { (void)cache.set("k", 1); });
    only_errors_of_ours([&] { (void)cache.del("k"); });
    only_errors_of_ours([&] { (void)cache.delete_pattern("*"); });
    only_errors_of_ours([&] { (void)cache.touch("k", never); });
    only_errors_of_ours([&] { (void)cache.incr("k"); });
    only_errors_of_ours([&] { (void)cache.has_key("k"); });
    only_errors_of_ours([&] { (void)cache.pttl("k"); });
    only_errors_of_ours([&] { cache.clear(); });
  }
}

}  // namespace
}  // namespace rediscache::test
