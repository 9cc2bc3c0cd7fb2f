// What settings say becomes options.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/key_functions.hpp>
#include <rediscache/settings.hpp>

#include "unit/log_capture.hpp"
#include "unit/settings_sources.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Options read(const std::string& json, const SettingsSources& sources = sources_of()) {
  return Settings::from_json(json, sources).options("default");
}
/// With these OPTIONS.
Options with(const std::string& options, const SettingsSources& sources = sources_of()) {
  return read(one_cache(options), sources);
}

TEST(SettingsTest, OfDjangoHaveDjangosDefaults) {
  const Options options = with("");
  EXPECT_THAT(options.location, ElementsAre("redis://127.0.0.1:6379/1"));
  EXPECT_EQ(options.serializer, "pickle");
  EXPECT_EQ(options.compressor, "");
  EXPECT_EQ(options.client_class, "DefaultClient");
  EXPECT_EQ(options.timeout, Timeout{300s});
  EXPECT_EQ(options.ignore_exceptions, std::nullopt);
}

TEST(SettingsTest, ReadEveryKeyOfACache) {
  const Options options = read(one_cache("", R"("TIMEOUT": 7.5, "KEY_PREFIX": "shop", "VERSION": -3)"));
  EXPECT_EQ(options.timeout, Timeout{7500ms});
  EXPECT_EQ(options.key_prefix, "shop");
  EXPECT_EQ(options.version, -3);
  EXPECT_TRUE(read(one_cache("", R"("TIMEOUT": null)")).timeout.is_never());
  EXPECT_EQ(read(one_cache("", R"("TIMEOUT": "60")")).timeout, Timeout{60s}) << "as Django's int() takes it";
  EXPECT_TRUE(read(one_cache("", R"("TIMEOUT": 0)")).timeout.is_over());
}

TEST(SettingsTest, ReadDjangoRedissOptions) {
  const Options options = with(R"(
      "CLIENT_CLASS": "django_redis.client.HerdClient", "PASSWORD": "pass",
      "SOCKET_TIMEOUT": 1.5, "SOCKET_CONNECT_TIMEOUT": 3, "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
      "COMPRESSOR": "zlib", "IGNORE_EXCEPTIONS": true, "LOG_IGNORED_EXCEPTIONS": false, "CLOSE_CONNECTION": true,
      "REPLICA_READ_ONLY": false)");
  EXPECT_EQ(options.client_class, "django_redis.client.HerdClient");
  EXPECT_EQ(options.password, "pass");
  EXPECT_EQ(options.socket_timeout, 1500ms);
  EXPECT_EQ(options.connect_timeout, 3s);
  EXPECT_EQ(options.serializer, "json");
  EXPECT_EQ(options.compressor, "zlib");
  EXPECT_EQ(options.ignore_exceptions, true);
  EXPECT_EQ(options.log_ignored_exceptions, false);
  EXPECT_EQ(options.close_connection, true);
  EXPECT_FALSE(options.replica_read_only);
}

TEST(SettingsTest, ReadWhatPythonPassesOnToThePool) {
  const Options options = with(R"("SOCKET_TIMEOUT": 9, "CONNECTION_POOL_KWARGS": {
      "max_connections": 7, "retry_on_timeout": true, "socket_timeout": 2, "ssl_cert_reqs": null,
      "ssl_ca_certs": "/ca.pem", "ssl_certfile": "/me.pem", "ssl_keyfile": "/me.key", "ssl_check_hostname": false,
      "ssl_min_version": 772})");
  EXPECT_EQ(options.max_connections, 7U);
  EXPECT_EQ(options.socket_timeout, 2s) << "these beat OPTIONS, as in django-redis";
  EXPECT_EQ(options.tls.certificate_check, CertificateCheck::none);
  EXPECT_EQ(options.tls.ca_file, "/ca.pem");
  EXPECT_EQ(options.tls.certificate_file, "/me.pem");
  EXPECT_EQ(options.tls.key_file, "/me.key");
  EXPECT_FALSE(options.tls.check_hostname);
  EXPECT_EQ(options.tls.minimum_version, TlsVersion::tls_1_3);
  // Python's ssl.CERT_REQUIRED is a number in JSON.
  EXPECT_EQ(with(R"("CONNECTION_POOL_KWARGS": {"ssl_cert_reqs": 2})").tls.certificate_check,
            CertificateCheck::required);
}

