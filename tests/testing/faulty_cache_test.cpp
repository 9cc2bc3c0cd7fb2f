// A faulty cache over one that answers everything well.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/testing/faulty_cache.hpp>

#include "spelling/recording_cache.hpp"
#include "support/thrown.hpp"

namespace rediscache::testing {
namespace {

using namespace std::chrono_literals;
using Kind = CallFault::Kind;
using test::thrown_by;

class FaultyCacheTest : public ::testing::Test {
 protected:
  FaultyCacheTest() { next_.stored = Value{std::int64_t{7}}; }

  /// Every kind of call, once.
  void call_all() {
    (void)cache_.set("k", 1);
    (void)cache_.get<int>("k");
    (void)cache_.get_many<int>({"k"});
    (void)cache_.set_many<int>({{"k", 1}});
    (void)cache_.del("k");
    (void)cache_.delete_many({"k"});
    (void)cache_.delete_pattern("*");
    cache_.clear();
    (void)cache_.touch("k");
    (void)cache_.incr("k");
    (void)cache_.has_key("k");
    (void)cache_.persist("k");
    (void)cache_.expire("k", 1s);
    (void)cache_.expire_at("k", std::chrono::sys_seconds{1s});
    (void)cache_.incr_version("k");
    (void)cache_.keys("*");
    (void)cache_.iter_keys("*");
    (void)cache_.pttl("k");
  }

  spelling::RecordingCache next_;
  FaultyCache cache_{next_};
};

TEST_F(FaultyCacheTest, WithoutRulesPassesEverythingOn) {
  EXPECT_TRUE(cache_.set("k", "v", {.timeout = 5s, .version = 3, .xx = true}));
  EXPECT_EQ(next_.keys, std::vector<std::string>{"k"});
  EXPECT_EQ(next_.set_options.version, 3);
  EXPECT_TRUE(next_.set_options.xx);
  EXPECT_EQ(cache_.get<int>("k", {.version = 4}), 7);
  EXPECT_EQ(next_.version, 4);
  const auto many = cache_.get_many<int>({"a", "b"});
  EXPECT_EQ(many.size(), 2U);
  EXPECT_EQ(many.at("b"), 7);
  EXPECT_TRUE(cache_.set_many<int>({{"a", 1}, {"b", 2}}).empty());
  EXPECT_TRUE(cache_.del("d"));
  EXPECT_EQ(cache_.delete_many({"a", "b"}), 2);
  (void)cache_.delete_pattern("p*");
  EXPECT_EQ(next_.pattern, "p*");
  EXPECT_TRUE(cache_.touch("k", 3s));
  EXPECT_EQ(next_.timeout, Timeout{3s});
  EXPECT_EQ(cache_.incr("k", 5).value(), 5);
  EXPECT_TRUE(cache_.has_key("k"));
  EXPECT_TRUE(cache_.persist("k"));
  EXPECT_TRUE(cache_.pexpire("k", 1500ms));
  EXPECT_EQ(next_.timeout, Timeout{1500ms});
  EXPECT_EQ(cache_.incr_version("k", 2).value(), 2);
  auto scan = cache_.iter_keys("i*");
  for (const std::string& key : scan) {
    ADD_FAILURE() << key;
  }
  EXPECT_TRUE(scan.complete());
  EXPECT_EQ(cache_.pttl("k").remaining(), 1500ms);
  EXPECT_EQ(cache_.statistics().faults, 0U);
  EXPECT_EQ(cache_.statistics().calls, 15U);
}

TEST_F(FaultyCacheTest, ThrowsEachKindOfErrorNamingTheCall) {
  cache_.fail_next(1, {.kind = Kind::connection_error});
  const auto lost = thrown_by<ConnectionError>([&] { (void)cache_.get<int>("k"); });
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->command(), "get");
  EXPECT_TRUE(lost->connection_lost());
  EXPECT_FALSE(lost->maybe_executed());
  cache_.fail_next(1, {.kind = Kind::timeout_error});
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache_.set("k", 1); }));
  cache_.fail_next(1, {.kind = Kind::authentication_error});
  EXPECT_TRUE(thrown_by<AuthenticationError>([&] { (void)cache_.del("k"); }));
  cache_.fail_next(1, {.kind = Kind::tls_error});
  EXPECT_TRUE(thrown_by<TlsError>([&] { (void)cache_.incr("k"); }));
  cache_.fail_next(1, {.kind = Kind::response_error});
  const auto refused = thrown_by<ResponseError>([&] { cache_.clear(); });
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->prefix(), "OOM");
  EXPECT_EQ(cache_.get<int>("k"), 7);
}

