// Every operation of a cache whose server fails: omitted, or thrown.
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/redis_cache.hpp>

#include "unit/fake_client.hpp"
#include "unit/log_capture.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Operation {
  std::string_view name;
  /// Calls it; that what it returns is what stands as "omitted" with it.
  std::function<void(RedisCache&)> expect_omitted;
};

const std::map<std::string, int> entries{{"a", 1}, {"b", 2}};

std::vector<Operation> operations() {
  return {
      {"set", [](RedisCache& cache) { EXPECT_FALSE(cache.set("k", "v")); }},
      {"set over", [](RedisCache& cache) { EXPECT_FALSE(cache.set("k", "v", 0s)); }},
      {"set nx", [](RedisCache& cache) { EXPECT_FALSE(cache.set("k", 1, {.nx = true})); }},
      {"set nx over",
       [](RedisCache& cache) { EXPECT_FALSE(cache.set("k", 1, {.timeout = 0s, .nx = true})); }},
      {"set xx", [](RedisCache& cache) { EXPECT_FALSE(cache.set("k", 1, {.timeout = never, .xx = true})); }},
      {"add", [](RedisCache& cache) { EXPECT_FALSE(cache.add("k", 1.5)); }},
      {"get", [](RedisCache& cache) { EXPECT_EQ(cache.get<std::string>("k"), std::nullopt); }},
      {"get value", [](RedisCache& cache) { EXPECT_EQ(cache.get<Value>("k"), std::nullopt); }},
      {"get with fallback", [](RedisCache& cache) { EXPECT_EQ(cache.get("k", 7), 7); }},
      {"get with text", [](RedisCache& cache) { EXPECT_EQ(cache.get("k", "none"), "none"); }},
      {"get_many", [](RedisCache& cache) { EXPECT_THAT(cache.get_many<int>({"a", "b"}), IsEmpty()); }},
      {"set_many", [](RedisCache& cache) { EXPECT_THAT(cache.set_many(entries), ElementsAre("a", "b")); }},
      {"set_many over",
       [](RedisCache& cache) { EXPECT_THAT(cache.set_many(entries, 0s), ElementsAre("a", "b")); }},
      {"del", [](RedisCache& cache) { EXPECT_FALSE(cache.del("k")); }},
      {"delete_many", [](RedisCache& cache) { EXPECT_EQ(cache.delete_many({"a", "b"}), 0); }},
      {"delete_pattern", [](RedisCache& cache) { EXPECT_EQ(cache.delete_pattern("*"), 0); }},
      {"clear", [](RedisCache& cache) { cache.clear(); }},
      {"touch", [](RedisCache& cache) { EXPECT_FALSE(cache.touch("k")); }},
      {"touch over", [](RedisCache& cache) { EXPECT_FALSE(cache.touch("k", 0s)); }},
      {"touch never", [](RedisCache& cache) { EXPECT_FALSE(cache.touch("k", never)); }},
      {"incr", [](RedisCache& cache) { EXPECT_TRUE(cache.incr("k").omitted()); }},
      {"incr creating",
       [](RedisCache& cache) { EXPECT_TRUE(cache.incr("k", 1, {.ignore_key_check = true}).omitted()); }},
      {"decr", [](RedisCache& cache) { EXPECT_TRUE(cache.decr("k", 2).omitted()); }},
      {"has_key", [](RedisCache& cache) { EXPECT_FALSE(cache.has_key("k")); }},
      {"contains", [](RedisCache& cache) { EXPECT_FALSE(cache.contains("k")); }},
      {"ttl", [](RedisCache& cache) { EXPECT_TRUE(cache.ttl("k").omitted()); }},
      {"pttl", [](RedisCache& cache) { EXPECT_TRUE(cache.pttl("k").omitted()); }},
      {"persist", [](RedisCache& cache) { EXPECT_FALSE(cache.persist("k")); }},
      {"expire", [](RedisCache& cache) { EXPECT_FALSE(cache.expire("k", 5s)); }},
      {"pexpire", [](RedisCache& cache) { EXPECT_FALSE(cache.pexpire("k", 5ms)); }},
      {"expire_at",
       [](RedisCache& cache) { EXPECT_FALSE(cache.expire_at("k", std::chrono::sys_seconds{5s})); }},
      {"incr_version", [](RedisCache& cache) { EXPECT_TRUE(cache.incr_version("k").omitted()); }},
      {"decr_version", [](RedisCache& cache) { EXPECT_TRUE(cache.decr_version("k").omitted()); }},
      {"keys", [](RedisCache& cache) { EXPECT_THAT(cache.keys("*"), IsEmpty()); }},
      {"iter_keys",
       [](RedisCache& cache) {
         auto scan = cache.iter_keys("*");
         EXPECT_EQ(std::ranges::distance(scan), 0);
         EXPECT_FALSE(scan.complete());
       }},
      {"execute", [](RedisCache& cache) { EXPECT_EQ(cache.execute("PING"), std::nullopt); }},
  };
}