TEST(SettingsTest, TakeNullAndZeroForNotChosenWherePythonDoes) {
  const Options options = with(R"("SOCKET_TIMEOUT": null, "SOCKET_CONNECT_TIMEOUT": 0, "PASSWORD": null,
                                  "SERIALIZER": null, "CONNECTION_POOL_KWARGS": null)");
  EXPECT_EQ(options.socket_timeout, Options{}.socket_timeout);
  EXPECT_EQ(options.connect_timeout, Options{}.connect_timeout);
  EXPECT_EQ(options.password, "");
  EXPECT_EQ(options.serializer, "pickle");
}

TEST(SettingsTest, HonourThePickleVersion) {
  EXPECT_EQ(with(R"("PICKLE_VERSION": -1)").serializer, "pickle5");
  EXPECT_EQ(with(R"("PICKLE_VERSION": 5)").serializer, "pickle5");
  EXPECT_EQ(with(R"("PICKLE_VERSION": "4")").serializer, "pickle");
  EXPECT_EQ(with(R"("PICKLE_VERSION": 2, "SERIALIZER": "json")").serializer, "json") << "which has none";
}

TEST(SettingsTest, OfDjangosOwnBackendAreReadToo) {
  const auto settings = Settings::from_json(
      R"({"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
          "LOCATION": ["redis://a", "redis://b/3?socket_timeout=1"],
          "OPTIONS": {"db": "10", "pool_class": "redis.BlockingConnectionPool", "username": "me", "password": "p"}}})",
      sources_of());
  const Options& options = settings.options("default");
  EXPECT_EQ(settings.backend("default"), "redis");
  EXPECT_EQ(options.serializer, "pickle5") << "Django takes pickle's highest protocol";
  EXPECT_THAT(options.location, ElementsAre("redis://a?db=10", "redis://b/3?socket_timeout=1"));
  EXPECT_EQ(options.username, "me");
  EXPECT_EQ(options.password, "p");
}

TEST(SettingsTest, HaveGlobalOnesBeside) {
  const std::string whole =
      R"({"DJANGO_REDIS_IGNORE_EXCEPTIONS": true, "DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS": true,
      "DJANGO_REDIS_LOGGER": "site", "DJANGO_REDIS_SCAN_ITERSIZE": 77, "DJANGO_REDIS_CLOSE_CONNECTION": true,
      "CACHE_HERD_TIMEOUT": 5, "DEBUG": false, "CACHE_MIDDLEWARE_SECONDS": 9, "CACHES": )";
  const Options global = read(whole + one_cache("") + "}");
  EXPECT_EQ(global.ignore_exceptions, true);
  EXPECT_EQ(global.log_ignored_exceptions, true);
  EXPECT_EQ(global.logger, "site");
  EXPECT_EQ(global.scan_itersize, 77U);
  EXPECT_EQ(global.close_connection, true);
  EXPECT_EQ(global.herd_timeout, 5s);
  EXPECT_EQ(read(whole + one_cache(R"("IGNORE_EXCEPTIONS": false)") + "}").ignore_exceptions, false)
      << "a cache's own beats the global one";
}

TEST(SettingsTest, AreFilledFromTheEnvironment) {
  const auto sources = sources_of({{"HOST", "cache.internal"},
                                   {"PASS", "p$${x"},
                                   {"T", "2.5"},
                                   {"ON", "True"},
                                   {"EMPTY", ""},
                                   {"SIZE", "9"}});
  const Options options =
      read(R"({"default": {"BACKEND": "${B:-redis}", "LOCATION": "redis://${HOST}:${PORT:-6380}/0",
      "KEY_PREFIX": "$${HOST} ${EMPTY:-none}${EMPTY}", "TIMEOUT": "${T}", "OPTIONS": {"PASSWORD": "${PASS}",
      "IGNORE_EXCEPTIONS": "${ON}", "CONNECTION_POOL_KWARGS": {"max_connections": "${SIZE}"}}}})",
           sources);
  EXPECT_THAT(options.location, ElementsAre("redis://cache.internal:6380/0"));
  EXPECT_EQ(options.key_prefix, "${HOST} none");
  EXPECT_EQ(options.timeout, Timeout{2500ms});
  EXPECT_EQ(options.password, "p$${x") << "what is filled in is not looked at again";
  EXPECT_EQ(options.ignore_exceptions, true);
  EXPECT_EQ(options.max_connections, 9U);
}

TEST(SettingsTest, ReadASecretFromItsFile) {
  for (const std::string end : {"", "\n", "\r\n"}) {
    const auto sources = sources_of({{"DIR", "/run/secrets"}}, {{"/run/secrets/redis", " se cret" + end}});
    EXPECT_EQ(with(R"("PASSWORD_FILE": "${DIR}/redis")", sources).password, " se cret");
  }
}

