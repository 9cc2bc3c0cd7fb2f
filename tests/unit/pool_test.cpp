// Connections on loan.
#include "net/pool.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/child.hpp"
#include "support/wait.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using net::Pool;
using ::testing::HasSubstr;

Script answering() {
  return Script{}.expect_command().send("+OK\r\n").repeat();
}

std::optional<Pool::Lease> lease(Pool& pool, bool must_be_alive = true) {
  auto result = pool.acquire(net::Gate::Verdict::pass, late(), must_be_alive);
  if (!result) {
    ADD_FAILURE() << result.failure().message;
    return std::nullopt;
  }
  return std::optional<Pool::Lease>{std::move(result.value())};
}

bool works(const Pool::Lease& connection) {
  Reply reply;
  return !get(*connection.operator->(), reply) && reply == Reply::status("OK");
}

TEST(PoolTest, OpensNothingUntilAsked) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::Gate gate{settings_for(server)};
  Pool pool{gate};
  EXPECT_EQ(gate.statistics().opened, 0U);
  EXPECT_EQ(gate.settings().endpoint.name(), "unix:" + server.address().path);
}

TEST(PoolTest, LendsTheConnectionGivenBackLastFirst) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::Gate gate{settings_for(server)};
  Pool pool{gate};
  auto a = lease(pool);
  auto b = lease(pool);
  auto c = lease(pool);
  ASSERT_TRUE(a && b && c);
  const net::Connection* const first = a->operator->();
  const net::Connection* const last = b->operator->();
  a.reset();
  c.reset();
  b.reset();
  const auto again = lease(pool);
  EXPECT_EQ(again->operator->(), last);
  EXPECT_NE(last, first);
  EXPECT_EQ(gate.statistics().opened, 3U);
}

TEST(PoolTest, CountsWhatIsIdleAndInUse) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::Gate gate{settings_for(server)};
  Pool pool{gate};
  auto a = lease(pool);
  auto b = lease(pool);
  EXPECT_EQ(pool.statistics().lent, 2U);
  EXPECT_EQ(pool.statistics().idle, 0U);
  a.reset();
  EXPECT_EQ(pool.statistics().lent, 1U);
  EXPECT_EQ(pool.statistics().idle, 1U);
  EXPECT_TRUE(works(*b));
}

TEST(PoolTest, SaysWhenAllConnectionsAreInUse) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = 2;
  settings.pool_timeout = 1ms;
  net::Gate gate{settings};
  Pool pool{gate};
  const auto a = lease(pool);
  const auto b = lease(pool);
  const auto refused = pool.acquire(net::Gate::Verdict::pass, late(), false);
  ASSERT_FALSE(refused);
  const Failure& failure = refused.failure();
  EXPECT_EQ(failure.code, ErrorCode::timeout);
  EXPECT_THAT(failure.message, HasSubstr("all 2 are in use"));
  EXPECT_THAT(failure.message, HasSubstr("pool_timeout (1 ms)"));
  EXPECT_THAT(failure.message, HasSubstr("Options::max_connections"));
  EXPECT_EQ(failure.server, gate.settings().endpoint.name());
  EXPECT_FALSE(failure.maybe_executed);
  EXPECT_FALSE(failure.connection_lost);
}

TEST(PoolTest, GivesTheConnectionGivenBackToWhoWaitsForOne) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = 1;
  settings.pool_timeout = 30s;
  net::Gate gate{settings};
  Pool pool{gate};
  auto only = lease(pool);
  const net::Connection* const lent = only->operator->();
  const net::Connection* got = nullptr;
  {
    const std::jthread waiting{[&] { got = lease(pool)->operator->(); }};
    only.reset();
  }
  EXPECT_EQ(got, lent);
  EXPECT_EQ(gate.statistics().opened, 1U);
}

TEST(PoolTest, ReplacesAConnectionThatDiedWhileIdle) {
  const ScriptedServer server{Transport::local,
                              {Script{}.expect_command().send("+OK\r\n").close(), answering()}};
  net::Gate gate{settings_for(server)};
  Pool pool{gate};
  auto first = lease(pool);
  ASSERT_TRUE(works(*first));
  ASSERT_TRUE(eventually([&] { return !(*first)->alive(); }));
  first.reset();
  EXPECT_EQ(pool.statistics().idle, 1U);
  const auto second = lease(pool);
  EXPECT_TRUE(works(*second));
  EXPECT_EQ(gate.statistics().opened, 2U);
  EXPECT_EQ(pool.statistics().lent, 1U);
  EXPECT_EQ(pool.statistics().lost, 0U) << "nobody was using it";
}

