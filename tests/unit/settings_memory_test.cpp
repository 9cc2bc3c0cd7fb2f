// Settings of caches that keep entries in this process.
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/caches.hpp>
#include <rediscache/error.hpp>
#include <rediscache/failover_cache.hpp>
#include <rediscache/locmem_cache.hpp>

#include "support/thrown.hpp"
#include "unit/settings_sources.hpp"

namespace rediscache::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

std::string in_memory(const std::string& options, const std::string& more = {}) {
  return R"({"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "snowflake")" +
         more + R"(, "OPTIONS": {)" + options + "}}}";
}
std::string failing_over(const std::string& options) {
  return R"({"default": {"BACKEND": "failover", "LOCATION": "unix:///nonexistent/redis.sock", "OPTIONS": {)" +
         options + "}}}";
}
std::string memory_error(const std::string& json) {
  const auto error = thrown_by<InvalidOptions>([&] { (void)Settings::from_json(json, sources_of()); });
  return error ? error->what() : "";
}

TEST(LocMemSettingsTest, MakeACacheInThisProcess) {
  Caches registry;
  registry.configure(Settings::from_json(
      in_memory(R"("MAX_ENTRIES": 2, "CULL_FREQUENCY": 0, "MAX_BYTES": 100000, "SHARDS": 1)",
                R"(, "VERSION": 3)"),
      sources_of()));
  CacheHandle cache = registry["default"];
  EXPECT_TRUE(cache.set("a", "text"));
  EXPECT_EQ(cache.get<Value>("a"), Value{"text"});
  EXPECT_EQ(cache.get<std::string>("a", {.version = 3}), "text");
  EXPECT_TRUE(cache.set("b", 1));
  EXPECT_TRUE(cache.set("c", 2));
  const auto itself = std::dynamic_pointer_cast<LocMemCache>(cache.get_cache());
  ASSERT_TRUE(itself);
  EXPECT_LE(itself->statistics().entries, 2U);
  EXPECT_EQ(registry.settings().backend("default"), "locmem");
  EXPECT_THAT(registry.settings().describe(),
              ContainsRegex("MAX_ENTRIES +2 +CACHES.default.OPTIONS.MAX_ENTRIES\n"));
  EXPECT_THAT(registry.settings().describe(), ContainsRegex("SERIALIZER +pickle +default\n"));
}

TEST(LocMemSettingsTest, AreCheckedLikeOthers) {
  EXPECT_THAT(memory_error(in_memory(R"("MAX_ENTRIS": 5)")), HasSubstr("did you mean MAX_ENTRIES?"));
  EXPECT_THAT(memory_error(in_memory(R"("MAX_ENTRIES": 0)")),
              HasSubstr("CACHES.default.OPTIONS.MAX_ENTRIES is 0 (number); it takes a whole number from 1"));
  EXPECT_THAT(memory_error(in_memory(R"("SERIALIZER": "pickel")")), HasSubstr("Did you mean \"pickle\"?"));
  EXPECT_THAT(memory_error(in_memory(R"("SOCKET_TIMEOUT": 5)")),
              HasSubstr("SOCKET_TIMEOUT is not a known key"));
}

TEST(FailoverSettingsTest, MakeACacheThatHasItsMemoryWhileRedisIsDown) {
  Caches registry;
  registry.configure(
      Settings::from_json(failing_over(R"("MAX_ENTRIES": 50, "SOCKET_TIMEOUT": 1)"), sources_of()));
  CacheHandle cache = registry["default"];
  EXPECT_TRUE(cache.set("k", "v"));
  EXPECT_EQ(cache.get<std::string>("k"), "v");
  const auto itself = std::dynamic_pointer_cast<FailoverCache>(cache.get_cache());
  ASSERT_TRUE(itself);
  EXPECT_TRUE(itself->statistics().down);
  EXPECT_THAT(registry.settings().describe(), ContainsRegex("MAX_ENTRIES +50 +CACHES"));
  EXPECT_THAT(registry.settings().describe(), ContainsRegex("SOCKET_TIMEOUT +1 s +CACHES"));
}

TEST(FailoverSettingsTest, AreThoseOfBoth) {
  const std::string both =
      memory_error(failing_over(R"("MAX_BYTES": -1, "SOCKET_TIMEOUT": -1, "MAX_BITES": 1)"));
  EXPECT_THAT(both, HasSubstr("MAX_BYTES is -1 (number)"));
  EXPECT_THAT(both, HasSubstr("SOCKET_TIMEOUT is -1 (number)"));
  EXPECT_THAT(both, HasSubstr("MAX_BITES is not a known key; did you mean MAX_BYTES?"));
  const auto disabled = Settings::from_json(failing_over(""), sources_of({{"DISABLE_REDIS_CACHE", "1"}}));
  EXPECT_EQ(disabled.backend("default"), "dummy");
}

}  // namespace
}  // namespace rediscache::test
