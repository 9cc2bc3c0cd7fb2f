// Settings that cannot be used: where it stands, what was found, what is allowed, what was perhaps meant.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/settings.hpp>

#include "support/thrown.hpp"
#include "unit/settings_sources.hpp"

namespace rediscache::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string refusal(const std::string& json, const SettingsSources& sources = sources_of()) {
  const auto error = thrown_by<InvalidOptions>([&] { (void)Settings::from_json(json, sources); });
  return error ? error->what() : "";
}
std::string refusal_of(const std::string& options, const SettingsSources& sources = sources_of()) {
  return refusal(one_cache(options), sources);
}
std::string refusal_of_environment(const Variables& variables) {
  const auto error =
      thrown_by<InvalidOptions>([&] { (void)Settings::from_environment({}, sources_of(variables)); });
  return error ? error->what() : "";
}

TEST(SettingsErrorTest, NamesThePathWhatWasFoundAndWhatIsAllowed) {
  EXPECT_EQ(
      refusal_of(R"("SOCKET_TIMEOUT": "fast")"),
      "the settings: CACHES.default.OPTIONS.SOCKET_TIMEOUT is \"fast\" (text); it takes a number of seconds "
      "from 0 to 86400");
  EXPECT_EQ(
      refusal_of(R"("CONNECTION_POOL_KWARGS": {"max_connections": 0})"),
      "the settings: CACHES.default.OPTIONS.CONNECTION_POOL_KWARGS.max_connections is 0 (number); it takes a "
      "whole number from 1 to 9223372036854775807");
  EXPECT_EQ(
      refusal_of(R"("IGNORE_EXCEPTIONS": "False")"),
      "the settings: CACHES.default.OPTIONS.IGNORE_EXCEPTIONS is \"False\" (text); it takes true or false")
      << "which is true in Python";
  EXPECT_EQ(refusal(one_cache("", R"("KEY_PREFIX": ["shop"])")),
            "the settings: CACHES.default.KEY_PREFIX is a list; it takes a text");
  EXPECT_THAT(refusal(one_cache("", R"("VERSION": 1e3)")),
              HasSubstr("VERSION is 1000.000000 (number); it takes"));
  EXPECT_THAT(refusal(one_cache("", R"("TIMEOUT": {})")),
              HasSubstr("TIMEOUT is an object; it takes a number of"));
  EXPECT_THAT(refusal_of(R"("CONNECTION_POOL_KWARGS": {"ssl_cert_reqs": "yes"})"),
              HasSubstr("ssl_cert_reqs is \"yes\" (text); it takes none, optional or required"));
  EXPECT_THAT(refusal_of(R"("REPLICA_READS": "any")"),
              HasSubstr("it takes random, round_robin, lowest_latency or"));
  EXPECT_THAT(refusal_of(R"("CALL_TIMEOUT": 0)"), HasSubstr("it takes a number of seconds above 0"));
}

TEST(SettingsErrorTest, NamesTheKeyThatWasPerhapsMeant) {
  EXPECT_EQ(
      refusal_of(R"("SOKET_TIMEOUT": 1)"),
      "the settings: CACHES.default.OPTIONS.SOKET_TIMEOUT is not a known key; did you mean SOCKET_TIMEOUT?");
  EXPECT_THAT(refusal(one_cache("", R"("KEYPREFIX": "")")), HasSubstr("did you mean KEY_PREFIX?"));
  EXPECT_THAT(refusal_of(R"("CONNECTION_POOL_KWARGS": {"ssl_ca_cert": ""})"),
              HasSubstr("did you mean ssl_ca_certs?"));
  EXPECT_THAT(refusal_of(R"("something else": 1)"),
              HasSubstr("OPTIONS[\"something else\"] is not a known key. Known: USERNAME, PASSWORD, "));
  EXPECT_THAT(refusal(R"({"DJANGO_REDIS_LOGER": "x", "CACHES": {}})"),
              HasSubstr("did you mean DJANGO_REDIS_LOGGER?"));
}