TEST(PoolTest, ReplacesAConnectionThatWasIdleTooLong) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_idle_time = 0ms;
  settings.max_connections = 1;
  net::Gate gate{settings};
  Pool pool{gate};
  lease(pool).reset();
  EXPECT_TRUE(works(*lease(pool)));
  EXPECT_EQ(gate.statistics().opened, 2U);
}

TEST(PoolTest, ClosesAConnectionThatBrokeInUseAndMakesRoom) {
  const ScriptedServer server{Transport::local, {Script{}.expect_command().close(), answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = 1;
  net::Gate gate{settings};
  Pool pool{gate};
  {
    const auto broken = lease(pool);
    EXPECT_FALSE(works(*broken));
  }
  EXPECT_EQ(pool.statistics().lost, 1U);
  EXPECT_EQ(pool.statistics().idle, 0U);
  EXPECT_TRUE(works(*lease(pool)));
}

TEST(PoolTest, ClosesWhatIsIdleAndNothingElse) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = 2;
  net::Gate gate{settings};
  Pool pool{gate};
  const auto used = lease(pool);
  lease(pool).reset();
  pool.close_idle();
  EXPECT_EQ(pool.statistics().idle, 0U);
  EXPECT_EQ(pool.statistics().lent, 1U);
  EXPECT_TRUE(works(*used));
  EXPECT_TRUE(works(*lease(pool))) << "there is room for a new one";
  EXPECT_EQ(gate.statistics().opened, 3U);
}

TEST(PoolTest, GivesAProbeThePlaceOfAnIdleConnection) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = 1;
  net::Gate gate{settings};
  Pool pool{gate};
  lease(pool).reset();
  const auto probe = pool.acquire(net::Gate::Verdict::probe, late(), false);
  ASSERT_TRUE(probe) << probe.failure().message;
  EXPECT_TRUE(works(probe.value()));
  EXPECT_EQ(gate.statistics().opened, 2U);
  EXPECT_EQ(pool.statistics().idle, 0U);
}

TEST(PoolTest, TellsTheGateOfAProbeThatFoundNoPlace) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = 1;
  settings.pool_timeout = 1ms;
  settings.breaker = {.failures = 1, .first_pause = 1ms, .longest_pause = 1ms};
  net::Gate gate{settings};
  Pool pool{gate};
  const auto only = lease(pool);
  gate.failed({.code = ErrorCode::timeout, .message = "no answer", .server = {}, .command = {}});
  ASSERT_TRUE(eventually([&] { return gate.ask().ok(); }));
  EXPECT_FALSE(pool.acquire(net::Gate::Verdict::probe, late(), false));
  const auto next = gate.ask();
  ASSERT_TRUE(next) << "or nobody would ever ask the server again";
  EXPECT_EQ(next.value(), net::Gate::Verdict::probe);
}

TEST(PoolTest, LetsAProbeAndACallInThatWaitForTheSamePlace) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = 1;
  settings.pool_timeout = 30s;
  net::Gate gate{settings};
  Pool pool{gate};
  auto only = lease(pool);
  std::atomic<int> begun{0};
  const auto wait_for_place = [&](net::Gate::Verdict verdict) {
    ++begun;
    const auto got = pool.acquire(verdict, late(), true);
    EXPECT_TRUE(got && works(got.value()));
  };
  const std::jthread probe{wait_for_place, net::Gate::Verdict::probe};
  const std::jthread call{wait_for_place, net::Gate::Verdict::pass};
  ASSERT_TRUE(eventually([&] { return begun == 2; }));
  only.reset();
}

TEST(PoolTest, ReservesNoMemoryForConnectionsThatAreNotOpen) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = std::numeric_limits<std::size_t>::max();
  net::Gate gate{settings};
  Pool pool{gate};
  std::vector<std::optional<Pool::Lease>> many;
  for (int i = 0; i < 20; ++i) {
    many.push_back(lease(pool));
  }
  EXPECT_EQ(pool.statistics().lent, 20U);
  many.clear();
  EXPECT_EQ(pool.statistics().idle, 20U);
}