const std::vector<ErrorCode> five_codes{ErrorCode::connection, ErrorCode::timeout, ErrorCode::authentication,
                                        ErrorCode::tls, ErrorCode::response};

template <class Error>
bool throws(const Operation& operation, RedisCache& cache) {
  try {
    operation.expect_omitted(cache);
  } catch (const Error& error) {
    return error.cause() == "made up" && error.server() == "made:1" && error.command() == "CMD" &&
           error.connection_lost();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "threw " << error.what();
  }
  return false;
}

bool throws_the_type_of(ErrorCode code, const Operation& operation, RedisCache& cache) {
  switch (code) {
    case ErrorCode::connection:
      return throws<ConnectionError>(operation, cache);
    case ErrorCode::timeout:
      return throws<TimeoutError>(operation, cache);
    case ErrorCode::authentication:
      return throws<AuthenticationError>(operation, cache);
    case ErrorCode::tls:
      return throws<TlsError>(operation, cache);
    default:
      return throws<ResponseError>(operation, cache);
  }
}

/// Runs the test for each operation and each kind of failure.
class EveryOperation : public ::testing::TestWithParam<ErrorCode> {
 protected:
  [[nodiscard]] static Options failing(bool ignore) {
    Options options = options_failing_with(failure_with(GetParam()));
    options.ignore_exceptions = ignore;
    options.logger = "omit_test";
    return options;
  }

 private:
  LogCapture log_{"omit_test"};  // what would be in the way of the tests' own output
};
std::string code_name(const ::testing::TestParamInfo<ErrorCode>& of) {
  return std::string{to_string(of.param)};
}
INSTANTIATE_TEST_SUITE_P(Each, EveryOperation, ::testing::ValuesIn(five_codes), code_name);

TEST_P(EveryOperation, GivesWhatIsDocumentedWhenFailuresAreIgnored) {
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.name);
    std::vector<Failure> seen;
    Options options = failing(true);
    options.failure_observer = [&](const Failure& failure) { seen.push_back(failure); };
    RedisCache cache{options};
    EXPECT_NO_THROW(operation.expect_omitted(cache));
    EXPECT_EQ(cache.statistics().omitted, 1U);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].code, GetParam());
    EXPECT_EQ(seen[0].message, "made up");
    const bool misconfigured = seen[0].misconfigured();
    EXPECT_EQ(cache.statistics().misconfigured, misconfigured ? 1U : 0U);
    EXPECT_EQ(cache.statistics().last_misconfigured, misconfigured ? seen[0].text() : "");
  }
}

TEST_P(EveryOperation, ThrowsTheSpecificErrorWhenFailuresAreNotIgnored) {
  for (const Operation& operation : operations()) {
    RedisCache cache{failing(false)};
    EXPECT_TRUE(throws_the_type_of(GetParam(), operation, cache)) << operation.name;
    EXPECT_EQ(cache.statistics().omitted, 0U) << operation.name;
  }
}

TEST_P(EveryOperation, ThrowsThroughStrictThoughFailuresAreIgnored) {
  for (const Operation& operation : operations()) {
    int seen = 0;
    Options options = failing(true);
    options.failure_observer = [&](const Failure&) { ++seen; };
    RedisCache cache{options};
    RedisCache strict = cache.strict();
    EXPECT_TRUE(throws_the_type_of(GetParam(), operation, strict)) << operation.name;
    EXPECT_EQ(cache.statistics().omitted, 0U) << operation.name;
    EXPECT_EQ(seen, 0) << operation.name;
    EXPECT_NO_THROW(operation.expect_omitted(cache)) << "the cache itself still ignores";
    EXPECT_EQ(strict.statistics().omitted, 1U) << "and both count together";
  }
}

