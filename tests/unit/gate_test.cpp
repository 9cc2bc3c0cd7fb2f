// Who may connect to a server, and what becomes of the others.
#include "net/gate.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/wait.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using net::Gate;
using Verdict = Gate::Verdict;
using ::testing::HasSubstr;
using ::testing::Not;

net::ServerSettings nobody_there() {
  net::ServerSettings settings;
  settings.endpoint.port = free_port();
  return settings;
}

Failure no_answer() {
  return {.code = ErrorCode::timeout, .message = "no answer", .server = "here", .command = "GET"};
}

TEST(GateTest, OpensConnectionsAndCountsThem) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n").repeat()}};
  Gate gate{settings_for(server)};
  ASSERT_TRUE(gate.ask());
  const auto connection = gate.connect(late(), Verdict::pass);
  ASSERT_TRUE(connection) << connection.failure().message;
  EXPECT_EQ(gate.statistics().opened, 1U);
  EXPECT_EQ(gate.statistics().failed, 0U);
}

TEST(GateTest, TurnsCallsAwayAfterTheServerWasNotThereThreeTimes) {
  Gate gate{nobody_there()};
  for (int i = 0; i < 3; ++i) {
    const auto verdict = gate.ask();
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict.value(), Verdict::pass);
    EXPECT_FALSE(gate.connect(late(), Verdict::pass));
  }
  const auto refused = gate.ask();
  ASSERT_FALSE(refused);
  const Failure& failure = refused.failure();
  EXPECT_EQ(failure.code, ErrorCode::connection);
  EXPECT_THAT(failure.message, HasSubstr("not sent: the server failed 3 times in a row"));
  EXPECT_THAT(failure.message, HasSubstr("(breaker open)"));
  EXPECT_THAT(failure.message, HasSubstr("Connection refused"));
  EXPECT_FALSE(failure.maybe_executed);
  EXPECT_FALSE(failure.connection_lost);
  EXPECT_EQ(gate.statistics().failed, 3U);
  EXPECT_EQ(gate.statistics().refused, 1U);
  EXPECT_EQ(gate.statistics().breaker_opened, 1U);
  EXPECT_THAT(gate.breaker_text(), HasSubstr("breaker open, failures in a row: 3"));
}

TEST(GateTest, WhoAskedBeforeItOpenedDoesNotConnectAfterwards) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n").repeat()}};
  Gate gate{settings_for(server)};
  ASSERT_EQ(gate.ask().value(), Verdict::pass);
  for (int i = 0; i < 3; ++i) {
    gate.failed(no_answer());
  }
  const auto late_one = gate.connect(late(), Verdict::pass);
  ASSERT_FALSE(late_one);
  EXPECT_THAT(late_one.failure().message, HasSubstr("(breaker open)"));
  EXPECT_EQ(gate.statistics().refused, 1U);
  EXPECT_EQ(server.connection_count(), 0U);
}

TEST(GateTest, TimeoutsOfCallsCountAsWell) {
  Gate gate{nobody_there()};
  gate.failed(no_answer());
  gate.failed(no_answer());
  gate.answered();
  gate.failed(no_answer());
  gate.failed(no_answer());
  EXPECT_TRUE(gate.ask());
  gate.failed(no_answer());
  const auto refused = gate.ask();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().code, ErrorCode::timeout) << "a refusal is of the kind of what led to it";
  EXPECT_EQ(refused.failure().command, "") << "that is somebody else's";
}

TEST(GateTest, AShortDeadlineOfACallersOwnIsNoFailure) {
  Gate gate{nobody_there()};
  for (int i = 0; i < 10; ++i) {
    gate.unanswered(no_answer(), base::Clock::now() - gate.silence_that_counts() / 4);
  }
  EXPECT_TRUE(gate.ask());
  EXPECT_EQ(gate.breaker_text(), "breaker closed");
}

TEST(GateTest, AWaitOfHalfACallsTimeIsOne) {
  Gate gate{nobody_there()};
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(gate.ask());
    gate.unanswered(no_answer(), base::Clock::now() - gate.silence_that_counts());
  }
  EXPECT_FALSE(gate.ask());
}

TEST(GateTest, ManyShortWaitsInARowAreOneToo) {
  net::ServerSettings settings = nobody_there();
  settings.call_patience = 40ms;
  Gate gate{settings};
  EXPECT_TRUE(eventually([&] {
    gate.unanswered(no_answer(), base::Clock::now());
    return !gate.ask();
  }));
}

TEST(GateTest, AnAnswerAmongShortWaitsShowsThatTheServerIsThere) {
  Gate gate{nobody_there()};
  for (int i = 0; i < 20; ++i) {
    gate.unanswered(no_answer(), base::Clock::now() - gate.silence_that_counts() * 3 / 4);
    gate.answered();
  }
  EXPECT_EQ(gate.breaker_text(), "breaker closed");
}

