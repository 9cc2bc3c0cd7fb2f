// Caches by alias: who gets which, and what a change of the settings does.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/backend.hpp>
#include <rediscache/caches.hpp>

#include "support/thrown.hpp"
#include "unit/log_capture.hpp"
#include "unit/settings_sources.hpp"

namespace rediscache::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Settings with a cache on Redis for each alias, and this prefix for its keys.
Settings settings_of(const std::vector<std::pair<std::string, std::string>>& aliases) {
  std::string json;
  for (const auto& [alias, prefix] : aliases) {
    json += (json.empty() ? "" : ", ") + ('"' + alias) +
            R"(": {"BACKEND": "redis", "LOCATION": "redis://127.0.0.1:6379", "KEY_PREFIX": ")" + prefix +
            "\"}";
  }
  return Settings::from_json("{" + json + "}", sources_of());
}

std::string key_of(const CacheHandle& cache) {
  return cache.redis()->make_key("k");
}

TEST(CachesTest, ToldTooEarlySayHowToConfigureThem) {
  const Caches registry;
  for (const auto& error : {thrown_by<InvalidCacheBackendError>([&] { (void)registry["default"]; }),
                            thrown_by<InvalidCacheBackendError>([&] { (void)registry.get("default"); })}) {
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::invalid_options);
    EXPECT_THAT(error->what(),
                HasSubstr("used before they are configured: call rediscache::caches.configure()"));
    EXPECT_THAT(error->what(), HasSubstr("Settings::from_file(path)"));
  }
  EXPECT_THAT(registry.aliases(), IsEmpty());
}

TEST(CachesTest, NameTheKnownAliasesWhenOneIsMissing) {
  Caches registry;
  registry.configure(settings_of({{"sessions", "s"}, {"default", "d"}}));
  const auto error = thrown_by<InvalidCacheBackendError>([&] { (void)registry["session"]; });
  ASSERT_TRUE(error);
  EXPECT_STREQ(
      error->what(),
      "Could not find config for 'session' in settings.CACHES. Known: default, sessions. Did you mean "
      "'sessions'?");
  EXPECT_EQ(registry.get("session"), std::nullopt);
  EXPECT_EQ(key_of(registry["sessions"]), "s:1:k");
  EXPECT_EQ(key_of(*registry.get("default")), "d:1:k");
}

TEST(CachesTest, GiveOneThatKeepsNothingWithOneWarning) {
  const LogCapture log{"rediscache"};
  Caches registry;
  CacheHandle cache = registry.get_or_dummy("later");
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_EQ(cache.get("k", 7), 7);
  (void)registry.get_or_dummy("later");
  ASSERT_EQ(log.messages().size(), 1U);
  EXPECT_THAT(log.messages().front().text, HasSubstr("there is no cache 'later'; one that stores nothing"));
  EXPECT_THAT(registry.aliases(), IsEmpty()) << "it is still not there";

  registry.configure(settings_of({{"later", "now"}}));
  EXPECT_EQ(key_of(cache), "now:1:k") << "the handle follows";
}

TEST(CachesTest, MakeEachOnceOnFirstUse) {
  static std::atomic<int> made{0};
  register_backend("counted", [](const BackendSettings& settings) {
    ++made;
    Options options = settings.options;
    options.location = {"redis://127.0.0.1"};
    return std::make_shared<RedisCache>(options);
  });
  Caches registry;
  registry.configure(Settings::from_json(
      R"({"default": {"BACKEND": "counted", "LOCATION": "x", "KEY_PREFIX": "p", "OPTIONS": {"A": [1]}}})",
      sources_of()));
  EXPECT_EQ(made, 0);
  const CacheHandle cache = registry["default"];
  const auto first = cache.get_cache();
  EXPECT_EQ(made, 1);
  std::vector<std::thread> threads;
  std::atomic<int> same{0};
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] { same += registry["default"].get_cache().get() == first.get() ? 1 : 0; });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(same, 16) << "in every thread";
  EXPECT_EQ(made, 1);
  EXPECT_EQ(key_of(cache), "p:1:k");
}

