// Each fault, against a server that echoes: new connections, over both kinds of sockets.
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/testing/fault_proxy.hpp>

#include "support/thrown.hpp"
#include "support/wait.hpp"
#include "testing/echo_server.hpp"

namespace rediscache::testing {
namespace {

using namespace std::chrono_literals;
using test::EchoClient;
using test::EchoServer;
using test::eventually;
using Clock = std::chrono::steady_clock;

class FaultProxyTest : public ::testing::TestWithParam<bool> {
 protected:
  [[nodiscard]] static FaultProxyOptions options() {
    FaultProxyOptions options;
    options.unix_socket = GetParam() ? "auto" : "";
    return options;
  }

  EchoServer server_{GetParam()};
  FaultProxy proxy_{server_.url(), options()};
};
INSTANTIATE_TEST_SUITE_P(Each, FaultProxyTest, ::testing::Values(false, true),
                         [](const auto& made) { return made.param ? "unix" : "tcp"; });

std::string many_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = static_cast<char>(i * 2654435761U >> 13U);
  }
  return bytes;
}

TEST_P(FaultProxyTest, ForwardsBytesUnchangedHoweverMany) {
  EchoClient client{proxy_.url()};
  const std::string sent = many_bytes(8'000'000);
  std::thread sending{[&] {
    client.send(sent);
    client.end_sending();
  }};
  EXPECT_TRUE(client.receive_all() == sent);
  sending.join();
  EXPECT_EQ(client.end(), EchoClient::End::closed);
  EXPECT_EQ(proxy_.statistics().request_bytes, sent.size());
  EXPECT_EQ(proxy_.statistics().reply_bytes, sent.size());
  EXPECT_EQ(proxy_.statistics().connections, 1U);
  client.close();
  EXPECT_TRUE(eventually([&] { return proxy_.statistics().connections_open == 0; }));
}

TEST_P(FaultProxyTest, WhoDoesNotReadHoldsUpNobodyElse) {
  EchoClient idle{proxy_.url()};
  const std::string much = many_bytes(32'000'000);
  std::thread sending{[&] { idle.send(much); }};
  EchoClient other{proxy_.url()};
  for (int i = 0; i < 500; ++i) {
    other.send("hello");
    if (other.receive(5, 5s) != "hello") {
      ADD_FAILURE() << "after " << i;
      break;
    }
  }
  std::thread reading{[&] { static_cast<void>(idle.receive(much.size())); }};
  sending.join();
  reading.join();
}

TEST_P(FaultProxyTest, CutsRepliesAtExactlyTheByteNamed) {
  for (const std::uint64_t at : {0U, 1U, 2U, 4U, 5U}) {
    proxy_.set({.replies = {.break_at = at}});
    EchoClient client{proxy_.url()};
    client.send("hello");
    if (at == 5) {  // nothing to be forwarded in its place yet
      EXPECT_EQ(client.receive(5), "hello");
      client.send("!");
      EXPECT_EQ(client.receive_all(), "");
    } else {
      EXPECT_EQ(client.receive_all(), std::string{"hello"}.substr(0, at));
    }
    EXPECT_EQ(client.end(), EchoClient::End::closed);
  }
  EXPECT_EQ(proxy_.statistics().breaks, 5U);
}

TEST_P(FaultProxyTest, CutsRequestsAtExactlyTheByteNamed) {
  proxy_.set({.requests = {.break_at = 3}});
  EchoClient client{proxy_.url()};
  client.send("hello");
  client.receive_all();
  EXPECT_NE(client.end(), EchoClient::End::none);
  EXPECT_TRUE(eventually([&] { return server_.ended() == 1; }));
  EXPECT_EQ(server_.received(), 3U);
}

TEST_P(FaultProxyTest, ResetsInTheMiddleOfAReply) {
  proxy_.set({.replies = {.break_at = 3, .breaks = Break::reset}});
  EchoClient client{proxy_.url()};
  client.send("hello");
  EXPECT_EQ(client.receive_all(), "hel");
  EXPECT_EQ(client.end(), GetParam() ? EchoClient::End::closed : EchoClient::End::reset);
}