TEST(PoolTest, ChecksOneOfSeveralConnectionsThatWereIdleForLongAndBelievesIt) {
  const Script forgotten = Script{}.expect_command().send("+OK\r\n").stay_silent();
  const ScriptedServer server{Transport::local, {forgotten, forgotten, forgotten, answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.health_check_interval = 20ms;
  settings.connect_timeout = 50ms;
  net::Gate gate{settings};
  Pool pool{gate};
  {
    const std::vector leases = [&] {
      std::vector<std::optional<Pool::Lease>> made;
      for (int i = 0; i < 3; ++i) {
        made.push_back(lease(pool));
        EXPECT_TRUE(works(*made.back()));
      }
      return made;
    }();
  }
  const auto idle_since = base::Clock::now();
  ASSERT_TRUE(eventually([&] { return base::Clock::now() - idle_since > 100ms; }));
  const auto good = lease(pool);
  ASSERT_TRUE(good);
  EXPECT_TRUE(works(*good));
  EXPECT_EQ(pool.statistics().lost, 1U) << "each check may take connect_timeout";
  EXPECT_EQ(pool.statistics().idle, 0U);
  EXPECT_EQ(gate.statistics().opened, 4U);
  EXPECT_EQ(gate.breaker_text(), "breaker closed") << "a forgotten connection is no failure of the server";
}

TEST(PoolTest, FreesThePlaceOfAConnectionThatDidNotOpen) {
  net::ServerSettings settings;
  settings.endpoint.transport = net::Endpoint::Transport::unix_socket;
  settings.endpoint.path = "/nonexistent/redis.sock";
  settings.max_connections = 1;
  net::Gate gate{settings};
  Pool pool{gate};
  for (int i = 0; i < 3; ++i) {
    const auto refused = pool.acquire(net::Gate::Verdict::pass, late(), false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, ErrorCode::connection) << refused.failure().message;
    EXPECT_EQ(refused.failure().server, "unix:/nonexistent/redis.sock");
  }
  EXPECT_EQ(gate.statistics().failed, 3U);
  EXPECT_EQ(gate.statistics().opened, 0U);
}

TEST(PoolTest, IsEmptyInAForkedChildAndLeavesTheParentsConnectionsAlone) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::Gate gate{settings_for(server)};
  Pool pool{gate};
  auto used = lease(pool);
  lease(pool).reset();
  ASSERT_EQ(pool.statistics().idle, 1U);
  EXPECT_TRUE(holds_in_child([&] {
    const net::PoolStatistics counted = pool.statistics();
    if (counted.idle != 0 || counted.lent != 0) {
      return false;
    }
    used.reset();  // the parent's: nothing is given back, nothing is counted
    if (pool.statistics().lost != 0 || pool.statistics().idle != 0) {
      return false;
    }
    const auto own = pool.acquire(net::Gate::Verdict::pass, late(), true);
    return own && works(own.value()) && pool.statistics().lent == 1;
  }));
  EXPECT_TRUE(works(*used)) << "the one that was on loan";
  const auto idle = lease(pool);
  EXPECT_TRUE(works(*idle)) << "and the one that was idle";
  EXPECT_EQ(gate.statistics().opened, 2U);
}

TEST(PoolTest, IsForkedWhileAProbeFindsNoPlace) {
  EXPECT_TRUE(holds_in_child([] {  // which is ended if it hangs
    const ScriptedServer server{Transport::local, {answering()}};
    net::ServerSettings settings = settings_for(server);
    settings.max_connections = 1;
    settings.pool_timeout = 0ms;
    net::Gate gate{settings};
    Pool pool{gate};
    const auto only = lease(pool);
    std::atomic<bool> done{false};
    const std::jthread probes{[&] {
      while (!done) {
        static_cast<void>(pool.acquire(net::Gate::Verdict::probe, late(), false));
      }
    }};
    bool good = true;
    for (int i = 0; i < 100; ++i) {
      good = ended_well(in_child([] { return true; })) && good;
    }
    done = true;
    return good;
  }));
}

TEST(PoolTest, LeavesNoSocketToAForkedChildWhileItClosesThem) {
  const ScriptedServer server{Transport::tcp, {answering()}};
  net::ServerSettings settings = settings_for(server);
  net::Gate gate{settings};
  Pool pool{gate};
  std::atomic<bool> done{false};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        lease(pool).reset();
        pool.close_idle();
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(holds_in_child([&] { return descriptor_to(server.address().port) < 0; })) << i;
  }
  done = true;
}

TEST(PoolTest, LendsAllItsPlacesAgainInAForkedChild) {
  const ScriptedServer server{Transport::local, {answering()}};
  net::ServerSettings settings = settings_for(server);
  settings.max_connections = 1;
  settings.pool_timeout = 1ms;
  net::Gate gate{settings};
  Pool pool{gate};
  const auto used = lease(pool);
  EXPECT_TRUE(holds_in_child([&] {
    const auto own = pool.acquire(net::Gate::Verdict::pass, late(), false);
    return own && works(own.value());
  }));
  EXPECT_FALSE(pool.acquire(net::Gate::Verdict::pass, late(), false)) << "in the parent it is still on loan";
}

}  // namespace
}  // namespace rediscache::test
