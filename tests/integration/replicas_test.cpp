// A primary and two replicas: where calls go, and where else when a server is gone or says no.
#include <chrono>
#include <string>
#include <vector>

#include "integration/cache_test.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class ReplicasTest : public ::testing::Test {
 protected:
  ReplicasTest() {
    follow(first_);
    follow(second_);
  }

  [[nodiscard]] Options options() const {
    Options options;
    options.location = {primary_.unix_url(), first_.unix_url(), second_.unix_url()};
    options.replica_reads = ReplicaReads::round_robin;
    options.replica_pause = 50ms;
    options.breaker = {.first_pause = 10ms, .longest_pause = 20ms};
    return options;
  }

  /// Makes a server a replica of the primary, and waits until it is one.
  void follow(RedisServer& replica) {
    RawClient raw = replica.connect();
    raw.run({"REPLICAOF", "127.0.0.1", std::to_string(primary_.tcp_address().port)});
    ASSERT_TRUE(eventually([&] {
      return raw.text({"INFO", "replication"})->find("master_link_status:up") != std::string::npos;
    }));
  }
  /// Waits until a replica has what the primary has.
  [[nodiscard]] static bool arrives(const RedisServer& replica, std::string_view made_key,
                                    std::string_view bytes) {
    RawClient raw = replica.connect();
    return eventually([&] { return raw.get(made_key) == bytes; });
  }
  /// Sets on the primary, and waits for both replicas.
  void set_everywhere(std::string_view key, std::string_view bytes) {
    const std::string made = ":1:" + std::string{key};
    primary_.connect().set(made, bytes);
    ASSERT_TRUE(arrives(first_, made, bytes));
    ASSERT_TRUE(arrives(second_, made, bytes));
  }
  static std::int64_t gets(const RedisServer& server) { return server.connect().calls("get"); }
  static void forget_calls(const RedisServer& server) { server.connect().run({"CONFIG", "RESETSTAT"}); }

  // Waiting for a resynchronisation takes a second by default; a delay for its own sake is turned off.
  static RedisServer::Settings settings() {
    return {.tcp = true, .config = {"repl-diskless-sync-delay 0", "save \"\""}};
  }

  RedisServer primary_{settings()};
  RedisServer first_{settings()};
  RedisServer second_{settings()};
};

TEST_F(ReplicasTest, TakeTheReadsAndThePrimaryTheWrites) {
  RedisCache cache{options()};
  EXPECT_TRUE(cache.set("k", 1));
  ASSERT_TRUE(arrives(first_, ":1:k", "1"));
  ASSERT_TRUE(arrives(second_, ":1:k", "1"));
  forget_calls(primary_);
  forget_calls(first_);
  forget_calls(second_);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(cache.get<int>("k"), 1);
  }
  EXPECT_EQ(gets(primary_), 0);
  EXPECT_EQ(gets(first_), 5);
  EXPECT_EQ(gets(second_), 5);
  EXPECT_EQ(cache.incr("k"), 2);
  EXPECT_TRUE(cache.del("k"));
  EXPECT_EQ(cache.statistics().client.servers, 3);
}

TEST_F(ReplicasTest, ReadsInEveryOrderFindTheValue) {
  set_everywhere("k", "1");
  for (const ReplicaReads reads : {ReplicaReads::random, ReplicaReads::round_robin,
                                   ReplicaReads::lowest_latency, ReplicaReads::primary_preferred}) {
    forget_calls(primary_);
    Options own = options();
    own.replica_reads = reads;
    RedisCache cache{own};
    for (int i = 0; i < 40; ++i) {
      EXPECT_EQ(cache.get<int>("k"), 1);
    }
    EXPECT_EQ(gets(primary_), reads == ReplicaReads::primary_preferred ? 40 : 0);
  }
}

TEST_F(ReplicasTest, ALocationWithCommasNamesThemAll) {
  Options own = options();
  own.location = {primary_.unix_url() + "," + first_.unix_url() + "," + second_.unix_url()};
  RedisCache cache{own};
  set_everywhere("k", "1");
  EXPECT_EQ(cache.get<int>("k"), 1);
  EXPECT_EQ(gets(primary_), 0);
}

