// Views of a cache with a deadline of their own, and handles that were moved from or outlive what made them.
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/redis_cache.hpp>

#include "support/thrown.hpp"
#include "unit/fake_client.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// What a client was told of the deadline of each call.
struct SeenDeadline {
  Client::Deadline deadline{};
  bool is_kept = false;
};

class DeadlineRecorder final : public Client {
 public:
  explicit DeadlineRecorder(std::vector<SeenDeadline>& seen) : seen_{seen} {}
  std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                 Deadline deadline) override {
    seen_.push_back({.deadline = deadline, .is_kept = commands.keeps_deadline()});
    for (std::size_t i = 0; i < replies.size(); ++i) {
      const std::string_view name = commands.name(i);
      replies[i] = name == "SCAN" || name == "SSCAN" ? Reply::array({Reply::text("0"), Reply::array({})})
                   : name == "GET"                   ? Reply{}
                   : name == "SET"                   ? Reply::status("OK")
                                                     : Reply::integer(1);
    }
    return std::nullopt;
  }

 private:
  std::vector<SeenDeadline>& seen_;
};

class WithinTest : public ::testing::Test {
 protected:
  WithinTest() : cache_{options()} {}

  [[nodiscard]] Options options() {
    Options options;
    options.call_timeout = 1h;
    options.client_factory = [this](const Options&) { return std::make_unique<DeadlineRecorder>(seen_); };
    return options;
  }

  /// Runs `call`, which sends at least one command, and expects that each had `time` to end.
  template <class Call>
  void expect_deadline(std::chrono::milliseconds time, Call&& call) {
    seen_.clear();
    const auto before = std::chrono::steady_clock::now();
    call();
    const auto after = std::chrono::steady_clock::now();
    ASSERT_FALSE(seen_.empty());
    for (const SeenDeadline& seen : seen_) {
      EXPECT_GE(seen.deadline, before + time);
      EXPECT_LE(seen.deadline, after + time);
      EXPECT_TRUE(seen.is_kept) << "no client may extend it";
    }
  }

  std::vector<SeenDeadline> seen_;
  RedisCache cache_;
};

TEST_F(WithinTest, EveryKindOfCallHasTheDeadlineOfItsView) {
  RedisCache quick = cache_.within(20s);
  expect_deadline(20s, [&] { (void)quick.get<int>("k"); });
  expect_deadline(20s, [&] { quick.set("k", 1); });
  expect_deadline(20s, [&] { quick.incr("k"); });
  expect_deadline(20s, [&] { quick.incr_version("k"); });
  expect_deadline(20s, [&] { quick.delete_pattern("*"); });
  expect_deadline(20s, [&] { quick.sadd("s", 1); });
  expect_deadline(20s, [&] { quick.execute("STRLEN", "k"); });
  expect_deadline(20s, [&] { quick.publish("channel", "message"); });
  expect_deadline(20s, [&] { (void)quick.get_or_set("k", 1); });
}

TEST_F(WithinTest, WhatTheViewGivesOutHasItsDeadline) {
  RedisCache quick = cache_.within(20s);
  expect_deadline(20s, [&] {
    Pipeline pipeline = quick.pipeline();
    (void)pipeline.set("k", 1);
    pipeline.execute();
  });
  expect_deadline(20s, [&] {
    for (const std::string& key : quick.iter_keys("*")) {
      FAIL() << key;
    }
  });
  expect_deadline(20s, [&] {
    for (const int member : quick.sscan_iter<int>("s")) {
      FAIL() << member;
    }
  });
  expect_deadline(20s, [&] { (void)quick.lock("l").locked(); });
  expect_deadline(20s, [&] { (void)quick.semaphore("p", {.permits = 2}).holders(); });
  expect_deadline(20s, [&] { (void)quick.shared_lock("r").holders(); });
}

TEST_F(WithinTest, TheCacheItselfKeepsItsDeadline) {
  const RedisCache quick = cache_.within(20s);
  (void)cache_.get<int>("k");
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_GT(seen_[0].deadline, std::chrono::steady_clock::now() + 30min);
  EXPECT_FALSE(seen_[0].is_kept);
}

TEST_F(WithinTest, TheDeadlineMayBeLongerThanCallTimeout) {
  RedisCache patient = cache_.within(5h);
  expect_deadline(5h, [&] { (void)patient.get<int>("k"); });
}

TEST_F(WithinTest, TheLastOfSeveralCounts) {
  RedisCache view = cache_.within(5h).within(10s);
  expect_deadline(10s, [&] { (void)view.get<int>("k"); });
}

