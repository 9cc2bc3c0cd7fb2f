// incr and decr.
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

class IncrTest : public CacheTest {
 protected:
  void expect_no_integer(const std::string& bytes) {
    SCOPED_TRACE(::testing::PrintToString(bytes));
    raw().set(":1:k", bytes);
    const auto error = thrown_by<NotAnInteger>([&] { (void)cache().incr("k"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->key(), "k");
    EXPECT_EQ(error->code(), ErrorCode::not_an_integer);
    EXPECT_TRUE(thrown_by<NotAnInteger>([&] { (void)cache().decr("k", 5); }));
    EXPECT_TRUE(thrown_by<NotAnInteger>([&] { (void)cache().incr("k", 1, {.ignore_key_check = true}); }));
    EXPECT_EQ(raw().get(":1:k"), bytes) << "stays untouched";
  }
};
REDISCACHE_TEST_EVERY_SETUP(IncrTest);

TEST_P(IncrTest, AddsAndGivesTheNewValue) {
  cache().set("k", 1);
  EXPECT_EQ(cache().incr("k"), 2);
  EXPECT_EQ(cache().incr("k", 40), 42);
  EXPECT_EQ(cache().incr("k", -50), -8);
  EXPECT_EQ(cache().incr("k", 0), -8);
  EXPECT_EQ(cache().get<int>("k"), -8);
}

TEST_P(IncrTest, DecrSubtracts) {
  cache().set("k", 10);
  EXPECT_EQ(cache().decr("k"), 9);
  EXPECT_EQ(cache().decr("k", 10), -1);
  EXPECT_EQ(cache().decr("k", -5), 4);
}

TEST_P(IncrTest, OfAMissingKeyIsKeyNotFoundAndMakesNone) {
  const auto error = thrown_by<KeyNotFound>([&] { (void)cache().incr("absent"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "absent");
  EXPECT_EQ(error->code(), ErrorCode::key_not_found);
  EXPECT_NE(std::string{error->what()}.find("absent"), std::string::npos);
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { (void)cache().decr("absent"); }));
  EXPECT_FALSE(raw().exists(":1:absent"));
}

TEST_P(IncrTest, OfAMissingKeyStartsAtZeroWhenTheCheckIsIgnored) {
  EXPECT_EQ(cache().incr("a", 5, {.ignore_key_check = true}), 5);
  EXPECT_EQ(cache().incr("a", 5, {.ignore_key_check = true}), 10);
  EXPECT_EQ(cache().decr("b", 5, {.ignore_key_check = true}), -5);
  EXPECT_EQ(raw().get(":1:a"), "10");
}

TEST_P(IncrTest, KeepsTheTimeout) {
  cache().set("k", 1, 1h);
  cache().incr("k");
  EXPECT_GT(raw().pttl(":1:k"), 3'000'000);
  cache().set("k", 1, never);
  cache().decr("k");
  EXPECT_EQ(raw().pttl(":1:k"), -1);
}

TEST_P(IncrTest, OfWhatIsNoIntegerIsNotAnIntegerAndChangesNothing) {
  for (const char* bytes : {"hello", "\"hello\"", "1.5", "", " 1", "1 ", "true", "null", "[1]", "0x10", "1e3",
                            "9223372036854775808", "-9223372036854775809", "18446744073709551615"}) {
    expect_no_integer(bytes);
  }
}

TEST_P(IncrTest, BeyondSixtyFourBitsIsNotAnIntegerAndChangesNothing) {
  cache().set("k", largest);
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { (void)cache().incr("k"); }));
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { (void)cache().incr("k", largest); }));
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { (void)cache().decr("k", -1); }));
  EXPECT_EQ(raw().get(":1:k"), std::to_string(largest));
  cache().set("k", smallest);
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { (void)cache().decr("k"); }));
  EXPECT_TRUE(thrown_by<NotAnInteger>([&] { (void)cache().incr("k", smallest); }));
  EXPECT_EQ(raw().get(":1:k"), std::to_string(smallest));
}

TEST_P(IncrTest, CountsExactlyUpToTheEdges) {
  cache().set("k", largest - 1);
  EXPECT_EQ(cache().incr("k"), largest);
  EXPECT_EQ(cache().incr("k", -largest), 0);
  EXPECT_EQ(cache().incr("k", smallest), smallest);
  EXPECT_EQ(cache().incr("k", largest), -1);
  cache().set("k", std::int64_t{9'007'199'254'740'993});  // no double holds it
  EXPECT_EQ(cache().incr("k", 2), 9'007'199'254'740'995);
}

TEST_P(IncrTest, DecrByTheSmallestIntegerIsRefused) {
  cache().set("k", 1);
  EXPECT_TRUE(thrown_by<InvalidArgument>([&] { (void)cache().decr("k", smallest); }));
  EXPECT_EQ(raw().get(":1:k"), "1");
}

TEST_P(IncrTest, KeepsToTheVersionAskedFor) {
  cache().set("k", 1);
  cache().set("k", 10, {.version = 2});
  EXPECT_EQ(cache().incr("k", 1, {.version = 2}), 11);
  EXPECT_EQ(cache().decr("k", 1, {.version = 2}), 10);
  EXPECT_TRUE(thrown_by<KeyNotFound>([&] { (void)cache().incr("k", 1, {.version = 3}); }));
  EXPECT_EQ(cache().get<int>("k"), 1);
}

TEST_P(IncrTest, OfAValueOfAnotherTypeIsTheServersError) {
  raw().run({"RPUSH", ":1:k", "element"});
  const auto error = thrown_by<ResponseError>([&] { (void)cache().incr("k"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->prefix(), "WRONGTYPE");
  EXPECT_EQ(raw().integer({"LLEN", ":1:k"}), 1);
}

TEST_P(IncrTest, WorksWhenTheServerHasForgottenScripts) {
  cache().set("k", 1);
  EXPECT_EQ(cache().incr("k"), 2);
  raw().run({"SCRIPT", "FLUSH"});
  EXPECT_EQ(cache().incr("k"), 3);
}

TEST_P(IncrTest, OfManyThreadsLosesNothing) {
  cache().set("k", 0, never);
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 100; ++j) {
          cache().incr("k");
          cache().decr("k", 3);
        }
      });
    }
  }
  EXPECT_EQ(raw().get(":1:k"), "-1600");
}

}  // namespace
}  // namespace rediscache::test
