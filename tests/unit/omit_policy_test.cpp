// What is done about failures that are ignored, and which errors never are.
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/redis_cache.hpp>

#include "cache/log_limit.hpp"
#include "support/thrown.hpp"
#include "unit/fake_client.hpp"
#include "unit/log_capture.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

/// Leaves the global defaults as they were.
class OmitPolicyTest : public ::testing::Test {
 protected:
  ~OmitPolicyTest() override { set_defaults(before_); }

  [[nodiscard]] Options failing(Failure failure) const {
    Options options = options_failing_with(std::move(failure));
    options.logger = log_.name();
    return options;
  }

  LogCapture log_{"omit_policy_test"};

 private:
  Defaults before_ = defaults();
};

TEST_F(OmitPolicyTest, ThrowsUnlessAskedToIgnore) {
  RedisCache cache{failing(failure_with(ErrorCode::connection))};
  EXPECT_THROW((void)cache.get<int>("k"), ConnectionError);
}

TEST_F(OmitPolicyTest, DoesAsTheDefaultsSay) {
  set_defaults({.ignore_exceptions = true, .log_ignored_exceptions = true, .logger = log_.name()});
  Options options = options_failing_with(failure_with(ErrorCode::connection));
  RedisCache cache{options};
  EXPECT_EQ(cache.get("k", 7), 7);
  ASSERT_THAT(log_.messages(), SizeIs(1));
}

TEST_F(OmitPolicyTest, LogsFewLinesASecondAndSaysHowManyItLeftOut) {
  constexpr int calls = 1000;
  std::vector<std::string> lines;
  {
    Options options = options_failing_with(failure_with(ErrorCode::connection));
    options.ignore_exceptions = options.log_ignored_exceptions = true;
    options.log_sink = [&](LogLevel, std::string_view message) { lines.emplace_back(message); };
    RedisCache cache{options};
    for (int i = 0; i < calls; ++i) {
      EXPECT_EQ(cache.get("k", 7), 7);
    }
    EXPECT_EQ(cache.statistics().omitted, 1000U);
  }
  // However long it took, each call is a line or is counted by one.
  std::size_t told = 0;
  for (const std::string& line : lines) {
    const bool is_last = line.find(" more, which were not logged") != std::string::npos;
    told += is_last ? 0 : 1;
    for (const std::string_view before : {"(and ", "ignored "}) {
      const std::size_t at = line.find(before);
      if (at != std::string::npos) {
        const std::string digits = line.substr(at + before.size());
        if (!digits.empty() && digits.front() >= '0' && digits.front() <= '9') {
          told += std::stoul(digits);
          break;
        }
      }
    }
  }
  EXPECT_EQ(told, 1000U);
  EXPECT_LT(lines.size(), 500U) << "1000 calls take no 50 s";
}

TEST_F(OmitPolicyTest, PassesTenLinesASecond) {
  cache::LogLimit limit;
  const base::Clock::time_point start{1h};
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < 10; ++i) {
      const auto left_out = limit.pass(start + std::chrono::seconds{second});
      ASSERT_TRUE(left_out);
      EXPECT_EQ(*left_out, second > 0 && i == 0 ? 5U : 0U);
    }
    for (int i = 0; i < 5; ++i) {
      EXPECT_FALSE(limit.pass(start + std::chrono::seconds{second} + 999ms));
    }
  }
  EXPECT_EQ(limit.left_out(), 5U);
}

TEST_F(OmitPolicyTest, LetsTheCachesOwnOptionBeatTheDefaultsBothWays) {
  set_defaults({.ignore_exceptions = true, .log_ignored_exceptions = true, .logger = "somebody else"});
  Options options = failing(failure_with(ErrorCode::connection));
  options.ignore_exceptions = false;
  RedisCache loud{options};
  EXPECT_THROW((void)loud.get<int>("k"), ConnectionError);
  options.ignore_exceptions = true;
  options.log_ignored_exceptions = false;
  RedisCache quiet{options};
  EXPECT_EQ(quiet.get("k", 7), 7);
  EXPECT_THAT(log_.messages(), IsEmpty());

  set_defaults({.ignore_exceptions = false});
  RedisCache ignoring{options};
  EXPECT_EQ(ignoring.get("k", 7), 7);
}

