// Options become a cache, or the reason why not.
#include "config/assemble.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/redis_cache.hpp>
#include <rediscache/serializer.hpp>

#include "config/client_classes.hpp"
#include "config/servers.hpp"
#include "support/thrown.hpp"
#include "unit/fake_client.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Options options_with(const std::function<void(Options&)>& change) {
  Options options;
  change(options);
  return options;
}

std::string assembly_error(const std::function<void(Options&)>& change) {
  const auto error = thrown_by<InvalidOptions>([&] { (void)RedisCache{options_with(change)}; });
  return error ? error->what() : "";
}

TEST(OptionsTest, OfEveryDefaultAreFine) {
  EXPECT_NO_THROW((void)RedisCache{});
  EXPECT_NO_THROW((void)RedisCache{Options{}});
}

TEST(OptionsTest, WithoutATimeAreRefusedByName) {
  for (const auto time : {0ms, -1ms}) {
    EXPECT_THAT(assembly_error([&](Options& options) { options.connect_timeout = time; }),
                HasSubstr("connect_timeout is "));
    EXPECT_THAT(assembly_error([&](Options& options) { options.socket_timeout = time; }),
                HasSubstr("socket_timeout is "));
    EXPECT_THAT(assembly_error([&](Options& options) { options.call_timeout = time; }),
                HasSubstr("call_timeout is "));
    EXPECT_THAT(assembly_error([&](Options& options) { options.pool_timeout = time; }),
                HasSubstr("pool_timeout is "));
    EXPECT_THAT(assembly_error([&](Options& options) { options.max_idle_time = time; }),
                HasSubstr("max_idle_time is "));
  }
  EXPECT_THAT(assembly_error([](Options& options) { options.socket_timeout = -7ms; }), HasSubstr("-7 ms"));
}

TEST(OptionsTest, OfSizesThatCannotBeAreRefusedByName) {
  EXPECT_THAT(assembly_error([](Options& options) { options.max_connections = 0; }),
              HasSubstr("max_connections"));
  EXPECT_THAT(assembly_error([](Options& options) { options.max_retries = -1; }), HasSubstr("max_retries"));
  EXPECT_THAT(assembly_error([](Options& options) { options.max_reply_bytes = 0; }),
              HasSubstr("max_reply_bytes"));
  EXPECT_NO_THROW((void)RedisCache{options_with([](Options& options) { options.max_retries = 0; })});
}

TEST(OptionsTest, OfSharedConnectionsThatMakeNoSenseAreRefusedByName) {
  EXPECT_THAT(assembly_error([](Options& options) { options.shared_depth = -1; }), HasSubstr("shared_depth"));
  EXPECT_THAT(assembly_error([](Options& options) { options.shared_yields = -1; }),
              HasSubstr("shared_yields"));
  EXPECT_THAT(assembly_error([](Options& options) { options.shared_connections = 0; }),
              HasSubstr("shared_connections"));
}

TEST(OptionsTest, OfOutagesThatMakeNoSenseAreRefusedByName) {
  EXPECT_THAT(assembly_error([](Options& options) { options.breaker.failures = -1; }),
              HasSubstr("breaker.failures"));
  EXPECT_THAT(assembly_error([](Options& options) { options.breaker.first_pause = {}; }),
              HasSubstr("breaker.first_pause"));
  EXPECT_THAT(
      assembly_error([](Options& options) { options.breaker.longest_pause = std::chrono::milliseconds{1}; }),
      HasSubstr("breaker.longest_pause"));
  EXPECT_THAT(
      assembly_error([](Options& options) { options.retry_on_startup = std::chrono::milliseconds{-1}; }),
      HasSubstr("retry_on_startup"));
  EXPECT_THAT(
      assembly_error([](Options& options) { options.health_check_interval = std::chrono::milliseconds{-1}; }),
      HasSubstr("health_check_interval"));
  EXPECT_THAT(assembly_error([](Options& options) { options.max_calls_in_flight = 0; }),
              HasSubstr("max_calls_in_flight"));
  EXPECT_THAT(assembly_error([](Options& options) { options.max_bytes_in_flight = 0; }),
              HasSubstr("max_bytes_in_flight"));
}