TEST_P(FaultProxyTest, ResetsAsSoonAsSomebodyConnects) {
  proxy_.set({.at_once = Break::reset});
  EchoClient client{proxy_.url()};
  EXPECT_TRUE(client.connected());
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.end(), GetParam() ? EchoClient::End::closed : EchoClient::End::reset);
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_P(FaultProxyTest, HalfCloseEndsTheRepliesAndNotTheRequests) {
  proxy_.set({.replies = {.break_at = 2, .breaks = Break::half_close}});
  EchoClient client{proxy_.url()};
  client.send("hello");
  EXPECT_EQ(client.receive_all(), "he");
  EXPECT_EQ(client.end(), EchoClient::End::closed);
  EXPECT_TRUE(client.send("more"));
  EXPECT_TRUE(eventually([&] { return server_.received() == 9; }));
  client.close();
  EXPECT_TRUE(eventually([&] { return proxy_.statistics().connections_open == 0; }));
}

TEST_P(FaultProxyTest, ABlackHoleTakesEverythingAndAnswersNothing) {
  proxy_.set({.at_once = Break::black_hole});
  EchoClient client{proxy_.url()};
  EXPECT_TRUE(client.connected());
  EXPECT_TRUE(client.send(many_bytes(3'000'000)));  // more than any buffer: it really takes them
  EXPECT_EQ(client.receive_all(20ms), "");
  EXPECT_EQ(client.end(), EchoClient::End::none);
  EXPECT_EQ(server_.received(), 0U);
  client.close();
  EXPECT_TRUE(eventually([&] { return proxy_.statistics().connections_open == 0; }));
}

TEST_P(FaultProxyTest, CorruptsTheByteNamed) {
  proxy_.set({.replies = {.corrupt_at = 1}});
  EchoClient client{proxy_.url()};
  client.send("hello");
  std::string expected = "hello";
  expected[1] = static_cast<char>(~expected[1]);
  EXPECT_EQ(client.receive(5), expected);
  EXPECT_EQ(proxy_.statistics().corrupted_bytes, 1U);
}

TEST_P(FaultProxyTest, CorruptsTheSameBytesForTheSameSeed) {
  const auto received = [&](std::uint64_t seed) {
    FaultProxyOptions chosen = options();
    chosen.seed = seed;
    FaultProxy proxy{server_.url(), chosen};
    proxy.set({.replies = {.corrupt_rate = 0.3}});
    std::string all;
    for (int connection = 0; connection < 3; ++connection) {
      EchoClient client{proxy.url()};
      client.send(std::string(100, 'a'));
      all += client.receive(100);
    }
    return all;
  };
  EXPECT_EQ(received(1), received(1));
  EXPECT_NE(received(1), received(2));
}

TEST_P(FaultProxyTest, SendsChunksTwice) {
  proxy_.set({.requests = {.duplicate_rate = 1}});
  EchoClient client{proxy_.url()};
  client.send("ab");
  EXPECT_EQ(client.receive(4), "abab");
  EXPECT_EQ(proxy_.statistics().duplicated_chunks, 1U);
}

TEST_P(FaultProxyTest, DelaysARoundTripByNoLessThanItSays) {
  proxy_.set(round_trip(20ms));
  EchoClient client{proxy_.url()};
  for (int i = 0; i < 3; ++i) {
    const auto start = Clock::now();
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    EXPECT_GE(Clock::now() - start, 20ms);
  }
  EXPECT_GE(proxy_.statistics().delayed_chunks, 6U);
}

TEST_P(FaultProxyTest, DelayIsALatencyAndNoThrottle) {
  proxy_.set(round_trip(100ms));
  EchoClient client{proxy_.url()};
  const auto start = Clock::now();
  constexpr int chunks = 50;
  for (int i = 0; i < chunks; ++i) {
    client.send("x");
    std::this_thread::yield();
  }
  EXPECT_EQ(client.receive(chunks), std::string(chunks, 'x'));
  // One after the other they would have taken 5 s; half of that bounds the slowest of machines.
  EXPECT_LT(Clock::now() - start, 2500ms);
}

