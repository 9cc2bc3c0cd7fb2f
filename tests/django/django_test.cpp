// django-redis and we on one server: what one writes the other reads, for each serializer and compressor. The
// values are in django_values.py.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/redis_server.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using List = Value::List;
using Dict = Value::Dict;

class DjangoTest : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {
 protected:
  static void SetUpTestSuite() { server = new RedisServer{}; }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }

  void SetUp() override { cache().clear(); }

  /// Runs a step of django_values.py, which Meson names. It says what is wrong.
  [[nodiscard]] static int python(const std::string& step) {
    const auto [serializer, compressor] = GetParam();
    return std::system((R"("$PYTHON3" "$DJANGO_VALUES" )" + step + ' ' + server->unix_url() + ' ' +
                        serializer + ' ' + compressor)
                           .c_str());
  }
  [[nodiscard]] static RedisCache cache() {
    const auto [serializer, compressor] = GetParam();
    return RedisCache{{.location = {server->unix_url()},
                       .key_prefix = "site",
                       .serializer = serializer,
                       .compressor = compressor == std::string{"none"} ? "" : compressor}};
  }

  static RedisServer* server;
};
RedisServer* DjangoTest::server = nullptr;

TEST_P(DjangoTest, IsReadAndWrittenByBoth) {
  RedisCache cache = DjangoTest::cache();
  ASSERT_EQ(python("write"), 0);

  int copied = 0;
  for (const std::string& key : cache.keys("python:*")) {
    const std::optional<Value> value = cache.get<Value>(key);
    ASSERT_TRUE(value) << key;
    EXPECT_TRUE(cache.set("back" + key.substr(6), *value)) << key;
    ++copied;
  }
  EXPECT_GE(copied, 23);

  cache.set("cpp:text", std::string{"caf\u00e9 \0 text that is long enough to be compressed", 49});
  cache.set("cpp:list", Value{List{1, -1, std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::uint64_t>::max(), 0.5, nullptr, true}});
  cache.set("cpp:dict",
            Value{Dict{{"name", "Ada"}, {"tags", List{"a", "b"}}, {"more", Dict{{"empty", Dict{}}}}}});
  cache.set("cpp:integer", std::numeric_limits<std::uint64_t>::max());
  cache.set("cpp:float", 1e300);
  cache.set("cpp:none", std::nullopt);
  cache.set("cpp:bool", false);

  EXPECT_EQ(cache.incr("counter").value(), 6);
  EXPECT_EQ(cache.incr("counter").value(), 7);
  EXPECT_EQ(cache.get<std::string>("version", {.version = 2}), "two");
  cache.set("version", "three", {.version = 3});
  EXPECT_TRUE(cache.touch("touched", 500s));
  EXPECT_TRUE(cache.persist("minute"));
  cache.set("cpp timeout", "x", 200s);
  EXPECT_FALSE(cache.add("added", "cpp"));
  EXPECT_EQ(cache.get<std::string>("added"), "python");
  EXPECT_TRUE(cache.add("added by cpp", "cpp"));
  EXPECT_EQ(cache.delete_pattern("drop:*"), 3);
  EXPECT_EQ(cache.incr_version("moved").value(), 2);
  EXPECT_TRUE(cache.ttl("for ever").is_persistent());

  EXPECT_EQ(python("check"), 0) << "Python says above what it found";
}

INSTANTIATE_TEST_SUITE_P(Each, DjangoTest,
                         ::testing::Combine(::testing::Values("pickle", "json", "msgpack"),
                                            ::testing::Values("none", "zlib", "gzip", "lzma", "lz4", "zstd")),
                         [](const auto& setup) {
                           return std::string{std::get<0>(setup.param)} + '_' + std::get<1>(setup.param);
                         });

}  // namespace
}  // namespace rediscache::test
