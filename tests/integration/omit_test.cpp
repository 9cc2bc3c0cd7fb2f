// ignore_exceptions: what every operation gives when the server cannot be reached, and who is told.
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using Entries = std::vector<std::pair<std::string, int>>;

/// Sets defaults for the time of a test.
class DefaultsFor {
 public:
  explicit DefaultsFor(bool ignore_exceptions) : before_{defaults()} {
    Defaults changed = before_;
    changed.ignore_exceptions = ignore_exceptions;
    set_defaults(changed);
  }
  DefaultsFor(const DefaultsFor&) = delete;
  DefaultsFor& operator=(const DefaultsFor&) = delete;
  ~DefaultsFor() { set_defaults(before_); }

 private:
  Defaults before_;
};

/// Caches of a server that is not there.
class OmitTest : public ::testing::Test {
 protected:
  [[nodiscard]] static Options ignoring() {
    Options options = options_to_nobody();
    options.ignore_exceptions = true;
    return options;
  }
};

/// Each operation of a cache as a function, by name.
std::vector<std::pair<std::string, void (*)(Cache&)>> every_operation() {
  return {
      {"set", [](Cache& cache) { (void)cache.set("k", 1); }},
      {"set over", [](Cache& cache) { (void)cache.set("k", 1, 0s); }},
      {"add", [](Cache& cache) { (void)cache.add("k", 1); }},
      {"add over", [](Cache& cache) { (void)cache.add("k", 1, 0s); }},
      {"get", [](Cache& cache) { (void)cache.get<int>("k"); }},
      {"get fallback", [](Cache& cache) { (void)cache.get("k", 1); }},
      {"get_many", [](Cache& cache) { (void)cache.get_many<int>({"a", "b"}); }},
      {"set_many", [](Cache& cache) { (void)cache.set_many(Entries{{"a", 1}}); }},
      {"set_many over", [](Cache& cache) { (void)cache.set_many(Entries{{"a", 1}}, 0s); }},
      {"del", [](Cache& cache) { (void)cache.del("k"); }},
      {"delete_many", [](Cache& cache) { (void)cache.delete_many({"a", "b"}); }},
      {"delete_pattern", [](Cache& cache) { (void)cache.delete_pattern("*"); }},
      {"clear", [](Cache& cache) { cache.clear(); }},
      {"touch", [](Cache& cache) { (void)cache.touch("k"); }},
      {"touch never", [](Cache& cache) { (void)cache.touch("k", never); }},
      {"touch over", [](Cache& cache) { (void)cache.touch("k", 0s); }},
      {"incr", [](Cache& cache) { (void)cache.incr("k"); }},
      {"incr unchecked", [](Cache& cache) { (void)cache.incr("k", 1, {.ignore_key_check = true}); }},
      {"decr", [](Cache& cache) { (void)cache.decr("k"); }},
      {"has_key", [](Cache& cache) { (void)cache.has_key("k"); }},
      {"contains", [](Cache& cache) { (void)cache.contains("k"); }},
      {"ttl", [](Cache& cache) { (void)cache.ttl("k"); }},
      {"pttl", [](Cache& cache) { (void)cache.pttl("k"); }},
  };
}