TEST_F(ReplicasTest, AKilledOneIsSetAsideAndComesBack) {
  set_everywhere("k", "1");
  Options own = options();
  own.replica_pause = 10min;
  RedisCache cache{own};
  first_.kill();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(cache.get<int>("k"), 1);
  }
  EXPECT_EQ(gets(primary_), 0) << "the other replica is there";
  EXPECT_EQ(cache.statistics().client.set_aside, 1);
  EXPECT_LE(cache.statistics().client.connect_failures, 1) << "it is left alone";

  RedisCache soon{options()};
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(soon.get<int>("k"), 1);
    return soon.statistics().client.set_aside == 1;
  }));
  first_.restart();
  follow(first_);
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(soon.get<int>("k"), 1);
    return soon.statistics().client.set_aside == 0;
  }));
  forget_calls(first_);
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(soon.get<int>("k"), 1);
    return gets(first_) > 0;
  }));
}

TEST_F(ReplicasTest, AllKilledThePrimaryIsRead) {
  set_everywhere("k", "1");
  RedisCache cache{options()};
  EXPECT_EQ(cache.get<int>("k"), 1);
  first_.kill();
  second_.kill();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(cache.get<int>("k"), 1);
  }
  EXPECT_EQ(cache.statistics().client.set_aside, 2);
}

TEST_F(ReplicasTest, OneThatStandsStillLeavesTimeForTheOthers) {
  set_everywhere("k", "1");
  Options own = options();
  own.call_timeout = 1s;
  RedisCache cache{own};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(cache.get<int>("k"), 1);  // so that there are connections
  }
  first_.stop_process();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(cache.get<int>("k"), 1);
  }
  first_.continue_process();
}

TEST_F(ReplicasTest, OneThatHasLostItsPrimaryIsNoneToRead) {
  set_everywhere("k", "1");
  first_.connect().run({"CONFIG", "SET", "replica-serve-stale-data", "no"});
  first_.connect().run({"REPLICAOF", "127.0.0.1", "1"});  // answers MASTERDOWN from now on
  RedisCache cache{options()};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(cache.get<int>("k"), 1);
  }
  EXPECT_EQ(gets(primary_), 0);
}

