// One name, and failing over behind it: what a cache does when the server says that it is not the one to ask.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "integration/deadlines.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_server.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

/// Two servers, and a name that leads to one of them: a link to its unix socket.
class WrongServerTest : public ::testing::Test {
 protected:
  WrongServerTest() { lead_to(old_); }

  void lead_to(const RedisServer& server) {
    const std::string made = link_ + ".new";
    std::filesystem::create_symlink(server.unix_address().path, made);
    std::filesystem::rename(made, link_);
  }
  /// The old server becomes a replica of the new one.
  void demote() { old_.connect().run({"REPLICAOF", "127.0.0.1", std::to_string(new_.tcp_address().port)}); }
  void fail_over() {
    demote();
    lead_to(new_);
  }
  [[nodiscard]] Options options() const {
    return patient_options("unix://" + link_);  // nothing is sent again but for the wrong server
  }
  [[nodiscard]] static std::int64_t refusals(const RedisServer& server) {
    const std::string errors = server.connect().text({"INFO", "errorstats"}).value_or("");
    const std::string count = "errorstat_READONLY:count=";
    const auto at = errors.find(count);
    return at == std::string::npos ? 0 : std::stoll(errors.substr(at + count.size()));
  }

  static RedisServer::Settings settings() {
    return {.tcp = true, .config = {"repl-diskless-sync-delay 0", "save \"\""}};
  }

  TemporaryDirectory directory_;
  std::string link_ = directory_.path() + "/name.sock";
  RedisServer old_{settings()};
  RedisServer new_{settings()};
};

TEST_F(WrongServerTest, WritesFollowTheName) {
  RedisCache cache{options()};
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_EQ(old_.connect().get(":1:k"), "1");
  fail_over();
  EXPECT_TRUE(cache.set("k", 2));
  EXPECT_EQ(new_.connect().get(":1:k"), "2");
  EXPECT_EQ(cache.incr("k"), 3) << "a script, and what must not run twice";
  EXPECT_TRUE(cache.del("k"));
  EXPECT_EQ(refusals(old_), 1) << "from then on all calls go to the new one";
}

TEST_F(WrongServerTest, EveryKindOfCallFindsTheNewServer) {
  const auto after_failing_over = [&](const auto& call) {
    lead_to(old_);
    old_.connect().run({"REPLICAOF", "NO", "ONE"});
    RedisCache cache{options()};
    EXPECT_TRUE(cache.set("warm", 1));
    fail_over();
    call(cache);
    EXPECT_TRUE(cache.set("again", 1));
    EXPECT_EQ(refusals(new_), 0);
  };
  after_failing_over([](RedisCache& cache) { EXPECT_EQ(cache.incr("n", 1, {.ignore_key_check = true}), 1); });
  after_failing_over([](RedisCache& cache) { EXPECT_TRUE(cache.add("a", 1)); });
  after_failing_over([](RedisCache& cache) { EXPECT_EQ(cache.hset("h", "f", 1), 1); });
  after_failing_over([](RedisCache& cache) { EXPECT_EQ(cache.rpush("l", {1, 2}), 2); });
  after_failing_over([](RedisCache& cache) { EXPECT_TRUE(cache.execute("SET", "raw", "x")); });
  after_failing_over([](RedisCache& cache) { EXPECT_TRUE(cache.lock("lock").acquire()); });
  after_failing_over([](RedisCache& cache) {
    EXPECT_TRUE(cache.set("large", std::string(100'000, 'x'))) << "over a connection of its own";
  });
  after_failing_over(
      [](RedisCache& cache) { EXPECT_THAT(cache.set_many<int>({{"m", 1}, {"n", 2}}), IsEmpty()); });
  after_failing_over([](RedisCache& cache) {
    EXPECT_THAT(cache.set_many<int>({{"m", 1}, {"n", 2}}, {.atomic = true}), IsEmpty());
  });
}

TEST_F(WrongServerTest, PipelinesDoEachCommandOnce) {
  RedisCache cache{options()};
  EXPECT_TRUE(cache.set("k", "old"));
  EXPECT_TRUE(cache.set("n", 5));
  fail_over();
  ASSERT_TRUE(eventually([&] { return old_.connect().get(":1:n") != "5"; })) << "it has the new one's data";
  new_.connect().set(":1:k", "new");
  auto pipeline = cache.pipeline();
  auto stored = pipeline.set("x", 1);
  auto read = pipeline.get<std::string>("k");
  auto counted = pipeline.incr("n", 1, {.ignore_key_check = true});
  EXPECT_TRUE(pipeline.execute());
  EXPECT_TRUE(stored.value());
  EXPECT_EQ(read.value(), "new") << "behind a refused write, so it is read where that was written";
  EXPECT_EQ(counted.value(), 1);
  EXPECT_EQ(new_.connect().get(":1:n"), "1");
}

TEST_F(WrongServerTest, ReadsGoOnWhileWritesWait) {
  RedisCache cache{options()};
  new_.connect().set(":1:k", "7");
  EXPECT_TRUE(cache.set("warm", 1));
  demote();
  ASSERT_TRUE(eventually([&] { return cache.get<int>("k") == 7; })) << "the old server has it by now";
  std::atomic<bool> written{false};
  std::jthread writer{[&] { written = cache.set("w", 1); }};
  ASSERT_TRUE(eventually([&] { return old_.connect().calls("role") >= 1; })) << "the name still leads there";
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(cache.get<int>("k"), 7);
  }
  EXPECT_FALSE(written);
  lead_to(new_);
  writer.join();
  EXPECT_TRUE(written);
  EXPECT_EQ(new_.connect().get(":1:w"), "1");
}

TEST_F(WrongServerTest, ThatStaysWrongIsAResponseErrorWithinTheDeadline) {
  Options own = options();
  own.call_timeout = 700ms;
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 1));
  demote();
  for (int i = 0; i < 3; ++i) {
    const auto error = thrown_by<ResponseError>([&] { cache.set("k", 2); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->prefix(), "READONLY");
    EXPECT_FALSE(error->maybe_executed());
    EXPECT_FALSE(error->failure().misconfigured());
  }
  EXPECT_LE(refusals(old_), 5) << "not every call asks";
}

TEST_F(WrongServerTest, IsLeftAlsoWhenItsConnectionsPassTheirHealthChecks) {
  Options own = options();
  own.health_check_interval = 1ms;
  own.combine = false;
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 1));
  fail_over();
  EXPECT_TRUE(cache.set("k", 2));
  EXPECT_EQ(new_.connect().get(":1:k"), "2");
  EXPECT_TRUE(cache.set("k", 3));
  EXPECT_EQ(refusals(old_), 1);
}