TEST_F(WithinTest, NoTimeOverflows) {
  const auto now = std::chrono::steady_clock::now();
  (void)cache_.within(std::chrono::hours::max()).get<int>("k");
  (void)cache_.within(std::chrono::nanoseconds::max()).get<int>("k");
  (void)cache_.within(std::chrono::duration<double>{std::numeric_limits<double>::infinity()}).get<int>("k");
  ASSERT_EQ(seen_.size(), 3U);
  for (const SeenDeadline& seen : seen_) {
    EXPECT_GT(seen.deadline, now + 24h * 365);
  }
}

TEST_F(WithinTest, NoTimeAtAllIsADeadlineThatHasPassed) {
  (void)cache_.within(0s).get<int>("k");
  (void)cache_.within(-1h).get<int>("k");
  (void)cache_.within(std::chrono::hours::min()).get<int>("k");
  ASSERT_EQ(seen_.size(), 3U);
  for (const SeenDeadline& seen : seen_) {
    EXPECT_LE(seen.deadline, std::chrono::steady_clock::now());
  }
}

TEST_F(WithinTest, CombinesWithStrictInEitherOrder) {
  Options failing = options_failing_with(failure_with(ErrorCode::timeout));
  failing.ignore_exceptions = true;
  RedisCache cache{failing};
  EXPECT_EQ(cache.within(20ms).get<int>("k"), std::nullopt);
  EXPECT_THROW((void)cache.within(20ms).strict().get<int>("k"), TimeoutError);
  EXPECT_THROW((void)cache.strict().within(20ms).get<int>("k"), TimeoutError);
  EXPECT_EQ(cache.statistics().omitted, 1U);

  RedisCache view = cache_.within(20s).strict();
  expect_deadline(20s, [&] { (void)view.get<int>("k"); });
  RedisCache other = cache_.strict().within(20s);
  expect_deadline(20s, [&] { (void)other.get<int>("k"); });
}

/// What a moved-from object of class `type` throws.
template <class Call>
void expect_moved_from(const std::string& type, Call&& call) {
  const auto error = thrown_by<InvalidArgument>(std::forward<Call>(call));
  ASSERT_TRUE(error) << type;
  EXPECT_THAT(error->what(), HasSubstr(type + " was moved from"));
}

class MovedFromTest : public WithinTest {};

TEST_F(MovedFromTest, ACacheSaysSoInEveryCall) {
  RedisCache taken = std::move(cache_);
  RedisCache& left = cache_;  // NOLINT(bugprone-use-after-move)
  const std::string cache = "RedisCache";
  expect_moved_from(cache, [&] { (void)left.set("k", 1); });
  expect_moved_from(cache, [&] { (void)left.get<int>("k"); });
  expect_moved_from(cache, [&] { (void)left.get_many<int>({"k"}); });
  expect_moved_from(cache, [&] { (void)left.set_many<int>({{"k", 1}}); });
  expect_moved_from(cache, [&] { left.del("k"); });
  expect_moved_from(cache, [&] { left.delete_many({"k"}); });
  expect_moved_from(cache, [&] { left.delete_pattern("*"); });
  expect_moved_from(cache, [&] { left.clear(); });
  expect_moved_from(cache, [&] { left.touch("k"); });
  expect_moved_from(cache, [&] { left.persist("k"); });
  expect_moved_from(cache, [&] { left.expire("k", 1s); });
  expect_moved_from(cache, [&] { (void)left.incr("k"); });
  expect_moved_from(cache, [&] { left.incr_version("k"); });
  expect_moved_from(cache, [&] { (void)left.keys("*"); });
  expect_moved_from(cache, [&] { (void)left.iter_keys("*"); });
  expect_moved_from(cache, [&] { (void)left.has_key("k"); });
  expect_moved_from(cache, [&] { (void)left.ttl("k"); });
  expect_moved_from(cache, [&] { (void)left.strict(); });
  expect_moved_from(cache, [&] { (void)left.within(1s); });
  expect_moved_from(cache, [&] { (void)left.pipeline(); });
  expect_moved_from(cache, [&] { (void)left.lock("k"); });
  expect_moved_from(cache, [&] { (void)left.semaphore("k", {.permits = 1}); });
  expect_moved_from(cache, [&] { (void)left.shared_lock("k"); });
  expect_moved_from(cache, [&] { left.execute("PING"); });
  expect_moved_from(cache, [&] { left.publish("c", "m"); });
  expect_moved_from(cache, [&] { (void)left.subscribe({.channels = {"c"}}); });
  expect_moved_from(cache, [&] { (void)left.sadd("s", 1); });
  expect_moved_from(cache, [&] { (void)left.sscan_iter<int>("s"); });
  expect_moved_from(cache, [&] { (void)left.hscan_iter<int>("h"); });
  expect_moved_from(cache, [&] { (void)left.statistics(); });
  expect_moved_from(cache, [&] { (void)left.make_key("k"); });
  expect_moved_from(cache, [&] { (void)left.reverse_key("k"); });
  left.close();
  left = std::move(taken);
  EXPECT_EQ(left.get<int>("k"), std::nullopt) << "it can be assigned to";
}