TEST_F(ReplicasTest, ThatLagShowTheOldValueUntilTheNewOneArrives) {
  set_everywhere("k", "1");
  RedisCache cache{options()};
  first_.connect().run({"REPLICAOF", "NO", "ONE"});  // as far behind as can be
  second_.connect().run({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(cache.set("k", 2));
  EXPECT_EQ(cache.get<int>("k"), 1);
  EXPECT_EQ(cache.get<int>("k"), 1);
  follow(first_);
  follow(second_);
  EXPECT_EQ(cache.get<int>("k"), 2);
  EXPECT_EQ(cache.get<int>("k"), 2);
}

TEST_F(ReplicasTest, AKilledPrimaryFailsWritesAndNotReads) {
  set_everywhere("k", "1");
  RedisCache cache{options()};
  primary_.kill();
  EXPECT_EQ(cache.get<int>("k"), 1);
  const auto error = thrown_by<ConnectionError>([&] { cache.set("k", 2); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->server(), to_string(primary_.unix_address()));
  EXPECT_EQ(cache.get<int>("k"), 1);
}

TEST_F(ReplicasTest, WithThePrimaryPreferredReadsGoOnWithoutIt) {
  set_everywhere("k", "1");
  Options own = options();
  own.replica_reads = ReplicaReads::primary_preferred;
  RedisCache cache{own};
  primary_.kill();
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(cache.get<int>("k"), 1);
  }
}

TEST_F(ReplicasTest, OneThatWasLeftOutIsAskedWhenNobodyElseIsThere) {
  set_everywhere("k", "1");
  Options own = options();
  own.replica_pause = 10min;
  own.breaker = {.failures = 0};
  RedisCache cache{own};
  second_.kill();
  first_.kill();
  EXPECT_EQ(cache.get<int>("k"), 1);
  first_.restart();
  first_.connect().set(":1:k", "5");
  primary_.kill();
  EXPECT_EQ(cache.get<int>("k"), 5);
}

TEST_F(ReplicasTest, ADemotedPrimaryFailsWritesThatWaitedInVain) {
  Options own = options();
  own.call_timeout = 700ms;
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 1));
  first_.connect().run({"REPLICAOF", "NO", "ONE"});
  primary_.connect().run({"REPLICAOF", "127.0.0.1", std::to_string(first_.tcp_address().port)});
  const auto error = thrown_by<ResponseError>([&] { cache.set("k", 2); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->failure().prefix(), "READONLY");
}

TEST_F(ReplicasTest, WritesFindWhoWasPromotedWhenTheyMay) {
  Options own = options();
  own.replica_read_only = false;
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 1));
  second_.connect().run({"REPLICAOF", "NO", "ONE"});
  primary_.connect().run({"REPLICAOF", "127.0.0.1", std::to_string(second_.tcp_address().port)});
  const auto has_refused = [&] {
    return primary_.connect().text({"INFO", "errorstats"}).value_or("").find("READONLY") != std::string::npos;
  };
  EXPECT_TRUE(cache.set("k", 2));
  EXPECT_TRUE(has_refused());
  EXPECT_EQ(cache.incr("k"), 3);
  EXPECT_EQ(second_.connect().get(":1:k"), "3");
  forget_calls(primary_);
  EXPECT_TRUE(cache.set("k", 4));
  EXPECT_FALSE(has_refused()) << "who took the last write is asked first";
}

TEST_F(ReplicasTest, WritesGoOnWithoutAKilledPrimaryWhenTheyMay) {
  Options own = options();
  own.replica_read_only = false;
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 1));
  ASSERT_TRUE(arrives(first_, ":1:k", "1"));
  primary_.kill();
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { cache.set("k", 2); })) << "nobody takes it";
  first_.connect().run({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(cache.set("k", 3));
  EXPECT_EQ(cache.incr("k"), 4);
  EXPECT_EQ(first_.connect().get(":1:k"), "4");
}

TEST_F(ReplicasTest, AWriteThatMayHaveBeenDoneIsNotDoneAgainElsewhere) {
  Options own = options();
  own.replica_read_only = false;
  own.call_timeout = 200ms;
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 1));
  ASSERT_TRUE(arrives(first_, ":1:k", "1"));
  first_.connect().run({"REPLICAOF", "NO", "ONE"});
  primary_.stop_process();
  const auto error = thrown_by<ConnectionInterrupted>([&] { (void)cache.incr("k", 1); });
  primary_.continue_process();
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->maybe_executed());
  EXPECT_EQ(first_.connect().get(":1:k"), "1");
}

TEST_F(ReplicasTest, WalksStayOnOneServer) {
  RedisCache cache{options()};
  for (int i = 0; i < 100; ++i) {
    cache.set("key:" + std::to_string(i), i);
  }
  std::size_t walked = 0;
  for (const std::string& key : cache.iter_keys("key:*", {.itersize = 10})) {
    walked += key.starts_with("key:") ? 1 : 0;
  }
  EXPECT_EQ(walked, 100);
  EXPECT_EQ(first_.connect().calls("scan") + second_.connect().calls("scan"), 0);
  EXPECT_EQ(cache.delete_pattern("key:*", {.itersize = 10}), 100);
}

TEST_F(ReplicasTest, AllGoneIsOneFailureThatOmitSwallowsOnce) {
  Options own = options();
  own.ignore_exceptions = true;
  RedisCache cache{own};
  primary_.kill();
  first_.kill();
  second_.kill();
  EXPECT_EQ(cache.get("k", 7), 7);
  EXPECT_EQ(cache.statistics().omitted, 1);
}

}  // namespace
}  // namespace rediscache::test