TEST(GateTest, AnAttemptThatHadLittleTimeIsNoFailure) {
  const ScriptedServer server{Transport::local, {Script{}.stay_silent()}};
  Gate gate{settings_for(server)};
  EXPECT_FALSE(gate.connect(soon(), Verdict::pass));
  EXPECT_EQ(gate.breaker_text(), "breaker closed");
}

TEST(GateTest, AConnectionThatEndedIsNoFailure) {
  Gate gate{nobody_there()};
  for (int i = 0; i < 10; ++i) {
    gate.doubt();
  }
  EXPECT_TRUE(gate.ask());
}

TEST(GateTest, SendsOneProbeAfterThePause) {
  net::ServerSettings settings = nobody_there();
  settings.breaker = {.failures = 1, .first_pause = 1ms, .longest_pause = 1ms};
  Gate gate{settings};
  EXPECT_FALSE(gate.connect(late(), Verdict::pass));
  ASSERT_TRUE(eventually([&] { return gate.ask().ok(); }));
  EXPECT_EQ(gate.statistics().breaker, BreakerState::half_open);
  const auto other = gate.ask();
  ASSERT_FALSE(other);
  EXPECT_THAT(other.failure().message, HasSubstr("one call is finding out"));
  gate.give_up();
  const auto next = gate.ask();
  ASSERT_TRUE(next) << "the one before found out nothing";
  EXPECT_EQ(next.value(), Verdict::probe);
}

TEST(GateTest, AProbeThatConnectsClosesTheBreaker) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n").repeat()}};
  net::ServerSettings settings = settings_for(server);
  settings.breaker = {.failures = 1, .first_pause = 1ms, .longest_pause = 1ms};
  Gate gate{settings};
  gate.failed(no_answer());
  ASSERT_TRUE(eventually([&] { return gate.ask().ok(); }));
  ASSERT_TRUE(gate.connect(late(), Verdict::probe));
  EXPECT_EQ(gate.statistics().breaker, BreakerState::closed);
  EXPECT_TRUE(gate.ask());
}

TEST(GateTest, AsLongAsNobodyKnowsOneConnectsAndTheOthersShareTheFailure) {
  ScriptedServer server{Transport::local, {Script{}.pause().reset()}};
  net::ServerSettings settings = settings_for(server);
  settings.handshake.client_info = false;  // or it would be tried again without
  settings.connect_timeout = 20s;
  Gate gate{settings};
  constexpr int threads = 8;
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < threads; ++i) {
      callers.emplace_back([&] { failed += gate.connect(late(), Verdict::pass) ? 0 : 1; });
    }
    ASSERT_TRUE(eventually([&] { return server.connection_count() == 1; }));
    server.resume();
  }
  EXPECT_EQ(failed, threads);
  EXPECT_LT(gate.statistics().failed, threads) << "most shared";
  EXPECT_EQ(server.connection_count(), gate.statistics().failed);
}

TEST(GateTest, WaitsForSomebodyElsesAttemptNoLongerThanItsDeadline) {
  ScriptedServer server{Transport::local, {Script{}.stay_silent()}};
  net::ServerSettings settings = settings_for(server);
  settings.connect_timeout = 20s;
  Gate gate{settings};
  std::jthread first{[&] { EXPECT_FALSE(gate.connect(base::Deadline::in(1s), Verdict::pass)); }};
  ASSERT_TRUE(eventually([&] { return server.connection_count() == 1; }));
  const auto second = gate.connect(soon(), Verdict::pass);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.failure().code, ErrorCode::timeout);
  EXPECT_THAT(second.failure().message, HasSubstr("another thread is trying"));
}

TEST(GateTest, AnAnswerLetsThoseConnectWhoWaitForSomebodyElsesAttempt) {
  ScriptedServer server{Transport::local,
                        {Script{}.pause().reset(), Script{}.expect_command().send("+OK\r\n").repeat()}};
  net::ServerSettings settings = settings_for(server);
  settings.handshake.client_info = false;  // or it would be tried again without
  settings.connect_timeout = 20s;
  Gate gate{settings};
  const std::jthread first{[&] { EXPECT_FALSE(gate.connect(late(), Verdict::pass)); }};
  ASSERT_TRUE(eventually([&] { return server.connection_count() == 1; }));
  std::atomic<bool> connected{false};
  const std::jthread second{[&] {
    EXPECT_TRUE(gate.connect(late(), Verdict::pass));
    connected = true;
  }};
  EXPECT_TRUE(eventually([&] {
    gate.answered();  // a call over a connection that there was
    return connected.load();
  }));
  server.resume();
}

TEST(GateTest, ManyConnectAtOnceToAServerThatIsKnown) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n").repeat()}};
  Gate gate{settings_for(server)};
  const auto known = gate.connect(late(), Verdict::pass);
  ASSERT_TRUE(known);
  std::atomic<int> connected{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] { connected += gate.connect(late(), Verdict::pass) ? 1 : 0; });
    }
  }
  EXPECT_EQ(connected, 8);
  EXPECT_EQ(server.connection_count(), 9U);
}