TEST_F(MovedFromTest, APipelineSaysSoInEveryCall) {
  Pipeline left = cache_.pipeline();
  Pending<bool> stored = left.set("k", 1);
  Pipeline taken = std::move(left);
  // NOLINTBEGIN(bugprone-use-after-move)
  expect_moved_from("Pipeline", [&] { (void)left.set("k", 1); });
  expect_moved_from("Pipeline", [&] { (void)left.get<int>("k"); });
  expect_moved_from("Pipeline", [&] { (void)left.incr("k"); });
  expect_moved_from("Pipeline", [&] { (void)left.sadd("s", 1); });
  expect_moved_from("Pipeline", [&] { (void)left.pttl("k"); });
  expect_moved_from("Pipeline", [&] { left.execute(); });
  EXPECT_EQ(left.size(), 0U);
  EXPECT_TRUE(taken.execute());
  const Pending<bool> kept = std::move(stored);
  expect_moved_from("Pending", [&] { (void)stored.value(); });
  // NOLINTEND(bugprone-use-after-move)
  EXPECT_TRUE(kept.value());
}

TEST_F(MovedFromTest, LocksSaySoInEveryCall) {
  const auto check = [](const std::string& type, auto& left) {
    const auto taken = std::move(left);
    // NOLINTBEGIN(bugprone-use-after-move)
    expect_moved_from(type, [&] { (void)left.acquire(); });
    expect_moved_from(type, [&] { left.lock(); });
    expect_moved_from(type, [&] { (void)left.try_lock(); });
    expect_moved_from(type, [&] { (void)left.try_lock_for(1s); });
    expect_moved_from(type, [&] { left.release(); });
    expect_moved_from(type, [&] { left.extend(1s); });
    expect_moved_from(type, [&] { left.reacquire(); });
    expect_moved_from(type, [&] { (void)left.owned(); });
    expect_moved_from(type, [&] { (void)left.fencing_token(); });
    left.unlock();
    EXPECT_FALSE(left.held());
    EXPECT_EQ(left.valid_until(), std::chrono::steady_clock::time_point::min());
    EXPECT_EQ(left.name(), "");
    // NOLINTEND(bugprone-use-after-move)
  };
  Lock lock = cache_.lock("l");
  check("Lock", lock);
  expect_moved_from("Lock", [&] { (void)lock.locked(); });
  Semaphore semaphore = cache_.semaphore("p", {.permits = 1});
  check("Semaphore", semaphore);
  expect_moved_from("Semaphore", [&] { (void)semaphore.holders(); });
  SharedLock shared = cache_.shared_lock("r");
  check("SharedLock", shared);
  expect_moved_from("SharedLock", [&] { (void)shared.holders(); });
  expect_moved_from("SharedLock", [&] { shared.lock_shared(); });
  shared.unlock_shared();
}

TEST_F(MovedFromTest, AWalkSaysSo) {
  auto left = cache_.sscan_iter<int>("s");
  const auto taken = std::move(left);
  expect_moved_from("Scan", [&] { (void)left.begin(); });  // NOLINT(bugprone-use-after-move)
  EXPECT_FALSE(left.complete());
}

TEST_F(WithinTest, ResultsOfAPipelineOutliveItAndTheCache) {
  std::optional<Pending<bool>> stored;
  std::optional<Pending<Counter>> counted;
  {
    RedisCache cache{options()};
    Pipeline pipeline = cache.pipeline();
    stored = pipeline.set("k", 1);
    counted = pipeline.incr("n");
    EXPECT_TRUE(pipeline.execute());
  }
  EXPECT_TRUE(stored->value());
  EXPECT_EQ(counted->value().value(), 1);
  EXPECT_THROW((void)stored->value(), InvalidArgument) << "once, as ever";
}

TEST_F(WithinTest, AResultOfAPipelineThatWasNeverExecutedSaysSo) {
  std::optional<Pending<bool>> stored;
  {
    Pipeline pipeline = cache_.pipeline();
    stored = pipeline.set("k", 1);
  }
  const auto error = thrown_by<InvalidArgument>([&] { (void)stored->value(); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("execute()"));
}

TEST_F(WithinTest, AResultKeepsItsRepliesWhileOtherPipelinesRun) {
  std::optional<Pending<bool>> stored;
  {
    Pipeline pipeline = cache_.pipeline();
    stored = pipeline.set("k", 1);
    pipeline.execute();
  }
  for (int i = 0; i < 20; ++i) {  // which would use its storage, had it been given back
    Pipeline pipeline = cache_.pipeline();
    (void)pipeline.get<int>("k");
    pipeline.execute();
  }
  EXPECT_TRUE(stored->value());
}

}  // namespace
}  // namespace rediscache::test