TEST_F(FaultyCacheTest, OmitsAsACacheWithIgnoreExceptions) {
  cache_.add_rule({.fault = {.kind = Kind::omit}});
  EXPECT_FALSE(cache_.set("k", 1));
  EXPECT_FALSE(cache_.add("k", 1));
  EXPECT_EQ(cache_.get("k", 3), 3);
  EXPECT_TRUE(cache_.get_many<int>({"a", "b"}).empty());
  EXPECT_EQ(cache_.get_or_set("k", [] { return 9; }), 9);
  EXPECT_EQ((cache_.set_many<int>({{"a", 1}, {"b", 2}})), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(cache_.del("k"));
  EXPECT_EQ(cache_.delete_many({"a"}), 0);
  EXPECT_EQ(cache_.delete_pattern("*"), 0);
  cache_.clear();
  EXPECT_FALSE(cache_.touch("k"));
  EXPECT_TRUE(cache_.incr("k").omitted());
  EXPECT_TRUE(cache_.decr("k").omitted());
  EXPECT_FALSE(cache_.has_key("k"));
  EXPECT_FALSE(cache_.persist("k"));
  EXPECT_FALSE(cache_.expire("k", 1s));
  EXPECT_FALSE(cache_.pexpire_at("k", std::chrono::sys_time<std::chrono::milliseconds>{1s}));
  EXPECT_TRUE(cache_.incr_version("k").omitted());
  EXPECT_TRUE(cache_.keys("*").empty());
  auto scan = cache_.iter_keys("*");
  EXPECT_EQ(scan.begin(), scan.end());
  EXPECT_FALSE(scan.complete());
  EXPECT_TRUE(cache_.ttl("k").omitted());
  EXPECT_TRUE(cache_.pttl("k").omitted());
  EXPECT_TRUE(next_.keys.empty());
}

TEST_F(FaultyCacheTest, MissesFindNothingAndLeaveOtherCallsAlone) {
  cache_.add_rule({.fault = {.kind = Kind::miss}});
  EXPECT_EQ(cache_.get<int>("k"), std::nullopt);
  EXPECT_TRUE(cache_.get_many<int>({"k"}).empty());
  EXPECT_FALSE(cache_.has_key("k"));
  EXPECT_TRUE(cache_.ttl("k").is_missing());
  EXPECT_TRUE(cache_.set("k", 1));
  EXPECT_EQ(cache_.incr("k", 2).value(), 2);
  EXPECT_TRUE(cache_.del("k"));
}

TEST_F(FaultyCacheTest, LosesTheResultOfACallThatWasMade) {
  cache_.fail_next(1, {.kind = Kind::timeout_error, .executed = true});
  const auto late = thrown_by<TimeoutError>([&] { (void)cache_.incr("hits", 4); });
  ASSERT_TRUE(late);
  EXPECT_TRUE(late->maybe_executed());
  EXPECT_EQ(next_.keys, std::vector<std::string>{"hits"});
  EXPECT_EQ(next_.delta, 4);
  cache_.fail_next(1, {.kind = Kind::omit, .executed = true});
  EXPECT_TRUE(cache_.incr("more", 5).omitted());
  EXPECT_EQ(next_.delta, 5);
}

TEST_F(FaultyCacheTest, AWalkFailsWhenItBegins) {
  cache_.fail_next(1, {.kind = Kind::connection_error}, {CacheCall::iter_keys});
  auto scan = cache_.iter_keys("*");
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)scan.begin(); }));
}

TEST_F(FaultyCacheTest, FailsOnlyTheCallsChosen) {
  cache_.add_rule({.fault = {.kind = Kind::omit}, .calls = {CacheCall::del, CacheCall::touch}});
  EXPECT_TRUE(cache_.set("k", 1));
  EXPECT_FALSE(cache_.del("k"));
  EXPECT_TRUE(cache_.has_key("k"));
  EXPECT_FALSE(cache_.touch("k"));
}

TEST_F(FaultyCacheTest, EveryCallCanBeChosen) {
  call_all();
  const auto calls = cache_.statistics().calls;
  EXPECT_EQ(calls, 18U);
  for (int kind = 0; kind <= static_cast<int>(CacheCall::pttl); ++kind) {
    const auto chosen = static_cast<CacheCall>(kind);
    EXPECT_FALSE(to_string(chosen).empty());
    const auto before = cache_.statistics().faults;
    cache_.add_rule({.fault = {.kind = Kind::omit}, .calls = {chosen}});
    call_all();
    EXPECT_EQ(cache_.statistics().faults - before, chosen == CacheCall::expire ? 2U : 1U)
        << to_string(chosen);
    cache_.heal();
  }
}

TEST_F(FaultyCacheTest, TheNextOnesComeBeforeTheRulesAndThenAreGone) {
  cache_.add_rule({.fault = {.kind = Kind::miss}, .times = 2});
  cache_.fail_next(2, {.kind = Kind::timeout_error}, {CacheCall::get});
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache_.get<int>("k"); }));
  EXPECT_FALSE(cache_.has_key("k"));
  EXPECT_TRUE(thrown_by<TimeoutError>([&] { (void)cache_.get<int>("k"); }));
  EXPECT_EQ(cache_.get<int>("k"), std::nullopt);
  EXPECT_EQ(cache_.get<int>("k"), 7);
  cache_.fail_next(0, {.kind = Kind::timeout_error});
  EXPECT_EQ(cache_.get<int>("k"), 7);
  EXPECT_EQ(cache_.statistics().faults, 4U);
}

TEST_F(FaultyCacheTest, FailsAsOftenAsItSaysTheSameForASeed) {
  const auto misses = [&](std::uint64_t seed) {
    FaultyCache cache{next_, seed};
    cache.add_rule({.fault = {.kind = Kind::miss}, .rate = 0.25});
    std::string pattern;
    for (int i = 0; i < 1000; ++i) {
      pattern += cache.get<int>("k") ? '.' : 'x';
    }
    EXPECT_NEAR(static_cast<double>(cache.statistics().faults), 250, 70);
    return pattern;
  };
  EXPECT_EQ(misses(1), misses(1));
  EXPECT_NE(misses(1), misses(2));
}

TEST_F(FaultyCacheTest, IsSlowByTheLatency) {
  cache_.add_rule({.fault = {.kind = Kind::slow, .latency = 20ms}});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(cache_.get<int>("k"), 7);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
}

TEST_F(FaultyCacheTest, HealingEndsAllOfIt) {
  cache_.add_rule({.fault = {.kind = Kind::connection_error}});
  cache_.heal();
  EXPECT_EQ(cache_.get<int>("k"), 7);
}

}  // namespace
}  // namespace rediscache::testing