/// A gate whose log is kept.
struct LoggedGate {
  std::vector<std::string> lines{};
  Gate gate;

  explicit LoggedGate(net::ServerSettings settings)
      : gate{[&] {
          settings.logger.sink = [this](LogLevel level, std::string_view message) {
            lines.push_back(std::string{to_string(level)} + ": " + std::string{message});
          };
          return settings;
        }()} {}
  void fail(int times) {
    for (int i = 0; i < times; ++i) {
      gate.failed(no_answer());
      gate.call_failed(no_answer());
      gate.write_log();
    }
  }
};

TEST(GateTest, LogsTwoLinesForAnOutageHoweverManyCallsFail) {
  LoggedGate logged{nobody_there()};
  logged.fail(2);
  EXPECT_TRUE(logged.lines.empty()) << "the breaker is closed";
  logged.fail(1000);
  ASSERT_EQ(logged.lines.size(), 1U);
  EXPECT_THAT(logged.lines[0], HasSubstr("error: server 127.0.0.1:"));
  EXPECT_THAT(logged.lines[0], HasSubstr("failed 3 times in a row, since 20"));
  EXPECT_THAT(logged.lines[0], HasSubstr("The last time: no answer"));
  logged.gate.answered();
  EXPECT_TRUE(logged.gate.has_log());
  logged.gate.write_log();
  ASSERT_EQ(logged.lines.size(), 2U);
  EXPECT_THAT(logged.lines[1], HasSubstr("warning: server 127.0.0.1:"));
  EXPECT_THAT(logged.lines[1], HasSubstr("answers again after "));
  EXPECT_THAT(logged.lines[1], HasSubstr("; 1002 calls failed or were omitted"));
  logged.gate.answered();
  EXPECT_FALSE(logged.gate.has_log());
}

TEST(GateTest, LogsNoSecondOutageWhileTheServerConnectsButNeverAnswers) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n").repeat()}};
  net::ServerSettings settings = settings_for(server);
  settings.breaker = {.failures = 1, .first_pause = 1ms, .longest_pause = 1ms};
  LoggedGate logged{settings};
  for (int i = 0; i < 5; ++i) {
    logged.fail(1);
    ASSERT_TRUE(eventually([&] {
      const auto verdict = logged.gate.ask();
      return verdict && verdict.value() == Verdict::probe;
    }));
    ASSERT_TRUE(logged.gate.connect(late(), Verdict::probe));
  }
  EXPECT_EQ(logged.lines.size(), 1U);
}

TEST(GateTest, LogsEachOutageThatOneFailureBegins) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().send("+OK\r\n").repeat()}};
  net::ServerSettings settings = settings_for(server);
  settings.breaker = {.failures = 1, .first_pause = 1ms, .longest_pause = 1ms};
  LoggedGate logged{settings};
  for (std::size_t outages = 1; outages <= 3; ++outages) {
    logged.fail(1);
    EXPECT_EQ(logged.lines.size(), 2 * outages - 1);
    ASSERT_TRUE(eventually([&] {
      const auto verdict = logged.gate.ask();
      return verdict && verdict.value() == Verdict::probe;
    }));
    ASSERT_TRUE(logged.gate.connect(late(), Verdict::probe));
    logged.gate.answered();
    logged.gate.write_log();
    EXPECT_EQ(logged.lines.size(), 2 * outages);
  }
}

TEST(GateTest, TellsOfTheLastTimeOnce) {
  net::ServerSettings settings = nobody_there();
  settings.breaker = {.failures = 1, .first_pause = 1h, .longest_pause = 1h};
  Gate gate{settings};
  gate.failed(no_answer());
  Failure told = no_answer();
  for (const char* const call : {"first", "second"}) {  // which waited for the attempt of the first
    told.message = std::string{no_answer().message} + " [of the " + call + "]";
    gate.call_failed(told);
  }
  const auto refused = gate.ask();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.failure().message, HasSubstr("[of the second]"));
  EXPECT_THAT(refused.failure().message, Not(HasSubstr("[of the first]")));
}

TEST(GateTest, TellsOfTheLastTimeWithItsOwnTimes) {
  net::ServerSettings settings = nobody_there();
  settings.breaker = {.failures = 3, .first_pause = 1h, .longest_pause = 1h};
  Gate gate{settings};
  for (int i = 0; i < 3; ++i) {
    gate.failed(no_answer());
  }
  Failure ended = no_answer();
  ended.message += " [after 103 of the call's 202 ms]";
  gate.call_failed(ended);
  const auto refused = gate.ask();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.failure().refused);
  EXPECT_THAT(refused.failure().message, HasSubstr(" ms ago: no answer [after 103 of the call's 202 ms]"));
  Failure other = refused.failure();
  gate.call_failed(other);  // it was never sent: it is not the last time
  EXPECT_THAT(gate.ask().failure().message, HasSubstr(" ms ago: no answer [after 103 of the call's 202 ms]"));
}

}  // namespace
}  // namespace rediscache::test