TEST_F(WrongServerTest, IsNotTakenForTheRightOneBecauseItTakesWhatReplicasTake) {
  Options own = options();
  own.call_timeout = 1500ms;
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 1));
  demote();
  EXPECT_TRUE(thrown_by<ResponseError>([&] { cache.set("k", 2); }));
  const std::uint64_t opened = cache.statistics().client.connections_opened;
  EXPECT_TRUE(thrown_by<ResponseError>([&] { cache.publish("channel", "x"); })) << "its turn to find out";
  EXPECT_LE(cache.statistics().client.connections_opened, opened + 2) << "and all stay suspicious";
  lead_to(new_);
  EXPECT_TRUE(cache.within(20s).set("k", 3));
  EXPECT_EQ(new_.connect().get(":1:k"), "3");
}

TEST_F(WrongServerTest, ABlockingCommandHoldsUpNoWrite) {
  RedisCache cache{options()};
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_EQ(cache.keys("*").size(), 1U) << "over a connection of its own, which the blocking command takes";
  fail_over();
  std::jthread blocked{[&] { (void)cache.execute("BLPOP", "queue", 15); }};  // the first to find out
  ASSERT_TRUE(eventually([&] {
    return new_.connect().text({"INFO", "clients"})->find("blocked_clients:1") != std::string::npos;
  }));
  EXPECT_TRUE(cache.within(5s).set("k", 2));
  EXPECT_TRUE(cache.execute("RPUSH", "queue", "x"));
}

TEST_F(WrongServerTest, ManyThreadsLoseNoWrite) {
  RedisCache cache{options()};
  std::atomic<bool> stop{false};
  std::atomic<int> failed{0};
  std::atomic<int> rounds{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        const std::string key = "k" + std::to_string(thread);
        for (int i = 0; !stop; ++i) {
          try {
            failed += cache.set(key, i) ? 0 : 1;
            (void)cache.get<int>(key);
          } catch (const Error&) {
            ++failed;
          }
          ++rounds;
        }
      });
    }
    EXPECT_TRUE(eventually([&] { return rounds > 100; }));
    fail_over();
    const int before = rounds;
    EXPECT_TRUE(eventually([&] { return rounds > before + 400; }));
    stop = true;
  }
  EXPECT_EQ(failed, 0);
  EXPECT_GT(new_.connect().calls("set"), 0);
  const std::int64_t refused = refusals(old_);
  EXPECT_TRUE(cache.set("last", 1));
  EXPECT_EQ(refusals(old_), refused) << "nothing is written there any more";
}

