// What settings show of themselves: each value, where it came from, and no secret, wherever one stands.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/settings.hpp>

#include "unit/settings_sources.hpp"

namespace rediscache::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* secret = "hunter2";

SettingsSources with_secrets() {
  return sources_of({{"SECRET", secret}, {"SECRET_URL", std::string{"redis://:"} + secret + "@a"}},
                    {{"/secret", std::string{secret} + "\n"}});
}

/// What is shown of these settings: by describe(), or by the error.
std::string shown(const std::string& json) {
  try {
    return Settings::from_json(json, with_secrets()).describe();
  } catch (const InvalidOptions& error) {
    return error.what();
  }
}
std::string cache_at(const std::string& location) {
  return R"({"default": {"BACKEND": "redis", "LOCATION": )" + location + "}}";
}

TEST(SettingsSecretTest, IsShownByNoDescription) {
  for (const std::string& json : {
           one_cache(R"("PASSWORD": "hunter2")"),
           one_cache(R"("PASSWORD": "${SECRET}")"),
           one_cache(R"("PASSWORD": "${UNSET:-hunter2}")"),
           one_cache(R"("PASSWORD_FILE": "/secret")"),
           one_cache(
               R"("CONNECTION_POOL_KWARGS": {"password": "hunter2", "ssl_keyfile_password": "hunter2"})"),
           cache_at(R"("redis://:hunter2@a")"),
           cache_at(R"("redis://user:hunter2@a/1?client_name=x")"),
           cache_at(R"("redis://a?password=hunter2")"),
           cache_at(R"("unix://:hunter2@/run/redis.sock")"),
           cache_at(R"("redis://:${SECRET}@a")"),
           cache_at(R"("${SECRET_URL}")"),
           cache_at(R"(["redis://:hunter2@a", "redis://:${SECRET}@b", "redis://c?password=hunter2"])"),
           cache_at(R"("redis://:hunter2@a,redis://:hunter2@b")"),
       }) {
    const std::string text = shown(json);
    EXPECT_THAT(text, Not(HasSubstr(secret))) << json;
    EXPECT_THAT(text, HasSubstr("PASSWORD")) << "it was read: " << json;
    EXPECT_THAT(text, HasSubstr("***")) << json;
  }
}

TEST(SettingsSecretTest, IsShownByNoError) {
  for (const std::string& json : {
           one_cache(R"("PASSWORD": ["hunter2"])"),
           one_cache(R"("PASSWRD": "hunter2")"),
           one_cache(R"("PASSWORD": "hunter2${")"),
           one_cache(R"("PASSWORD": "hunter2", "SOCKET_TIMEOUT": "x")"),
           one_cache(R"("SOCKET_TIMEOUT": "${SECRET}")"),
           one_cache(R"("SERIALIZER": "${SECRET}")"),
           one_cache(R"("CLIENT_CLASS": "${SECRET}")"),
           one_cache(R"("CONNECTION_POOL_KWARGS": {"password": {"hunter2": 1}})"),
           one_cache(R"("CONNECTION_POOL_KWARGS": {"pasword": "hunter2"})"),
           one_cache(R"("SENTINEL_KWARGS": {"password": "hunter2"})"),
           one_cache("", R"("PASSWORD": "hunter2")"),
           one_cache("", R"("TIMEOUT": "redis://:hunter2@a")"),
           cache_at(R"("hunter2")"),
           cache_at(R"("redis://:hunter2@a:port")"),
           cache_at(R"("redis://:hunter2@a?pasword=hunter2")"),
           cache_at(R"("redis://:hunter2/@a")"),
           cache_at(R"("${SECRET}")"),
           cache_at(R"("redis://:${SECRET}@a/db")"),
           cache_at(R"({"url": "redis://:hunter2@a"})"),
           std::string{R"({"default": "redis://:hunter2@a"})"},
           std::string{R"({"CACHES": "redis://:hunter2@a"})"},
           std::string{R"({"default": {"PASSWORD": "hunter2" "x"}})"},
       }) {
    const std::string text = shown(json);
    EXPECT_THAT(text, Not(HasSubstr(secret))) << json;
    EXPECT_THAT(text, Not(HasSubstr("default:\n"))) << "it is refused: " << json;
  }
}

TEST(SettingsSecretTest, IsShownByNoErrorEvenAsANumber) {
  for (const std::string password : {"424242", "424242.5", "true"}) {
    const std::string text = shown(one_cache("\"PASSWORD\": " + password));
    EXPECT_THAT(text, HasSubstr("OPTIONS.PASSWORD is ("));
    EXPECT_THAT(text, Not(HasSubstr(password)));
  }
}

TEST(SettingsSecretTest, OfTheEnvironmentIsShownByNobody) {
  for (const Variables& variables :
       std::vector<Variables>{{{"REDIS_URL", "redis://:hunter2@a"}},
                              {{"REDIS_TLS_URL", "redis://u:hunter2@a"}},
                              {{"REDIS_HOST", "a"}, {"REDIS_PASSWORD", "hunter2"}},
                              {{"REDIS_URL", "hunter2"}},
                              {{"REDIS_HOST", "a"}, {"REDIS_PORT", "hunter2"}},
                              {{"REDIS_HOST", "a"}, {"REDIS_DB", "hunter2"}},
                              {{"REDIS_URL", "redis://:hunter2@a:port"}}}) {
    std::string text;
    try {
      text = Settings::from_environment({}, sources_of(variables)).describe();
      EXPECT_THAT(text, HasSubstr("***"));
    } catch (const InvalidOptions& error) {
      text = error.what();
    }
    EXPECT_THAT(text, Not(HasSubstr(secret))) << variables.begin()->first;
  }
}

TEST(SettingsDescriptionTest, NamesOnlyVariablesThatAreSet) {
  const std::string json =
      R"({"CACHES": {"default": {"BACKEND": "redis", "LOCATION": "redis://${HOST:-cache}:${PORT:-6379}/1",
          "TIMEOUT": "${T:-60}", "OPTIONS": {"SOCKET_TIMEOUT": "${EMPTY:-2}"}}}})";
  const std::string text =
      Settings::from_json(json, sources_of({{"PORT", "6380"}, {"EMPTY", ""}})).describe("default");
  EXPECT_THAT(text,
              ContainsRegex("LOCATION +redis://cache:6380/1 +CACHES.default.LOCATION, from the environment "
                            "variable PORT\n"));
  EXPECT_THAT(text, ContainsRegex("TIMEOUT +60 s +CACHES.default.TIMEOUT\n"));
  EXPECT_THAT(text, ContainsRegex("SOCKET_TIMEOUT +2 s +CACHES.default.OPTIONS.SOCKET_TIMEOUT\n"));

  for (const std::string name : {"REDIS_TLS_URL", "REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_DB"}) {
    const std::string value = name == "REDIS_TLS_URL" ? "rediss://a"
                              : name == "REDIS_URL"   ? "redis://a"
                                                      : "1";
    const std::string shown = Settings::from_environment({}, sources_of({{name, value}})).describe();
    EXPECT_THAT(shown, ContainsRegex("BACKEND +redis +" + name));
    EXPECT_THAT(shown, ContainsRegex("LOCATION +redis.* " + name));
    for (const std::string other : {"REDIS_TLS_URL", "REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_DB"}) {
      EXPECT_TRUE(other == name || shown.find(other) == std::string::npos) << shown;
    }
  }
}

TEST(SettingsDescriptionTest, SaysWhereEachValueCameFrom) {
  const std::string text =
      Settings::from_file(
          "/etc/c.json",
          sources_of({{"HOST", "cache"}, {"T", "2"}},
                     {{"/run/secret", "x"},
                      {"/etc/c.json", R"({"DJANGO_REDIS_SCAN_ITERSIZE": 50, "CACHES": {"default": {
                         "BACKEND": "django_redis.cache.RedisCache",
                         "LOCATION": "redis://${HOST}/1?socket_connect_timeout=0.25",
                         "OPTIONS": {"SOCKET_TIMEOUT": "${T}", "PASSWORD_FILE": "/run/secret",
                                     "CONNECTION_POOL_KWARGS": {"max_connections": 5}}}}})"}}))
          .describe("default");
  EXPECT_THAT(text, ContainsRegex("BACKEND +redis +CACHES.default.BACKEND in /etc/c.json\n"));
  EXPECT_THAT(text, ContainsRegex(
                        "LOCATION +redis://cache/1[?]socket_connect_timeout=0.25 +CACHES.default.LOCATION in "
                        "/etc/c.json, from the environment variable HOST\n"));
  EXPECT_THAT(text, ContainsRegex(
                        "SOCKET_CONNECT_TIMEOUT +250 ms +the URL of CACHES.default.LOCATION in /etc/c.json"));
  EXPECT_THAT(text, ContainsRegex(
                        "SOCKET_TIMEOUT +2 s +CACHES.default.OPTIONS.SOCKET_TIMEOUT in /etc/c.json, from the "
                        "environment variable T\n"));
  EXPECT_THAT(text, ContainsRegex("PASSWORD +[*]{3} +the file /run/secret, which "
                                  "CACHES.default.OPTIONS.PASSWORD_FILE in /etc/c.json names\n"));
  EXPECT_THAT(text, ContainsRegex(
                        "MAX_CONNECTIONS +5 +CACHES.default.OPTIONS.CONNECTION_POOL_KWARGS.max_connections"));
  EXPECT_THAT(text, ContainsRegex("SCAN_ITERSIZE +50 +DJANGO_REDIS_SCAN_ITERSIZE in /etc/c.json\n"));
  EXPECT_THAT(text, ContainsRegex("SERIALIZER +pickle +default\n"));
  EXPECT_THAT(text, ContainsRegex("TIMEOUT +300 s +default\n"));
}

TEST(SettingsDescriptionTest, OfSeveralServersTellsThemApart) {
  const std::string text = shown(cache_at(R"(["redis://a?socket_timeout=1", "redis://b"])"));
  EXPECT_THAT(text, ContainsRegex("its SOCKET_TIMEOUT +1 s +the URL of CACHES.default.LOCATION.0."));
  EXPECT_THAT(text, ContainsRegex("\n  SOCKET_TIMEOUT +2 s +default\n"));
}

TEST(SettingsDescriptionTest, OfTheEnvironmentNamesItsVariables) {
  const std::string text =
      Settings::from_environment({.key_prefix = "shop"},
                                 sources_of({{"REDIS_URL", "redis://a"}, {"REDIS_PASSWORD", "x"}}))
          .describe();
  EXPECT_THAT(text, ContainsRegex("LOCATION +redis://a +REDIS_URL in the environment\n"));
  EXPECT_THAT(text, ContainsRegex("PASSWORD +[*]{3} +REDIS_PASSWORD in the environment\n"));
  EXPECT_THAT(text, ContainsRegex("KEY_PREFIX +\"shop\" +the program's options\n"));
}

}  // namespace
}  // namespace rediscache::test