TEST_F(OmitTest, OffEveryOperationThrowsWhatHappened) {
  RedisCache cache{options_to_nobody()};
  for (const auto& [name, operation] : every_operation()) {
    SCOPED_TRACE(name);
    const auto error = thrown_by<ConnectionError>([&, call = operation] { call(cache); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::connection);
    EXPECT_TRUE(std::string{error->what()}.starts_with("Redis ConnectionError: ")) << error->what();
    EXPECT_NE(std::string{error->what()}.find("/nonexistent/redis.sock"), std::string::npos) << error->what();
    EXPECT_EQ(error->server(), "unix:/nonexistent/redis.sock");
    EXPECT_FALSE(error->maybe_executed());
  }
  EXPECT_EQ(cache.statistics().omitted, 0);
}

TEST_F(OmitTest, OnEveryOperationGivesItsOmittedValue) {
  RedisCache cache{ignoring()};
  EXPECT_FALSE(cache.set("k", 1));
  EXPECT_FALSE(cache.set("k", 1, 0s));
  EXPECT_FALSE(cache.set("k", 1, {.nx = true}));
  EXPECT_FALSE(cache.set("k", 1, {.timeout = 0s, .nx = true}));
  EXPECT_FALSE(cache.add("k", 1));
  EXPECT_EQ(cache.get<int>("k"), std::nullopt);
  EXPECT_EQ(cache.get("k", 7), 7);
  EXPECT_EQ(cache.get("k", "text"), "text");
  EXPECT_TRUE(cache.get_many<int>({"a", "b"}).empty());
  EXPECT_EQ(cache.set_many(Entries{{"a", 1}, {"b", 2}}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(cache.set_many(Entries{{"a", 1}}, 0s), std::vector<std::string>{"a"});
  EXPECT_FALSE(cache.del("k"));
  EXPECT_EQ(cache.delete_many({"a", "b"}), 0);
  EXPECT_EQ(cache.delete_pattern("*"), 0);
  cache.clear();
  EXPECT_FALSE(cache.touch("k"));
  EXPECT_FALSE(cache.touch("k", never));
  EXPECT_FALSE(cache.has_key("k"));
  EXPECT_FALSE(cache.contains("k"));
  cache.close();
}

TEST_F(OmitTest, OnNumbersThatWereOmittedSaySoAndThrowOnlyWhenRead) {
  RedisCache cache{ignoring()};
  const Counter counter = cache.incr("k");
  EXPECT_TRUE(counter.omitted());
  EXPECT_EQ(counter.value_or(-1), -1);
  EXPECT_TRUE(thrown_by<OmittedError>([&] { (void)counter.value(); }));
  EXPECT_TRUE(thrown_by<OmittedError>([&] { (void)*cache.decr("k"); }));
  EXPECT_FALSE(cache.incr("k") == 0);
  const Ttl ttl = cache.ttl("k");
  EXPECT_TRUE(ttl.omitted());
  EXPECT_FALSE(ttl.is_missing());
  EXPECT_FALSE(ttl.is_persistent());
  EXPECT_EQ(ttl.remaining(), std::nullopt);
  EXPECT_TRUE(thrown_by<OmittedError>([&] { (void)ttl.django(); }));
  EXPECT_TRUE(cache.pttl("k").omitted());
}

TEST_F(OmitTest, OnEveryFailureIsCountedAndShown) {
  std::vector<Failure> seen;
  Options options = ignoring();
  options.failure_observer = [&](const Failure& failure) { seen.push_back(failure); };
  RedisCache cache{options};
  std::uint64_t calls = 0;
  for (const auto& [name, operation] : every_operation()) {
    SCOPED_TRACE(name);
    operation(cache);
    ++calls;
    EXPECT_EQ(cache.statistics().omitted, calls);
    ASSERT_EQ(seen.size(), calls);
    EXPECT_EQ(seen.back().code, ErrorCode::connection);
    EXPECT_EQ(seen.back().server, "unix:/nonexistent/redis.sock");
    EXPECT_TRUE(seen.back().text().starts_with("Redis ConnectionError: "));
    EXPECT_FALSE(seen.back().misconfigured());
  }
  EXPECT_EQ(cache.statistics().misconfigured, 0);
  EXPECT_EQ(cache.statistics().last_misconfigured, "");
}

TEST_F(OmitTest, OnAnObserverThatThrowsDoesNoHarm) {
  Options options = ignoring();
  options.failure_observer = [](const Failure&) { throw std::runtime_error{"observer"}; };
  RedisCache cache{options};
  EXPECT_EQ(cache.get("k", 7), 7);
  EXPECT_EQ(cache.statistics().omitted, 1);
}

TEST_F(OmitTest, OnCallsThatAskNothingAreNotCounted) {
  RedisCache cache{ignoring()};
  EXPECT_TRUE(cache.get_many<int>({}).empty());
  EXPECT_EQ(cache.delete_many({}), 0);
  EXPECT_TRUE(cache.set_many(Entries{}).empty());
  EXPECT_EQ(cache.statistics().omitted, 0);
}

TEST_F(OmitTest, OnErrorsOfOurOwnAreThrownAllTheSame) {
  Options options = ignoring();
  options.serializer = "json";
  RedisCache cache{options};
  EXPECT_TRUE(thrown_by<EncodeError>([&] { (void)cache.set("k", "\xff"); }));
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)cache.decr("k", INT64_MIN); }));
  EXPECT_EQ(cache.statistics().omitted, 0);
}

TEST_F(OmitTest, StrictThrowsThoughTheCacheIgnores) {
  RedisCache cache{ignoring()};
  RedisCache strict = cache.strict();
  for (const auto& [name, operation] : every_operation()) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(thrown_by<ConnectionError>([&, call = operation] { call(strict); }));
  }
  EXPECT_EQ(cache.statistics().omitted, 0);
  EXPECT_FALSE(cache.del("k")) << "the cache itself still ignores";
  EXPECT_EQ(strict.statistics().omitted, 1) << "both count together";
}

TEST_F(OmitTest, TheOptionOfTheCacheBeatsTheDefaultsBothWays) {
  Options left_open = options_to_nobody();
  Options ignores = options_to_nobody();
  ignores.ignore_exceptions = true;
  Options throws = options_to_nobody();
  throws.ignore_exceptions = false;
  {
    const DefaultsFor ignoring_by_default{true};
    EXPECT_EQ(RedisCache{left_open}.get("k", 7), 7);
    EXPECT_EQ(RedisCache{ignores}.get("k", 7), 7);
    EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)RedisCache{throws}.get("k", 7); }));
  }
  {
    const DefaultsFor throwing_by_default{false};
    EXPECT_EQ(RedisCache{ignores}.get("k", 7), 7);
    EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)RedisCache{left_open}.get("k", 7); }));
    EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)RedisCache{throws}.get("k", 7); }));
  }
}

TEST_F(OmitTest, DefaultsCountForCachesMadeLater) {
  RedisCache before{options_to_nobody()};
  const DefaultsFor ignoring_by_default{true};
  EXPECT_TRUE(thrown_by<ConnectionError>([&] { (void)before.get<int>("k"); }));
}

}  // namespace
}  // namespace rediscache::test
