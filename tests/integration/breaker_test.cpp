// A server that is down costs its callers next to nothing, and is noticed soon when it is back.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"
#include "integration/deadlines.hpp"
#include "support/scripted_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class BreakerOutageTest : public CacheTest {
 protected:
  [[nodiscard]] Options ignoring() const {
    Options own = options();
    own.ignore_exceptions = true;
    return own;
  }
  /// Calls until the breaker is open.
  static void open_breaker(RedisCache& cache) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(cache.get("k", 7), 7);
    }
    ASSERT_EQ(cache.statistics().client.breaker, BreakerState::open);
  }
};
INSTANTIATE_TEST_SUITE_P(Each, BreakerOutageTest,
                         ::testing::Values(Setup{Transport::local, "plain"}, Setup{Transport::tcp, "plain"}),
                         setup_name);

TEST_P(BreakerOutageTest, AfterThreeFailuresCallsAreOmittedWithoutAskingTheServer) {
  RedisCache cache{ignoring()};
  cache.set("k", 1);
  server().kill();
  open_breaker(cache);
  const auto before = cache.statistics().client;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(cache.get("k", 7), 7);
  }
  const auto after = cache.statistics().client;
  EXPECT_GE(after.refused, before.refused + 90) << "nearly all; a probe or two may have been due";
  EXPECT_LE(after.connect_failures, before.connect_failures + 10);
  EXPECT_EQ(after.breaker_opened, 1);
}

TEST_P(BreakerOutageTest, ItsErrorSaysWhyAndWhenAgain) {
  RedisCache cache{options()};
  server().kill();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.get<int>("k"); }));
  }
  const auto error = thrown_by<ConnectionError>([&] { (void)cache.incr("k"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("not sent: the server failed 3 times in a row"));
  EXPECT_THAT(error->what(), HasSubstr("the next try is due in"));
  EXPECT_THAT(error->what(), HasSubstr("(breaker open)"));
  EXPECT_FALSE(error->maybe_executed());
  EXPECT_FALSE(error->command().empty());
}

TEST_P(BreakerOutageTest, CallsGoThroughAgainSoonAfterTheServerIsBack) {
  RedisCache cache{ignoring()};
  server().kill();
  open_breaker(cache);
  restart_server();
  EXPECT_TRUE(eventually([&] { return cache.set("k", 1); }));
  EXPECT_EQ(cache.statistics().client.breaker, BreakerState::closed);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(cache.get("k", 7), 1) << "closed, it stays closed";
  }
}

TEST_P(BreakerOutageTest, AServerThatStandsStillOpensItToo) {
  Options own = ignoring();
  own.call_timeout = 50ms;
  RedisCache cache{own};
  cache.set("k", 1);
  server().stop_process();
  open_breaker(cache);
  server().continue_process();
  EXPECT_TRUE(eventually([&] { return cache.get("k", 7) == 1; }));
}

TEST_P(BreakerOutageTest, ManyThreadsAgainstADeadServerMakeFewAttempts) {
  constexpr std::uint64_t threads = 64;
  constexpr std::uint64_t calls = 500;
  Options own = ignoring();
  own.breaker.first_pause = own.breaker.longest_pause = 1h;  // no probe comes in between
  RedisCache cache{own};
  server().kill();
  {
    std::vector<std::jthread> callers;
    for (std::uint64_t i = 0; i < threads; ++i) {
      callers.emplace_back([&] {
        for (std::uint64_t j = 0; j < calls; ++j) {
          EXPECT_EQ(cache.get("k", 7), 7);
        }
      });
    }
  }
  EXPECT_EQ(cache.statistics().client.connect_failures, 3U);
  EXPECT_EQ(cache.statistics().omitted, threads * calls);
}

TEST_P(BreakerOutageTest, SwitchedOffEveryCallTries) {
  Options own = ignoring();
  own.breaker.failures = 0;
  RedisCache cache{own};
  server().kill();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(cache.get("k", 7), 7);
  }
  EXPECT_EQ(cache.statistics().client.connect_failures, 20);
  EXPECT_EQ(cache.statistics().client.refused, 0);
}

TEST_P(BreakerOutageTest, KilledConnectionsDoNotOpenIt) {
  Options own = options();
  own.breaker.failures = 1;
  RedisCache cache{own};
  for (int round = 0; round < 5; ++round) {
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { EXPECT_NO_THROW(cache.set("k", 1)); });
      }
    }
    raw().run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  }
  EXPECT_EQ(cache.statistics().client.breaker_opened, 0);
}

TEST_P(BreakerOutageTest, AnErrorReplyIsAnAnswer) {
  Options own = options();
  own.breaker.failures = 1;
  RedisCache cache{own};
  raw().run({"LPUSH", ":1:list", "x"});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(thrown_by<ResponseError>([&] { (void)cache.get<int>("list"); }));
  }
  EXPECT_EQ(cache.statistics().client.breaker, BreakerState::closed);
}

TEST(FreshConnectionTest, ThatBreaksAtItsFirstCallSaysNothingOfTheServer) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().reset()}};
  Options own = patient_options(server.url());
  own.max_retries = 0;
  RedisCache cache{own};
  for (std::size_t i = 1; i <= 5; ++i) {
    EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)cache.incr("k"); }));
    EXPECT_EQ(server.connection_count(), i) << "it lives, or it could not be connected to";
  }
  EXPECT_EQ(cache.statistics().client.breaker, BreakerState::closed);
}

TEST(WrongPasswordTest, StaysAnAuthenticationErrorWhenTheBreakerIsOpen) {
  ScriptedServer server{Transport::local, {Script{}.expect_bytes(1).send("-WRONGPASS no\r\n").close()}};
  Options own = patient_options(server.url());
  own.password = "secret";
  RedisCache cache{own};
  for (int i = 0; i < 5; ++i) {
    const auto error = thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), ::testing::Not(HasSubstr("secret")));
  }
  EXPECT_EQ(server.connection_count(), 3U);
}

}  // namespace
}  // namespace rediscache::test