TEST(CachesTest, AreTheSameForThreadsThatMakeThemAtOnce) {
  for (int round = 0; round < 50; ++round) {
    Caches registry;
    registry.configure(settings_of({{"default", "d"}}));
    std::vector<std::thread> threads;
    std::array<std::shared_ptr<Cache>, 8> found;
    for (auto& each : found) {
      threads.emplace_back([&] { each = registry["default"].get_cache(); });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    for (const auto& each : found) {
      EXPECT_EQ(each.get(), found.front().get());
    }
  }
}

TEST(CachesTest, ChangeWithTheSettingsAndOnlyWhereTheyChanged) {
  Caches registry;
  EXPECT_THAT(registry.configure(settings_of({{"a", "1"}, {"b", "1"}, {"c", "1"}})),
              ElementsAre("a", "b", "c"));
  const CacheHandle a = registry["a"];
  const CacheHandle b = registry["b"];
  const CacheHandle c = registry["c"];
  const auto a_before = a.get_cache();
  const auto b_before = b.get_cache();
  EXPECT_THAT(registry.configure(settings_of({{"a", "1"}, {"b", "2"}, {"d", "1"}})),
              ElementsAre("b", "d", "c"));
  EXPECT_EQ(a.get_cache().get(), a_before.get());
  EXPECT_NE(b.get_cache().get(), b_before.get());
  EXPECT_EQ(key_of(b), "2:1:k");
  EXPECT_THAT(registry.aliases(), ElementsAre("a", "b", "d"));
  const auto gone = thrown_by<InvalidCacheBackendError>([&] { (void)c.get_cache(); });
  ASSERT_TRUE(gone);
  EXPECT_THAT(gone->what(), HasSubstr("The cache 'c' is gone"));
  registry.configure(settings_of({{"c", "3"}}));
  EXPECT_EQ(key_of(c), "3:1:k") << "it came back";
}

TEST(CachesTest, OfTheProgramStayBesideSettings) {
  Caches registry;
  registry.add("own", Options{.key_prefix = "own"});
  const auto mine = std::make_shared<RedisCache>();
  registry.add("mine", mine);
  registry.configure(settings_of({{"default", "d"}}));
  registry.configure(settings_of({{"other", "d"}}));
  EXPECT_THAT(registry.aliases(), ElementsAre("mine", "other", "own"));
  EXPECT_EQ(key_of(registry["own"]), "own:1:k");
  EXPECT_EQ(registry["mine"].get_cache().get(), mine.get());
  EXPECT_THROW(registry.add("bad", Options{.serializer = "none"}), InvalidOptions);
  EXPECT_THROW(registry.add("bad", nullptr), InvalidArgument);
  registry.configure(settings_of({{"own", "settings"}}));
  EXPECT_EQ(key_of(registry["own"]), "settings:1:k") << "what is said last holds";
}

TEST(CachesTest, SayWhichBackendHasNoRedis) {
  Caches registry;
  registry.configure(Settings::from_json(
      R"({"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache", "LOCATION": "x", "OPTIONS": {"A": 1}}})",
      sources_of()));
  const auto error = thrown_by<InvalidCacheBackendError>([&] { (void)registry["default"].redis(); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "The cache 'default' is not on Redis: its backend is dummy");
}

TEST(CachesTest, AreDummiesWhenRedisIsDisabled) {
  for (const auto& [value, backend] :
       std::map<std::string, std::string>{{"true", "dummy"}, {"false", "redis"}}) {
    const auto settings = Settings::from_json(one_cache(), sources_of({{"DISABLE_REDIS_CACHE", value}}));
    EXPECT_EQ(settings.backend("default"), backend);
    EXPECT_EQ(
        Settings::from_environment({}, sources_of({{"DISABLE_REDIS_CACHE", value}, {"REDIS_HOST", "a"}}))
            .backend("default"),
        backend);
    Caches registry;
    registry.configure(settings);
    if (backend == "dummy") {
      EXPECT_TRUE(registry["default"].set("k", 1)) << "nobody listens there";
      EXPECT_THAT(settings.describe(), HasSubstr("the environment variable DISABLE_REDIS_CACHE"));
    }
  }
}

TEST(CachesTest, AreOneRegistryInTheProcess) {
  EXPECT_EQ(&caches, &Caches::process_wide());
}

TEST(CacheHandleTest, OutlivesTheRegistryAndAMove) {
  std::optional<CacheHandle> handle;
  {
    Caches registry;
    registry.configure(settings_of({{"default", "d"}}));
    handle = registry["default"];
  }
  CacheHandle moved{std::move(*handle)};
  EXPECT_EQ(key_of(moved), "d:1:k");
  EXPECT_EQ(key_of(*handle), "d:1:k") << "what was moved from is a copy";  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved.alias(), "default");
}

}  // namespace
}  // namespace rediscache::test