TEST_F(OmitPolicyTest, TakesTheDefaultsOfWhenTheCacheWasMade) {
  set_defaults({.ignore_exceptions = true});
  RedisCache cache{failing(failure_with(ErrorCode::connection))};
  set_defaults({.ignore_exceptions = false});
  EXPECT_EQ(cache.get("k", 7), 7);
}

TEST_F(OmitPolicyTest, LogsEveryIgnoredFailureWhenAsked) {
  Options options = failing(failure_with(ErrorCode::timeout, "late {}"));
  options.ignore_exceptions = true;
  options.log_ignored_exceptions = true;
  RedisCache cache{options};
  (void)cache.has_key("k");
  (void)cache.has_key("k");
  ASSERT_THAT(log_.messages(), SizeIs(2));
  EXPECT_EQ(log_.messages()[0].level, spdlog::level::err);
  EXPECT_THAT(log_.messages()[0].text, HasSubstr("Redis TimeoutError: late {} (CMD on made:1)"));
}

TEST_F(OmitPolicyTest, LogsNothingUnlessAsked) {
  Options options = failing(failure_with(ErrorCode::timeout));
  options.ignore_exceptions = true;
  RedisCache cache{options};
  (void)cache.has_key("k");
  EXPECT_THAT(log_.messages(), IsEmpty());
  EXPECT_EQ(cache.statistics().omitted, 1U);
}

TEST_F(OmitPolicyTest, LogsMisconfigurationOnceForEachKindWithoutBeingAsked) {
  std::string reply = "WRONGTYPE Operation against a key";
  Options options = options_answered_by([&](const Commands&, std::span<Reply> replies) {
    replies[0] = Reply::error(reply);
    return std::optional<Failure>{};
  });
  options.logger = log_.name();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  for (int i = 0; i < 3; ++i) {
    (void)cache.get<int>("k");
  }
  ASSERT_THAT(log_.messages(), SizeIs(1));
  EXPECT_EQ(log_.messages()[0].level, spdlog::level::err);
  EXPECT_THAT(log_.messages()[0].text, HasSubstr("WRONGTYPE Operation against a key"));
  (void)cache.has_key("k");
  EXPECT_THAT(log_.messages(), SizeIs(2)) << "another command";
  reply = "NOPERM not you";
  (void)cache.get<int>("k");
  (void)cache.get<int>("k");
  ASSERT_THAT(log_.messages(), SizeIs(3)) << "another kind";
  EXPECT_THAT(log_.messages()[2].text, HasSubstr("Redis AuthenticationError: NOPERM not you"));
  EXPECT_EQ(cache.statistics().omitted, 6U);
  EXPECT_EQ(cache.statistics().misconfigured, 6U);
  EXPECT_EQ(cache.statistics().last_misconfigured,
            "Redis AuthenticationError: NOPERM not you (GET on fake:1)");
}

TEST_F(OmitPolicyTest, LogsMisconfigurationEveryTimeWhenAsked) {
  Options options = failing(failure_with(ErrorCode::tls, "expired"));
  options.ignore_exceptions = true;
  options.log_ignored_exceptions = true;
  RedisCache cache{options};
  (void)cache.has_key("k");
  (void)cache.has_key("k");
  EXPECT_THAT(log_.messages(), SizeIs(2));
}

TEST_F(OmitPolicyTest, EndsNoCallOverAnObserverThatThrows) {
  Options options = failing(failure_with(ErrorCode::connection));
  options.ignore_exceptions = true;
  int told = 0;
  options.failure_observer = [&](const Failure&) {
    if (++told == 1) {
      throw std::runtime_error{"observer"};
    }
    throw 42;
  };
  RedisCache cache{options};
  EXPECT_EQ(cache.get("k", 7), 7);
  EXPECT_EQ(cache.get("k", 8), 8);
  EXPECT_EQ(told, 2);
  EXPECT_EQ(cache.statistics().omitted, 2U);
}

