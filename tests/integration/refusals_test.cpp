// What a call brings upon itself: its own error, sent once, and nobody else's trouble.
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "integration/tls_test.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// With a breaker that one failure opens, so that none goes unnoticed.
Options refused_options(const std::string& url) {
  Options options = patient_options(url);
  options.max_retries = 2;
  options.breaker.failures = 1;
  return options;
}

void expect_no_harm(const RedisCache& cache) {
  const ClientStatistics client = cache.statistics().client;
  EXPECT_EQ(client.breaker, BreakerState::closed);
  EXPECT_EQ(client.breaker_opened, 0);
  EXPECT_EQ(client.refused, 0);
}

class TooLargeRequestTest : public TlsTest, public ::testing::WithParamInterface<std::string> {
 protected:
  /// Of a server with that line in its config.
  void serve_with(const std::string& line) {
    keep("server", authority().issue({}));
    server_ = std::make_unique<RedisServer>(
        RedisServer::Settings{.tcp = true, .config = {line}, .tls = tls_of("server")});
  }
  [[nodiscard]] Options options() const {
    Options options = refused_options(GetParam() == "tls"   ? server_->tls_url()
                                      : GetParam() == "tcp" ? server_->tcp_url()
                                                            : server_->unix_url());
    options.tls.ca_file = path("ca.pem");
    return options;
  }
  [[nodiscard]] RedisServer& server() { return *server_; }

 private:
  std::unique_ptr<RedisServer> server_;
};
INSTANTIATE_TEST_SUITE_P(Each, TooLargeRequestTest, ::testing::Values("unix", "tcp", "tls"),
                         [](const auto& made) { return made.param; });

using RefusedCall = std::function<void(RedisCache&, const std::string&)>;

std::vector<RefusedCall> calls_with_a_value() {
  return {[](RedisCache& cache, const std::string& value) { (void)cache.set("k", value); },
          [](RedisCache& cache, const std::string& value) { (void)cache.add("k", value); },
          [](RedisCache& cache, const std::string& value) { (void)cache.hset("h", "f", value); },
          [](RedisCache& cache, const std::string& value) { (void)cache.rpush("l", value); },
          [](RedisCache& cache, const std::string& value) { (void)cache.publish("c", value); },
          [](RedisCache& cache, const std::string& value) {
            auto pipeline = cache.pipeline();
            (void)pipeline.set("small", 1);
            (void)pipeline.set("k", value);
            (void)pipeline.set("behind", 2);
            pipeline.execute();
          }};
}

TEST_P(TooLargeRequestTest, IsAnErrorInTheServersOwnWordsAndIsSentOnce) {
  serve_with("proto-max-bulk-len 1mb");
  RedisCache cache{options()};
  const std::string value(std::size_t{4} << 20U, 'x');
  for (const RefusedCall& call : calls_with_a_value()) {
    const auto error = thrown_by<ResponseError>([&] { call(cache, value); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("Protocol error: invalid bulk length"));
    EXPECT_TRUE(error->failure().caused_by_call);
    expect_no_harm(cache);
    EXPECT_TRUE(cache.set("after", 1));
  }
  EXPECT_EQ(cache.statistics().client.retries, 0);
}

TEST_P(TooLargeRequestTest, OnASharedConnectionIsToldTheReasonToo) {
  serve_with("proto-max-bulk-len 1mb");
  Options options = this->options();
  options.shared_connections = 1;
  options.shared_request_bytes = std::size_t{64} << 20U;
  RedisCache cache{options};
  const std::string value(std::size_t{4} << 20U, 'x');
  for (const RefusedCall& call : calls_with_a_value()) {
    const auto error = thrown_by<ResponseError>([&] { call(cache, value); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("Protocol error: invalid bulk length"));
    EXPECT_TRUE(error->failure().caused_by_call);
    EXPECT_TRUE(cache.set("after", 1));
  }
  expect_no_harm(cache);
  EXPECT_EQ(cache.statistics().client.retries, 0);
}

TEST_P(TooLargeRequestTest, AtWhichTheServerHangsUpWithoutAWordIsSentTwiceAndNeverMore) {
  serve_with("client-query-buffer-limit 1mb");
  RedisCache cache{options()};
  const std::string value(std::size_t{4} << 20U, 'x');
  std::uint64_t lost = 0;
  for (const RefusedCall& call : calls_with_a_value()) {
    const auto error = thrown_by<ConnectionError>([&] { call(cache, value); });
    ASSERT_TRUE(error);
    expect_no_harm(cache);
    const std::uint64_t now = cache.statistics().client.connections_lost;
    EXPECT_LE(now - lost, 2);
    lost = now;
    EXPECT_TRUE(cache.set("after", 1));
  }
}

class TooLargeReplyTest : public ::testing::Test {
 protected:
  RedisServer server_{RedisServer::Settings{}};
};

TEST_F(TooLargeReplyTest, IsAnErrorThatSaysSoAndOpensNoBreaker) {
  Options options = refused_options(server_.unix_url());
  options.max_reply_bytes = 1000;
  options.shared_connections = 1;
  RedisCache cache{options};
  ASSERT_TRUE(cache.set("large", std::string(8000, 'x')));
  for (int i = 0; i < 5; ++i) {
    const auto error = thrown_by<ConnectionError>([&] { (void)cache.get<std::string>("large"); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("max_reply_bytes (1000)"));
    EXPECT_EQ(error->command(), "GET");
    EXPECT_TRUE(error->failure().caused_by_call);
    EXPECT_TRUE(cache.set("small", i));
    EXPECT_EQ(cache.get<int>("small"), i);
  }
  expect_no_harm(cache);
  EXPECT_EQ(cache.statistics().client.retries, 0);
}

TEST_F(TooLargeReplyTest, OverAConnectionOfItsOwnTakesNoHarmEither) {
  Options options = refused_options(server_.unix_url());
  options.max_reply_bytes = 5000;
  RedisCache cache{options};
  RawClient raw = server_.connect();
  for (int i = 0; i < 2000; ++i) {
    raw.run({"RPUSH", ":1:long", "some text"});
  }
  for (int i = 0; i < 5; ++i) {
    const auto error = thrown_by<ConnectionError>([&] { (void)cache.lrange<std::string>("long", 0, -1); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("max_reply_bytes"));
  }
  expect_no_harm(cache);
}

TEST_F(TooLargeReplyTest, DoesNotStayInTheServersMemory) {
  Options options = refused_options(server_.unix_url());
  options.max_reply_bytes = 1000;
  RedisCache cache{options};
  RawClient raw = server_.connect();
  raw.run({"SET", ":1:large", std::string(30'000'000, 'x')});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<std::string>("large"); }));
    EXPECT_FALSE(cache.get<int>("small"));
  }
  // A connection on which nobody reads the rest is closed, whichever the next call takes.
  EXPECT_TRUE(eventually([&] {
    const std::string clients = raw.text({"CLIENT", "LIST"}).value_or("");
    std::size_t waiting = 0;
    for (std::size_t at = 0; (at = clients.find(" omem=", at)) != std::string::npos; ++at) {
      waiting += clients[at + 6] == '0' ? 0 : 1;
    }
    return waiting == 0;
  }));
  expect_no_harm(cache);
}