TEST(SettingsErrorTest, NamesTheNameThatWasPerhapsMeant) {
  EXPECT_THAT(
      refusal(R"({"default": {"BACKEND": "django_redis.cach.RedisCache", "LOCATION": "redis://a"}})"),
      StartsWith("the settings: CACHES.default.BACKEND is \"django_redis.cach.RedisCache\" (text), which is "
                 "not a known backend. Did you mean \"django_redis.cache.RedisCache\"? Known: redis, "));
  EXPECT_THAT(
      refusal_of(R"("SERIALIZER": "django_redis.serializers.json.JsonSerialiser")"),
      HasSubstr("not a known serializer. Did you mean \"django_redis.serializers.json.JSONSerializer\"?"));
  EXPECT_THAT(refusal_of(R"("COMPRESSOR": "zlip")"),
              HasSubstr("not a known compressor. Did you mean \"zlib\"?"));
  EXPECT_THAT(refusal_of(R"("CLIENT_CLASS": "django_redis.client.ShardedClient")"),
              HasSubstr("not a known client class. Did you mean \"django_redis.client.ShardClient\"?"));
}

TEST(SettingsErrorTest, SaysHowToRegisterAFunction) {
  EXPECT_THAT(
      refusal(one_cache("", R"("KEY_FUNCTION": "shop.unknown")")),
      HasSubstr("CACHES.default.KEY_FUNCTION is \"shop.unknown\" (text); it takes the name of a function in "
                "C++: call rediscache::register_key_function(\"name\", function)"));
  EXPECT_THAT(refusal(one_cache("", R"("REVERSE_KEY_FUNCTION": "shop.unknown")")),
              HasSubstr("rediscache::register_reverse_key_function("));
}

TEST(SettingsErrorTest, SaysWhatIsNotThere) {
  for (const std::string name : {"SentinelClient", "django_redis.client.SentinelClient", "ClusterClient"}) {
    EXPECT_THAT(refusal_of(R"("CLIENT_CLASS": ")" + name + '"'),
                HasSubstr("CACHES.default.OPTIONS.CLIENT_CLASS names a client that is not implemented yet"));
  }
  EXPECT_THAT(refusal_of(R"("SENTINELS": [["a", 26379]])"),
              HasSubstr("OPTIONS.SENTINELS is for SentinelClient"));
  EXPECT_THAT(
      refusal_of(R"("PICKLE_VERSION": 2)"),
      HasSubstr("PICKLE_VERSION is 2 (number); it takes 4, 5, or -1 for 5: older protocols are read"));
}

TEST(SettingsErrorTest, TellsAllProblemsAtOnce) {
  const std::string all = refusal(
      R"({"a": {"LOCATION": "redis://a"}, "b": {"BACKEND": "redis", "LOCATION": "redis://b:x", "TIMEOUT": "x"},
          "c": 5, "d": {"BACKEND": "redis"}})");
  EXPECT_THAT(all, StartsWith("the settings: 5 problems:\n  "));
  EXPECT_THAT(all,
              HasSubstr("\n  CACHES.a.BACKEND is missing; the usual one is django_redis.cache.RedisCache"));
  EXPECT_THAT(all, HasSubstr("\n  CACHES.b.TIMEOUT is \"x\" (text); it takes"));
  EXPECT_THAT(all,
              HasSubstr("\n  CACHES.b.LOCATION cannot be used: location \"redis://b:x\": the port is \"x\""));
  EXPECT_THAT(all, HasSubstr("\n  CACHES.c is (number); it takes an object with BACKEND and LOCATION"));
  EXPECT_THAT(all, HasSubstr("\n  CACHES.d.LOCATION is missing; write a URL"));
}

TEST(SettingsErrorTest, ChecksTheOptionsTogether) {
  EXPECT_THAT(refusal_of(R"("BREAKER_FIRST_PAUSE": 5, "BREAKER_LONGEST_PAUSE": 1)"),
              HasSubstr("CACHES.default cannot be used: breaker.longest_pause is less than"));
  EXPECT_THAT(refusal(R"({"default": {"BACKEND": "redis", "LOCATION": "redis://a,redis://a",
                          "OPTIONS": {"CLIENT_CLASS": "ShardClient"}}})"),
              HasSubstr("CACHES.default cannot be used: location names a shard twice"));
  EXPECT_THAT(refusal(R"({"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
      "LOCATION": "redis://a", "OPTIONS": {"CLIENT_CLASS": "ShardClient", "db": 1}}})"),
              HasSubstr("LOCATION needs its database in each URL"));
}

