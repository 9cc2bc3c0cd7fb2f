// Faults that change while connections live, scripts, schedules, and many threads at once.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/testing/fault_proxy.hpp>

#include "support/wait.hpp"
#include "testing/echo_server.hpp"

namespace rediscache::testing {
namespace {

using namespace std::chrono_literals;
using test::EchoClient;
using test::EchoServer;
using test::eventually;

class LiveFaultTest : public ::testing::TestWithParam<bool> {
 protected:
  LiveFaultTest() {
    client_.send("warm");
    EXPECT_EQ(client_.receive(4), "warm");
  }
  [[nodiscard]] static FaultProxyOptions options() {
    FaultProxyOptions options;
    options.unix_socket = GetParam() ? "auto" : "";
    return options;
  }
  [[nodiscard]] static std::string echo(EchoClient& client, const std::string& bytes) {
    client.send(bytes);
    return client.receive(bytes.size());
  }

  EchoServer server_{GetParam()};
  FaultProxy proxy_{server_.url(), options()};
  EchoClient client_{proxy_.url()};
};
INSTANTIATE_TEST_SUITE_P(Each, LiveFaultTest, ::testing::Values(false, true),
                         [](const auto& made) { return made.param ? "unix" : "tcp"; });

TEST_P(LiveFaultTest, ABreakCountsFromWhenItWasSet) {
  proxy_.set({.replies = {.break_at = 2}});
  client_.send("hello");
  EXPECT_EQ(client_.receive_all(), "he");
  EXPECT_EQ(client_.end(), EchoClient::End::closed);
}

TEST_P(LiveFaultTest, AStallHoldsBackAndLosesNothing) {
  proxy_.set({.at_once = Break::stall});
  client_.send("hello");
  EXPECT_EQ(client_.receive(5, 20ms), "");
  EXPECT_EQ(server_.received(), 4U);
  proxy_.heal();
  EXPECT_EQ(client_.receive(5), "hello");
  EXPECT_EQ(echo(client_, "more"), "more");
}

TEST_P(LiveFaultTest, AStallInTheMiddleOfAReplyGoesOnWhereItStopped) {
  proxy_.set({.replies = {.break_at = 2, .breaks = Break::stall}});
  client_.send("hello");
  EXPECT_EQ(client_.receive(5, 20ms), "he");
  proxy_.heal();
  EXPECT_EQ(client_.receive(3), "llo");
}

TEST_P(LiveFaultTest, ABlackHoleThatTookBytesIsClosedWhenItEnds) {
  proxy_.set({.at_once = Break::black_hole});
  client_.send("hello");
  EXPECT_EQ(client_.receive(5, 20ms), "");
  EXPECT_EQ(client_.end(), EchoClient::End::none);
  proxy_.heal();
  EXPECT_EQ(client_.receive_all(), "");
  EXPECT_NE(client_.end(), EchoClient::End::none);
  EXPECT_EQ(server_.received(), 4U);
}

TEST_P(LiveFaultTest, ABlackHoleThatTookNothingDidNoHarm) {
  proxy_.set({.at_once = Break::black_hole});
  proxy_.heal();
  EXPECT_EQ(echo(client_, "hello"), "hello");
}

TEST_P(LiveFaultTest, HealingDeliversWhatWasDelayed) {
  proxy_.set(round_trip(1h));
  client_.send("hello");
  EXPECT_EQ(client_.receive(5, 20ms), "");
  proxy_.heal();
  EXPECT_EQ(client_.receive(5), "hello");
}

TEST_P(LiveFaultTest, HealingDeliversWhatWasThrottled) {
  proxy_.set({.requests = {.bytes_per_second = 1}});
  client_.send(std::string(1000, 'x'));
  EXPECT_LT(client_.receive(1000, 20ms).size(), 1000U);
  proxy_.heal();
  EXPECT_EQ(client_.receive(1000), std::string(1000, 'x'));
}

TEST_P(LiveFaultTest, ADelayIsForgottenWhenAConnectionBreaks) {
  proxy_.set(round_trip(1h));
  client_.send("hello");
  proxy_.break_connections();
  EXPECT_EQ(client_.receive_all(), "");
  EXPECT_NE(client_.end(), EchoClient::End::none);
}

TEST_P(LiveFaultTest, BreakingConnectionsLeavesNewOnesAlone) {
  proxy_.break_connections(Break::reset);
  EXPECT_EQ(client_.receive_all(), "");
  EXPECT_EQ(client_.end(), GetParam() ? EchoClient::End::closed : EchoClient::End::reset);
  EchoClient next{proxy_.url()};
  EXPECT_EQ(echo(next, "x"), "x");
}

TEST_P(LiveFaultTest, RefusingClosesWhoIsThere) {
  proxy_.set({.refuse = true});
  EXPECT_EQ(client_.receive_all(), "");
  EXPECT_NE(client_.end(), EchoClient::End::none);
  EXPECT_TRUE(eventually([&] { return server_.ended() == 1; }));
}

TEST_P(LiveFaultTest, AScriptIsForOneConnectionAfterTheOther) {
  proxy_.script({{.at_once = Break::close}, {}, {.replies = {.break_at = 1}}});
  EXPECT_EQ(echo(client_, "live ones stay"), "live ones stay");
  EchoClient first{proxy_.url()};
  EXPECT_EQ(first.receive_all(), "");
  EchoClient second{proxy_.url()};
  EXPECT_EQ(echo(second, "hello"), "hello");
  EchoClient third{proxy_.url()};
  third.send("hello");
  EXPECT_EQ(third.receive_all(), "h");
  EchoClient fourth{proxy_.url()};
  EXPECT_EQ(echo(fourth, "hello"), "hello");
}

TEST_P(LiveFaultTest, AScheduleDoesWhatFaultForSays) {
  const FaultSchedule schedule{.seed = 11, .close = 0.5, .within_bytes = 8};
  proxy_.schedule(schedule);
  std::size_t broken = 0;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const Fault fault = fault_for(schedule, i);
    const auto at = fault.requests.break_at ? fault.requests.break_at : fault.replies.break_at;
    EchoClient client{proxy_.url()};
    client.send("01234567");
    const std::string got = client.receive(8);
    if (at) {
      EXPECT_LE(got.size(), *at) << i;
      ++broken;
    } else {
      EXPECT_EQ(got, "01234567") << i;
    }
    if (fault.replies.break_at) {
      EXPECT_EQ(got.size(), *at) << i;
    }
  }
  EXPECT_GT(broken, 5U);
  EXPECT_EQ(proxy_.statistics().breaks, broken);
}

TEST_P(LiveFaultTest, AnyThreadMayChangeAnything) {
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 50; ++i) {
        switch ((i + thread) % 5) {
          case 0:
            proxy_.set({.at_once = Break::stall});
            break;
          case 1:
            proxy_.heal();
            break;
          case 2:
            proxy_.schedule({.reset = 0.5});
            break;
          case 3:
            proxy_.set({.refuse = true});
            break;
          default:
            proxy_.break_connections(Break::half_close);
            break;
        }
        EchoClient client{proxy_.url()};
        if (client.connected()) {
          client.send("x");
        }
        static_cast<void>(proxy_.statistics());
      }
    });
  }
  threads.clear();
  proxy_.heal();
  EchoClient client{proxy_.url()};
  EXPECT_EQ(echo(client, "well again"), "well again");
}

}  // namespace
}  // namespace rediscache::testing