TEST(SettingsTest, FindFunctionsByName) {
  register_key_function("shop.make_key", [](auto key, auto, int) { return "shop/" + std::string{key}; });
  register_reverse_key_function("shop.reverse", [](auto key) { return std::string{key.substr(5)}; });
  const Options options =
      read(one_cache("", R"("KEY_FUNCTION": "shop.make_key", "REVERSE_KEY_FUNCTION": "shop.reverse")"));
  EXPECT_EQ(options.key_function("k", "", 1), "shop/k");
  EXPECT_EQ(options.reverse_key_function("shop/k"), "k");
  const Options python =
      read(one_cache("", R"("KEY_FUNCTION": "django.core.cache.backends.base.default_key_func",
                            "REVERSE_KEY_FUNCTION": "django_redis.util.default_reverse_key")"));
  EXPECT_FALSE(python.key_function);
  EXPECT_FALSE(python.reverse_key_function);
}

TEST(SettingsTest, IgnoreWithOneNoticeWhatOnlyPythonNeeds) {
  const LogCapture log{"site"};
  with(R"("CONNECTION_FACTORY": "a.B", "CONNECTION_POOL_CLASS": "a.B", "PARSER_CLASS": "a.B",
          "REDIS_CLIENT_CLASS": "a.B", "REDIS_CLIENT_KWARGS": {"a": 1})");
  read(R"({"DJANGO_REDIS_LOGGER": "site", "DJANGO_REDIS_CONNECTION_FACTORY": "a.B", "CACHES": )" +
       one_cache(R"("PARSER_CLASS": "redis.connection.HiredisParser")") + "}");
  ASSERT_EQ(log.messages().size(), 1U);
  EXPECT_THAT(log.messages().front().text, HasSubstr("ignored: DJANGO_REDIS_CONNECTION_FACTORY, "
                                                     "CACHES.default.OPTIONS.PARSER_CLASS"));
}

TEST(SettingsTest, KeepTheLastOfAKeyThatStandsTwice) {
  EXPECT_EQ(with(R"("PASSWORD": "first", "PASSWORD": "last")").password, "last");
}

TEST(SettingsTest, KnowTheirAliases) {
  const auto settings = Settings::from_json(
      R"({"b": {"BACKEND": "redis", "LOCATION": "redis://b"}, "a": {"BACKEND": "redis", "LOCATION": "redis://a"}})",
      sources_of());
  EXPECT_THAT(settings.aliases(), ElementsAre("b", "a"));
  EXPECT_THAT(settings.options("a").location, ElementsAre("redis://a"));
  EXPECT_THAT(Settings{}.aliases(), IsEmpty());
}

TEST(SettingsTest, ComeFromTheEnvironmentAlone) {
  const auto location = [](const Variables& variables) {
    return Settings::from_environment({}, sources_of(variables)).options("default").location.front();
  };
  EXPECT_EQ(location({{"REDIS_URL", "redis://a"}, {"REDIS_HOST", "b"}}), "redis://a");
  EXPECT_EQ(location({{"REDIS_URL", "redis://a"}, {"REDIS_TLS_URL", "rediss://b"}}), "rediss://b");
  EXPECT_EQ(location({{"REDIS_HOST", "b"}, {"REDIS_PORT", "7000"}, {"REDIS_DB", "3"}}), "redis://b:7000/3");
  EXPECT_EQ(location({{"REDIS_DB", "3"}, {"REDIS_TLS_URL", ""}}), "redis://127.0.0.1:6379/3");
  EXPECT_EQ(location({{"REDIS_HOST", "::1"}}), "redis://[::1]:6379/0");
  EXPECT_EQ(location({{"REDIS_HOST", "/run/re dis.sock"}, {"REDIS_DB", "2"}}),
            "unix:///run/re%20dis.sock?db=2");
  // What Kubernetes says of a service that is called "redis".
  EXPECT_EQ(location({{"REDIS_PORT", "tcp://10.0.0.7:6379"}}), "redis://10.0.0.7:6379/0");
}

TEST(SettingsTest, FromTheEnvironmentKeepTheProgramsOptions) {
  const auto settings = Settings::from_environment(
      {.key_prefix = "shop"}, sources_of({{"REDIS_HOST", "b"}, {"REDIS_PASSWORD", "p@ss/word"}}));
  const Options& options = settings.options("default");
  EXPECT_EQ(options.key_prefix, "shop");
  EXPECT_EQ(options.password, "p@ss/word") << "as it is, for it stands in no URL";
  EXPECT_EQ(options.serializer, "plain");
}

}  // namespace
}  // namespace rediscache::test