TEST(SettingsErrorTest, NamesAVariableThatIsNotSet) {
  EXPECT_EQ(
      refusal_of(R"("PASSWORD": "${REDIS_PASSWORD}")"),
      "the settings: CACHES.default.OPTIONS.PASSWORD names the environment variable REDIS_PASSWORD, which is "
      "not set; set it, or write ${REDIS_PASSWORD:-default}");
  EXPECT_THAT(refusal_of(R"("CLIENT_NAME": "${A")"), HasSubstr("CLIENT_NAME has a ${ without its }"));
  EXPECT_THAT(refusal_of(R"("CLIENT_NAME": "${A B}")"), HasSubstr("that is not the name of a variable"));
  EXPECT_THAT(refusal(R"({"default": {"BACKEND": "redis", "LOCATION": ["redis://a", "${B}"]}})"),
              HasSubstr("CACHES.default.LOCATION[1] names the environment variable B,"));
}

TEST(SettingsErrorTest, NamesASecretsFileThatCannotBeUsed) {
  EXPECT_EQ(refusal_of(R"("PASSWORD_FILE": "/run/secrets/redis")"),
            "the settings: CACHES.default.OPTIONS.PASSWORD_FILE names the file \"/run/secrets/redis\", which "
            "cannot "
            "be read: No such file or directory");
  const auto sources = sources_of({}, {{"/empty", "\n"}, {"/large", std::string(70'000, 'x')}});
  EXPECT_THAT(refusal_of(R"("PASSWORD_FILE": "/empty")", sources), HasSubstr("\"/empty\", which is empty"));
  EXPECT_THAT(refusal_of(R"("PASSWORD_FILE": "/large")", sources), HasSubstr("too large for a secret"));
  EXPECT_THAT(refusal_of(R"("PASSWORD_FILE": "/empty", "PASSWORD": "x")", sources),
              HasSubstr("PASSWORD_FILE stands beside PASSWORD; write one of them"));
}

TEST(SettingsErrorTest, SaysWhereTheTextIsNoJson) {
  EXPECT_EQ(refusal("{\n  \"default\": {,\n}"),
            "the settings: line 2, column 15: not JSON: expected a key at byte 16");
  const auto in_file = thrown_by<InvalidOptions>(
      [] { (void)Settings::from_file("/etc/c.json", sources_of({}, {{"/etc/c.json", "{"}})); });
  ASSERT_TRUE(in_file);
  EXPECT_THAT(in_file->what(), StartsWith("/etc/c.json: line 1, column 2: "));
  EXPECT_THAT(refusal("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(refusal(R"({"CACHES": []})"), HasSubstr("CACHES is a list; it takes an object with an alias"));
  EXPECT_THAT(refusal(R"({"DJANGO_REDIS_LOGGER": "x"})"), HasSubstr("CACHES is missing"));
}

TEST(SettingsErrorTest, SaysWhenTheFileCannotBeRead) {
  const auto reason = [](const std::string& path) {
    const auto error = thrown_by<InvalidOptions>([&] { (void)Settings::from_file(path); });
    return error ? std::string{error->what()} : "";
  };
  EXPECT_EQ(reason("/nonexistent/c.json"),
            "the settings file \"/nonexistent/c.json\" cannot be read: No such file or directory");
  EXPECT_THAT(reason("/"), HasSubstr("it is not a regular file"));
}

TEST(SettingsErrorTest, SaysWhatTheEnvironmentLacks) {
  EXPECT_EQ(
      refusal_of_environment({}),
      "the environment: REDIS_URL is not set, nor is REDIS_TLS_URL, REDIS_HOST, REDIS_PORT or REDIS_DB");
  EXPECT_THAT(refusal_of_environment({{"REDIS_URL", "127.0.0.1:6379"}}), HasSubstr("REDIS_URL is no URL"));
  EXPECT_THAT(refusal_of_environment({{"REDIS_URL", "http://a"}}),
              HasSubstr("\"http\" is not a known scheme"));
  EXPECT_THAT(refusal_of_environment({{"REDIS_PORT", "70000"}}), HasSubstr("REDIS_PORT is no port"));
  EXPECT_THAT(refusal_of_environment({{"REDIS_DB", "-1"}}), HasSubstr("REDIS_DB is no database"));
  EXPECT_THAT(refusal_of_environment({{"REDIS_HOST", "a"}, {"DISABLE_REDIS_CACHE", "maybe"}}),
              HasSubstr("DISABLE_REDIS_CACHE in the environment is neither true nor false"));
}

TEST(SettingsErrorTest, NamesAnAliasThatIsNotThere) {
  const auto settings = Settings::from_json(one_cache(), sources_of());
  for (const auto& error : {thrown_by<InvalidOptions>([&] { (void)settings.options("defualt"); }),
                            thrown_by<InvalidOptions>([&] { (void)settings.describe("defualt"); })}) {
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("Did you mean \"default\"?"));
  }
}

}  // namespace
}  // namespace rediscache::test