TEST_F(WrongServerTest, OfSeveralShardsIsLeftToo) {
  RedisServer other{settings()};
  Options own = options();
  own.location.push_back(other.unix_url());
  own.client_class = "ShardClient";
  RedisCache cache{own};
  std::vector<std::pair<std::string, int>> entries;
  for (int i = 0; i < 40; ++i) {
    entries.emplace_back("k" + std::to_string(i), i);
  }
  EXPECT_THAT(cache.set_many(entries), IsEmpty());
  fail_over();
  EXPECT_THAT(cache.set_many(entries), IsEmpty());
  EXPECT_GT(new_.connect().integer({"DBSIZE"}), 0);
  EXPECT_THAT(cache.set_many(entries), IsEmpty());
  EXPECT_EQ(refusals(new_), 0);
}

/// What no real server does on request.
class WrongServerScriptTest : public ::testing::Test {
 protected:
  /// A call to a server that says `refusal` on its first connection and `answer` on the second, after
  /// `commands` altogether.
  template <class Call>
  static auto call(std::string_view refusal, std::string_view answer, std::size_t commands,
                   const Call& call) {
    ScriptedServer server{
        Transport::local,
        {Script{}.expect_command().send(refusal).repeat(), Script{}.expect_command().send(answer).repeat()}};
    RedisCache cache{patient_options(server.url())};
    auto result = call(cache);
    EXPECT_EQ(server.connection_count(), 2);
    EXPECT_EQ(server.command_count(), commands);
    return result;
  }
};

TEST_F(WrongServerScriptTest, OldServersSayItInTheErrorOfAScript) {
  const auto counted = call(
      "-ERR Error running script (call to f_f496058d1e3f47841890393ea8cd857be26ae65d): @user_script:1: "
      "@user_script: 1: -READONLY You can't write against a read only replica. \r\n",
      "$1\r\n6\r\n", 3,  // one of them ROLE, to which this server has no sensible answer
      [](RedisCache& cache) { return cache.incr("k").value_or(0); });
  EXPECT_EQ(counted, 6);
}

TEST_F(WrongServerScriptTest, AReplicaWithoutItsPrimaryIsNotReadEither) {
  const auto found =
      call("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
           "$1\r\n6\r\n", 2, [](RedisCache& cache) { return cache.get<int>("k"); });
  EXPECT_EQ(found, 6);
}

TEST(TransactionTest, ThatIsDiscardedTellsWhy) {
  const auto failure = [](std::string_view queued, std::string_view executed) {
    ScriptedServer server{Transport::local,
                          {Script{}
                               .expect_command()
                               .send("+OK\r\n")
                               .expect_command()
                               .send(queued)
                               .expect_command()
                               .send(executed)
                               .repeat()}};
    RedisCache cache{patient_options(server.url())};
    const auto error =
        thrown_by<ConnectionInterrupted>([&] { (void)cache.set_many<int>({{"k", 1}}, {.atomic = true}); });
    return error ? error->failure() : Failure{};
  };
  const std::string_view aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n";
  const Failure full = failure("-OOM command not allowed when used memory > 'maxmemory'.\r\n", aborted);
  EXPECT_EQ(full.prefix(), "OOM");
  EXPECT_FALSE(full.misconfigured());
  const Failure forbidden =
      failure("-NOPERM this user has no permissions to run the 'set' command\r\n", aborted);
  EXPECT_EQ(forbidden.code, ErrorCode::authentication);
  EXPECT_EQ(failure("-LOADING Redis is loading the dataset in memory\r\n", aborted).prefix(), "LOADING");
  EXPECT_EQ(failure("+QUEUED\r\n", "-EXECABORT Transaction discarded because of: OOM command not allowed\r\n")
                .prefix(),
            "OOM");
}

TEST(TransactionTest, ThatIsDiscardedWhileTheServerLoadsIsSentAgain) {
  ScriptedServer server{Transport::local,
                        {Script{}
                             .expect_command()
                             .send("+OK\r\n")
                             .expect_command()
                             .send("-LOADING Redis is loading the dataset in memory\r\n")
                             .expect_command()
                             .send("-EXECABORT Transaction discarded because of previous errors.\r\n")
                             .expect_command()
                             .send("+OK\r\n")
                             .expect_command()
                             .send("+QUEUED\r\n")
                             .expect_command()
                             .send("*1\r\n+OK\r\n")}};
  Options options = patient_options(server.url());
  options.max_retries = 2;
  RedisCache cache{options};
  EXPECT_THAT(cache.set_many<int>({{"k", 1}}, {.atomic = true}), IsEmpty());
  EXPECT_EQ(server.command_count(), 6);
}

}  // namespace
}  // namespace rediscache::test