TEST_P(EveryOperation, GetOrSetGivesTheFallbackWhenFailuresAreIgnored) {
  RedisCache cache{failing(true)};
  int calls = 0;
  const auto compute = [&] {
    ++calls;
    return std::string{"computed"};
  };
  EXPECT_EQ(cache.get_or_set("k", compute), "computed");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(cache.get_or_set("k", 7, 5s), 7);
  EXPECT_GE(cache.statistics().omitted, 2U);
  RedisCache strict = cache.strict();
  EXPECT_THROW((void)strict.get_or_set("k", compute), ConnectionInterrupted);
  EXPECT_EQ(calls, 1);
}

TEST_P(EveryOperation, OfAClientThatThrowsTheFailureIsTreatedTheSame) {
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.name);
    Options options = options_answered_by([](const Commands&, std::span<Reply>) -> std::optional<Failure> {
      failure_with(GetParam()).raise();
    });
    options.ignore_exceptions = true;
    options.logger = "omit_test";
    RedisCache cache{options};
    EXPECT_NO_THROW(operation.expect_omitted(cache));
    EXPECT_EQ(cache.statistics().omitted, 1U);
    RedisCache strict = cache.strict();
    EXPECT_TRUE(throws_the_type_of(GetParam(), operation, strict));
  }
}

TEST_P(EveryOperation, OfAFactoryThatThrowsTheFailureIsTreatedTheSame) {
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.name);
    Options options;
    options.client_factory = [](const Options&) -> std::unique_ptr<Client> {
      Failure failure = failure_with(GetParam());
      failure.server.clear();  // none was reached
      failure.raise();
    };
    options.ignore_exceptions = true;
    options.logger = "omit_test";
    RedisCache cache{options};
    EXPECT_NO_THROW(operation.expect_omitted(cache));
    EXPECT_EQ(cache.statistics().omitted, 1U);
  }
}

TEST(ErrorReplies, NameTheServerOfTheClient) {
  Options options = options_replying(Reply::error("OOM command not allowed"));
  options.ignore_exceptions = false;
  RedisCache cache{options};
  try {
    (void)cache.get<int>("k");
    FAIL() << "threw nothing";
  } catch (const ResponseError& error) {
    EXPECT_EQ(error.server(), "fake:1");
    EXPECT_EQ(error.command(), "GET");
    EXPECT_EQ(error.prefix(), "OOM");
  }
}

TEST(ErrorReplies, AreOmittedLikeEveryOtherFailure) {
  Options options = options_replying(Reply::error("OOM command not allowed"));
  options.ignore_exceptions = true;
  RedisCache cache{options};
  for (const Operation& operation : operations()) {
    EXPECT_NO_THROW(operation.expect_omitted(cache)) << operation.name;
  }
  EXPECT_EQ(cache.statistics().omitted, operations().size());
  EXPECT_EQ(cache.statistics().misconfigured, 0U);
}

TEST(DeletePatternOmitted, GivesTheCountSoFar) {
  int calls = 0;
  Options options =
      options_answered_by([&](const Commands&, std::span<Reply> replies) -> std::optional<Failure> {
        if (++calls == 3) {
          return failure_with(ErrorCode::timeout);
        }
        if (calls == 2) {
          replies[0] = Reply::integer(2);
        }
        replies.back() = Reply::array({Reply::text("7"), Reply::array({Reply::text("a"), Reply::text("b")})});
        return std::nullopt;
      });
  options.ignore_exceptions = true;
  RedisCache cache{options};
  EXPECT_EQ(cache.delete_pattern("*"), 2);
  EXPECT_EQ(cache.statistics().omitted, 1U);
}

TEST(CallsThatAskNothing, DoNotFail) {
  RedisCache cache{options_failing_with(failure_with(ErrorCode::connection))};
  EXPECT_THAT(cache.get_many<int>(std::vector<std::string>{}), IsEmpty());
  EXPECT_THAT(cache.set_many(std::map<std::string, int>{}), IsEmpty());
  EXPECT_EQ(cache.delete_many(std::vector<std::string>{}), 0);
}

}  // namespace
}  // namespace rediscache::test