TEST(OptionsTest, OfATimeoutThatIsItsOwnDefaultAreRefused) {
  EXPECT_THAT(assembly_error([](Options& options) { options.timeout = Timeout{}; }), HasSubstr("timeout is"));
  EXPECT_NO_THROW((void)RedisCache{options_with([](Options& options) { options.timeout = never; })});
  EXPECT_NO_THROW((void)RedisCache{options_with([](Options& options) { options.timeout = 0s; })});
}

TEST(OptionsTest, OfAClientNameTheServerDoesNotTakeAreRefused) {
  for (const std::string_view name : {"a b", "a\nb", "a\rb", " "}) {
    EXPECT_THAT(assembly_error([&](Options& options) { options.client_name = name; }),
                HasSubstr("client_name"));
  }
  EXPECT_NO_THROW((void)RedisCache{options_with([](Options& options) { options.client_name = ""; })});
}

TEST(OptionsTest, OfUnknownNamesAreRefusedWithWhatIsNear) {
  const std::string serializer = assembly_error([](Options& options) { options.serializer = "plian"; });
  EXPECT_THAT(serializer, HasSubstr("\"plian\" is not a known serializer"));
  EXPECT_THAT(serializer, HasSubstr("Did you mean \"plain\"?"));
  const std::string client = assembly_error([](Options& options) { options.client_class = "DefautClient"; });
  EXPECT_THAT(client, HasSubstr("\"DefautClient\" is not a known client class"));
  EXPECT_THAT(client, HasSubstr("Did you mean \"DefaultClient\"?"));
}

TEST(OptionsTest, OfNamesThatAreNotNeededAreNotLookedAt) {
  EXPECT_NO_THROW((void)RedisCache{options_with([](Options& options) {
    options.serializer = "nobody";
    options.serializer_object = make_serializer("json");
    options.client_class = "nobody";
    options.client_factory = options_replying(Reply{}).client_factory;
  })});
}

TEST(OptionsTest, OfNoOrBadLocationsAreRefused) {
  EXPECT_THAT(assembly_error([](Options& options) { options.location.clear(); }),
              HasSubstr("location is empty"));
  EXPECT_THAT(assembly_error([](Options& options) { options.location = {"redis://a", "redis://h:port"}; }),
              HasSubstr("the port is"));
  EXPECT_THAT(assembly_error([](Options& options) { options.location = {"redis://h:port"}; }),
              HasSubstr("the port is"));
}

TEST(OptionsTest, OfAUserWithoutPasswordAreRefused) {
  EXPECT_THAT(assembly_error([](Options& options) { options.username = "bob"; }),
              HasSubstr("username is set and password"));
  EXPECT_NO_THROW((void)RedisCache{options_with([](Options& options) {
    options.username = "bob";
    options.password = "s3cret";
  })});
}

TEST(OptionsTest, NeverShowThePassword) {
  const std::string text = assembly_error([](Options& options) {
    options.password = "s3cret";
    options.location = {"redis://u:s3cret@h:port"};
  });
  EXPECT_THAT(text, HasSubstr("location"));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
}

net::ServerSettings server_settings(const Options& options) {
  return config::server_settings(options, options.location.front());
}

TEST(ServerSettings, AreThoseOfTheOptions) {
  const net::ServerSettings settings = server_settings(options_with([](Options& options) {
    options.location = {"redis://cache.internal:7000/3"};
    options.username = "bob";
    options.password = "s3cret";
    options.client_name = "shop";
    options.connect_timeout = 11ms;
    options.socket_timeout = 12ms;
    options.pool_timeout = 13ms;
    options.max_idle_time = 14ms;
    options.max_connections = 15;
    options.max_reply_bytes = 16;
  }));
  EXPECT_EQ(settings.endpoint.name(), "cache.internal:7000");
  EXPECT_EQ(settings.handshake.username, "bob");
  EXPECT_EQ(settings.handshake.password, "s3cret");
  EXPECT_EQ(settings.handshake.database, 3);
  EXPECT_EQ(settings.handshake.client_name, "shop");
  EXPECT_EQ(settings.connect_timeout, 11ms);
  EXPECT_EQ(settings.tries.socket_timeout, 12ms);
  EXPECT_EQ(settings.pool_timeout, 13ms);
  EXPECT_EQ(settings.max_idle_time, 14ms);
  EXPECT_EQ(settings.max_connections, 15U);
  EXPECT_EQ(settings.max_reply_bytes, 16U);
}

