// The herd policy beside django-redis's HerdClient on one server: each reads what the other has stored, and
// keeps to when its time is over. The values are in herd_values.py, which also has a clock that can be moved.
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/redis_server.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

struct HerdPair {
  const char* serializer;
  const char* compressor;
  const char* pickle_version;  ///< that Python writes
};

class DjangoHerdTest : public ::testing::TestWithParam<HerdPair> {
 protected:
  static void SetUpTestSuite() { server = new RedisServer{}; }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  void SetUp() override {
    cache_.clear();
    ASSERT_EQ(python("write"), 0);
  }

  /// Runs a step of herd_values.py, which Meson names. It says what is wrong.
  [[nodiscard]] static int python(const std::string& step) {
    return std::system((R"("$PYTHON3" "$HERD_VALUES" )" + step + ' ' + server->unix_url() + ' ' +
                        GetParam().compressor + ' ' + GetParam().pickle_version)
                           .c_str());
  }
  [[nodiscard]] static Options options() {
    return {.location = {server->unix_url()},
            .serializer = GetParam().serializer,
            .compressor = GetParam().compressor == std::string{"none"} ? "" : GetParam().compressor,
            .client_class = "django_redis.client.HerdClient"};
  }

  static RedisServer* server;
  RedisCache cache_{options()};
};
RedisServer* DjangoHerdTest::server = nullptr;

TEST_P(DjangoHerdTest, IsReadAndWrittenByBoth) {
  int copied = 0;
  for (const std::string& key : cache_.keys("python:*")) {
    const std::optional<Value> value = cache_.get<Value>(key);
    ASSERT_TRUE(value) << key;
    EXPECT_TRUE(cache_.set("back" + key.substr(6), *value, 100s)) << key;
    const std::string name = key.substr(7);
    if (name != "integer" && name != "most" && name != "huge" && name != "time") {
      EXPECT_TRUE(cache_.set("cpp:" + name, *value, 100s)) << key;
    }
    const auto left = cache_.pttl(key).remaining();
    ASSERT_TRUE(left) << key;
    EXPECT_LE(*left, 100s) << key << ": what is told is the timeout";
    EXPECT_GT(*left, 50s) << key;
    ++copied;
  }
  EXPECT_EQ(copied, 13);
  EXPECT_EQ(cache_.get<std::string>("python for ever"), "x");

  for (const std::string& key : cache_.keys("over:*")) {
    if (key != "over:foreign") {
      EXPECT_FALSE(cache_.get<Value>(key)) << key;
    }
  }
  EXPECT_EQ(cache_.get_many<Value>({"over:text", "python:text"}).size(), 1);
  for (const std::string& key : cache_.keys("touched:*")) {
    EXPECT_TRUE(cache_.touch(key, 500s)) << key;
  }
  for (const std::string& key : cache_.keys("for ever:*")) {
    EXPECT_TRUE(cache_.touch(key, never)) << key;
  }
  EXPECT_TRUE(cache_.add("added", "cpp", 100s));
  EXPECT_FALSE(cache_.add("fresh", "cpp", 100s));
  EXPECT_THROW((void)cache_.get<Value>("touched:foreign"), DecodeError) << "a class of Python's";

  EXPECT_EQ(python("check"), 0) << "Python says above what it found";
}

INSTANTIATE_TEST_SUITE_P(Each, DjangoHerdTest,
                         ::testing::Values(HerdPair{"pickle", "none", "4"}, HerdPair{"pickle5", "none", "5"},
                                           HerdPair{"pickle", "none", "2"}, HerdPair{"pickle", "zlib", "4"},
                                           HerdPair{"pickle5", "lz4", "3"}),
                         [](const auto& pair) {
                           return std::string{pair.param.serializer} + '_' + pair.param.compressor + '_' +
                                  pair.param.pickle_version;
                         });

}  // namespace
}  // namespace rediscache::test