TEST_F(TooLargeReplyTest, ThatNestsDeeplyIsRead) {
  RedisCache cache{refused_options(server_.unix_url())};
  const auto reply = cache.execute("COMMAND", "DOCS", "GEOSEARCH");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->as_array().size(), 2U);
}

TEST(HangUpTest, AtACommandIsTheCallsOwnDoing) {
  ScriptedServer server{Transport::tcp, {Script{}.expect_command().close()}};
  RedisCache cache{refused_options(server.url())};
  for (std::size_t i = 1; i <= 3; ++i) {
    const auto error = thrown_by<ConnectionError>([&] { (void)cache.get<int>("k"); });
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->failure().caused_by_call);
    EXPECT_THAT(error->what(), HasSubstr("the request itself is the likely reason"));
    EXPECT_EQ(server.command_count(), 2 * i) << "over a second connection, and no third";
  }
  expect_no_harm(cache);
}

TEST(HangUpTest, OnceIsNoError) {
  ScriptedServer server{
      Transport::tcp,
      {Script{}.expect_command().close(), Script{}.expect_command().send("$1\r\n7\r\n").repeat()}};
  RedisCache cache{refused_options(server.url())};
  EXPECT_EQ(cache.get<int>("k"), 7);
  expect_no_harm(cache);
}

TEST(HangUpTest, ThatIsTheEndOfTheServerOpensTheBreaker) {
  RedisServer server{RedisServer::Settings{}};
  RedisCache cache{refused_options(server.unix_url())};
  ASSERT_TRUE(cache.set("k", 1));
  server.kill();
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<int>("k"); }));
  EXPECT_NE(cache.statistics().client.breaker, BreakerState::closed);
}

class BlockingCommandTest : public ::testing::Test {
 protected:
  BlockingCommandTest() : cache_{options()} {}
  [[nodiscard]] Options options() const {
    Options options = refused_options(server_.unix_url());
    options.call_timeout = options.socket_timeout = 1s;
    return options;
  }
  RedisServer server_{RedisServer::Settings{}};
  RedisCache cache_;
};

TEST_F(BlockingCommandTest, HasItsOwnTimeBesideTheCallTimeout) {
  const std::vector<std::function<std::optional<Reply>()>> calls{
      [&] { return cache_.execute("BLPOP", "q", "1.2"); },
      [&] { return cache_.execute("blpop", "q", "p", "1.2"); },
      [&] { return cache_.execute("BZPOPMIN", "q", "1.2"); },
      [&] { return cache_.execute("BLMOVE", "q", "p", "LEFT", "LEFT", "1.2"); },
      [&] { return cache_.execute("BLMPOP", "1.2", 1, "q", "LEFT"); },
      [&] { return cache_.execute("XREAD", "COUNT", 1, "BLOCK", 1200, "STREAMS", "s", "$"); },
  };
  {
    std::vector<std::jthread> callers;
    for (const auto& call : calls) {
      callers.emplace_back([&call] {
        const auto reply = call();
        EXPECT_TRUE(reply && reply->is_nil());
      });
    }
    EXPECT_EQ(cache_.execute("WAIT", 1, 1200)->as_integer(), 0);
  }
  expect_no_harm(cache_);
  EXPECT_EQ(cache_.statistics().client.retries, 0);
}

TEST_F(BlockingCommandTest, GetsWhatComesWhileItBlocks) {
  std::thread pusher{[&] {
    RawClient raw = server_.connect();
    EXPECT_TRUE(eventually(
        [&] { return raw.text({"INFO", "clients"})->find("blocked_clients:1") != std::string::npos; }));
    raw.run({"RPUSH", "q", "x"});
  }};
  const auto reply = cache_.execute("BLPOP", "q", 30);
  pusher.join();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->as_array().at(1).as_text(), "x");
}

TEST_F(BlockingCommandTest, WithoutEndIsRefused) {
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)cache_.execute("BLPOP", "q", 0); }));
  EXPECT_TRUE(
      thrown_by<InvalidArgument>([&] { (void)cache_.execute("XREAD", "BLOCK", 0, "STREAMS", "s", "$"); }));
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)cache_.execute("WAIT", 1, 0); }));
}

}  // namespace
}  // namespace rediscache::test