TEST_P(FaultProxyTest, ThrottlesToSoManyBytesASecond) {
  proxy_.set({.replies = {.bytes_per_second = 10'000}});
  EchoClient client{proxy_.url()};
  const auto start = Clock::now();
  client.send(std::string(1000, 'x'));
  EXPECT_EQ(client.receive(1000).size(), 1000U);
  EXPECT_GE(Clock::now() - start, 99ms);
}

TEST_P(FaultProxyTest, RefusesAndIsBackAtTheSameAddress) {
  const std::string url = proxy_.url();
  for (int i = 0; i < 3; ++i) {
    proxy_.set({.refuse = true});
    EXPECT_FALSE(EchoClient{url}.connected());
    proxy_.heal();
    EXPECT_EQ(proxy_.url(), url);
    EchoClient client{url};
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
  }
  EXPECT_EQ(proxy_.statistics().refusals, 3U);
}

TEST_P(FaultProxyTest, ConnectsAcrossKindsOfSockets) {
  FaultProxyOptions other = options();
  other.unix_socket = GetParam() ? "" : "auto";
  const FaultProxy proxy{server_.url(), other};
  EchoClient client{proxy.url()};
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
}

TEST_P(FaultProxyTest, ClosesTheClientWhenTheServerIsGone) {
  std::string url;
  {
    const EchoServer gone{GetParam()};
    url = gone.url();
  }
  const FaultProxy proxy{url, options()};
  EchoClient client{proxy.url()};
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.end(), EchoClient::End::closed);
}

TEST_P(FaultProxyTest, EndsWithConnectionsInEveryState) {
  auto proxy = std::make_unique<FaultProxy>(server_.url(), options());
  std::vector<EchoClient> clients;
  for (const Fault& fault : {Fault{}, round_trip(1h), Fault{.at_once = Break::stall},
                             Fault{.at_once = Break::black_hole}, Fault{.at_once = Break::half_close}}) {
    proxy->script({fault});
    clients.emplace_back(proxy->url());
    clients.back().send(std::string(100'000, 'x'));
  }
  const auto start = Clock::now();
  proxy.reset();
  EXPECT_LT(Clock::now() - start, 5s);
  for (EchoClient& client : clients) {
    static_cast<void>(client.receive_all());
    EXPECT_NE(client.end(), EchoClient::End::none);
  }
}

TEST(FaultProxyUrlTest, NamesSchemePortAndDatabase) {
  const EchoServer server{false};
  const FaultProxy plain{server.url()};
  EXPECT_EQ(plain.url(3), "redis://127.0.0.1:" + std::to_string(plain.port()) + "/3");
  std::string tls = server.url();
  tls.replace(0, 5, "rediss");
  EXPECT_TRUE(FaultProxy{tls}.url().starts_with("rediss://127.0.0.1:"));
  FaultProxyOptions options;
  options.unix_socket = "auto";
  const FaultProxy local{server.url(), options};
  EXPECT_TRUE(local.url(2).starts_with("unix:///")) << local.url();
  EXPECT_TRUE(local.url(2).ends_with("?db=2")) << local.url();
}

TEST(FaultProxyUrlTest, TakesWhatACacheTakes) {
  for (const char* const url :
       {"redis://localhost", "redis://user:pa:ss@127.0.0.1:1234/5", "rediss://[::1]:7/0",
        "unix://:secret@/tmp/redis.sock?db=1", "redis://127.0.0.1/0"}) {
    EXPECT_NO_THROW(FaultProxy{url}) << url;
  }
}

TEST(FaultProxyUrlTest, RefusesWhatItCannotUseAndShowsNoSecret) {
  for (const char* const url :
       {"", "127.0.0.1:6379", "http://127.0.0.1", "redis://secret@example.com:6379",
        "redis://:secret@127.0.0.1:0", "redis://127.0.0.1:secret", "redis://[::1:secret", "unix://secret"}) {
    const auto error = test::thrown_by<InvalidOptions>([&] { const FaultProxy proxy{url}; });
    ASSERT_TRUE(error) << url;
    EXPECT_EQ(std::string{error->what()}.find("secret"), std::string::npos) << error->what();
  }
}

TEST(FaultProxyUrlTest, SaysWhyItCannotListen) {
  FaultProxyOptions options;
  options.unix_socket = "/nonexistent/proxy.sock";
  EXPECT_TRUE(
      test::thrown_by<ConnectionError>([&] { const FaultProxy proxy{"redis://127.0.0.1", options}; }));
}

}  // namespace
}  // namespace rediscache::testing