TEST_F(OmitPolicyTest, LetsAnObserverUseTheCache) {
  Options options = failing(failure_with(ErrorCode::connection));
  options.ignore_exceptions = true;
  RedisCache* cache = nullptr;
  std::uint64_t counted = 0;
  options.failure_observer = [&](const Failure&) { counted = cache->statistics().omitted; };
  RedisCache observed{options};
  cache = &observed;
  (void)observed.has_key("k");
  EXPECT_EQ(counted, 1U) << "no lock is held meanwhile";
}

/// A cache that ignores whatever may be ignored.
Options ignoring(Options options) {
  options.ignore_exceptions = true;
  return options;
}

TEST(LocalErrors, OfStoredBytesAreNeverSwallowed) {
  RedisCache cache{ignoring(options_replying(Reply::text("no number")))};
  const auto error = thrown_by<DecodeError>([&] { (void)cache.get<int>("some key"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "some key");
  EXPECT_THROW((void)cache.get("k", 7), DecodeError) << "a fallback is for what is not there";
  EXPECT_EQ(cache.statistics().omitted, 0U);
}

TEST(LocalErrors, OfOneAmongManyAreKeptBesideTheRest) {
  RedisCache cache{ignoring(options_replying(Reply::array({Reply::text("1"), Reply::text("x"), Reply{}})))};
  const auto found = cache.get_many<int>({"a", "b", "c"});
  EXPECT_THAT(found, ElementsAre(Pair("a", 1)));
  ASSERT_EQ(found.errors().size(), 1U);
  EXPECT_EQ(found.errors()[0].key(), "b");
}

TEST(LocalErrors, OfValuesThatCannotBeStoredAreNeverSwallowed) {
  Options options = ignoring(options_failing_with(failure_with(ErrorCode::connection)));
  options.serializer = "json";
  RedisCache cache{options};
  EXPECT_THROW(cache.set("k", Bytes{}), EncodeError);
  EXPECT_THROW(cache.set_many(std::map<std::string, Bytes>{{"k", {}}}), EncodeError);
  EXPECT_EQ(cache.statistics().omitted, 0U);
}

TEST(LocalErrors, OfCountersAreNeverSwallowed) {
  RedisCache missing{ignoring(options_replying(Reply{}))};
  const auto error = thrown_by<KeyNotFound>([&] { (void)missing.incr("some key"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "some key") << "as the caller gave it";
  RedisCache text{ignoring(options_replying(Reply::error("ERR value is not an integer or out of range")))};
  EXPECT_THROW((void)text.incr("k"), NotAnInteger);
  EXPECT_THROW((void)text.incr("k", 1, {.ignore_key_check = true}), NotAnInteger);
  RedisCache gone{ignoring(options_replying(Reply::error("ERR no such key")))};
  EXPECT_THROW((void)gone.incr_version("k"), KeyNotFound);
}

TEST(LocalErrors, OfArgumentsAreNeverSwallowed) {
  RedisCache cache{ignoring(options_failing_with(failure_with(ErrorCode::connection)))};
  EXPECT_THROW(cache.set("k", 1, {.nx = true, .xx = true}), InvalidArgument);
  EXPECT_THROW((void)cache.decr("k", std::numeric_limits<std::int64_t>::min()), InvalidArgument);
  EXPECT_EQ(cache.statistics().omitted, 0U);
}

TEST(LocalErrors, OfAClientAreNeverSwallowed) {
  RedisCache cache{ignoring(options_answered_by(
      [](const Commands&, std::span<Reply>) -> std::optional<Failure> { throw std::bad_alloc{}; }))};
  EXPECT_THROW((void)cache.has_key("k"), std::bad_alloc);
}

}  // namespace
}  // namespace rediscache::test