TEST(ServerSettings, OfTheUrlBeatThoseOfTheOptions) {
  const net::ServerSettings settings = server_settings(options_with([](Options& options) {
    options.location = {"redis://alice:url@h?client_name=url&socket_timeout=2&socket_connect_timeout=1&db=9"};
    options.username = "bob";
    options.password = "options";
    options.client_name = "options";
  }));
  EXPECT_EQ(settings.handshake.username, "alice");
  EXPECT_EQ(settings.handshake.password, "url");
  EXPECT_EQ(settings.handshake.client_name, "url");
  EXPECT_EQ(settings.handshake.database, 9);
  EXPECT_EQ(settings.tries.socket_timeout, 2s);
  EXPECT_EQ(settings.connect_timeout, 1s);
}

TEST(ServerSettings, TakeNoUserOfTheOptionsForAPasswordOfTheUrl) {
  const net::ServerSettings settings = server_settings(options_with([](Options& options) {
    options.location = {"redis://:url@h"};
    options.username = "bob";
    options.password = "options";
  }));
  EXPECT_EQ(settings.handshake.username, "");
  EXPECT_EQ(settings.handshake.password, "url");
}

std::vector<std::string> locations_of(std::vector<std::string> location) {
  return config::locations(options_with([&](Options& options) { options.location = std::move(location); }));
}

TEST(Locations, AreTheStringsGiven) {
  EXPECT_THAT(locations_of({"redis://a", "redis://b,c"}), ElementsAre("redis://a", "redis://b,c"));
}

TEST(Locations, OfOneStringArePartedByCommasBeforeUrls) {
  EXPECT_THAT(locations_of({"redis://a"}), ElementsAre("redis://a"));
  EXPECT_THAT(locations_of({"redis://a,rediss://b:1/2, unix:///c?db=1"}),
              ElementsAre("redis://a", "rediss://b:1/2", "unix:///c?db=1"));
  EXPECT_THAT(locations_of({"redis://:pass,word@a,redis://b"}),
              ElementsAre("redis://:pass,word@a", "redis://b"));
  EXPECT_THAT(locations_of({"redis://a,"}), ElementsAre("redis://a,"));
}

TEST(ClientClasses, AreKnownByOurNamesAndByDjangoRediss) {
  for (const char* const name :
       {"DefaultClient", "django_redis.client.DefaultClient", "django_redis.client.default.DefaultClient",
        "ShardClient", "django_redis.client.ShardClient", "django_redis.client.sharded.ShardClient"}) {
    EXPECT_FALSE(config::client_class(name).herd) << name;
  }
  for (const char* const name :
       {"HerdClient", "django_redis.client.HerdClient", "django_redis.client.herd.HerdClient"}) {
    EXPECT_TRUE(config::client_class(name).herd) << name;
  }
}

TEST(ClientClasses, ThatAreNotKnownAreRefusedWithTheKnownNames) {
  const auto text =
      assembly_error([](Options& options) { options.client_class = "django_redis.client.ShardedClient"; });
  EXPECT_THAT(text, HasSubstr("ShardedClient"));
  EXPECT_THAT(text, HasSubstr("DefaultClient"));
  EXPECT_THAT(text, HasSubstr("ShardClient"));
  EXPECT_THAT(text, HasSubstr("HerdClient"));
}

TEST(DefaultsTest, AreWhatWasSetLast) {
  const Defaults before = defaults();
  EXPECT_FALSE(before.ignore_exceptions);
  EXPECT_EQ(before.logger, "rediscache");
  EXPECT_EQ(before.scan_itersize, 1000U);
  set_defaults({.ignore_exceptions = true, .logger = "mine", .scan_itersize = 7, .close_connection = true});
  EXPECT_TRUE(defaults().ignore_exceptions);
  EXPECT_EQ(defaults().logger, "mine");
  EXPECT_EQ(defaults().scan_itersize, 7U);
  EXPECT_TRUE(defaults().close_connection);
  set_defaults(before);
  EXPECT_FALSE(defaults().ignore_exceptions);
}

TEST(MakeClient, NamesWhatIsKnown) {
  const auto error = thrown_by<InvalidOptions>([] { (void)make_client("Nobody", Options{}); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("Known: DefaultClient"));
  const auto client = make_client("DefaultClient", Options{});
  EXPECT_EQ(client->server(), "127.0.0.1:6379");
  EXPECT_EQ(client->statistics().connections_opened, 0U) << "it connects to nothing yet";
}

}  // namespace
}  // namespace rediscache::test
