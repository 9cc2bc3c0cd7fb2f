// Options that cannot be used are refused when the cache is made, by an error that says which and why.
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

/// That a cache with `options` is refused with a text that contains each of `named`.
void expect_refused(const Options& options, const std::vector<std::string_view>& named) {
  const auto error = thrown_by<InvalidOptions>([&] { const RedisCache cache{options}; });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::invalid_options);
  for (const std::string_view part : named) {
    EXPECT_NE(std::string_view{error->what()}.find(part), std::string_view::npos)
        << "\"" << error->what() << "\" does not name " << part;
  }
}

void expect_url_refused(const std::string& url, const std::vector<std::string_view>& named = {}) {
  SCOPED_TRACE(url);
  Options options;
  options.location = {url};
  expect_refused(options, named);
}

TEST(BadOptionsTest, UnknownSchemesAreRefusedAndKnownOnesNamed) {
  expect_url_refused("http://localhost", {"http", "redis", "unix"});
  expect_url_refused("memcached://localhost:11211", {"memcached"});
  expect_url_refused("localhost:6379", {"redis"});
  expect_url_refused("", {"redis"});
  expect_url_refused("redis:localhost");
  expect_url_refused("://localhost");
}

TEST(BadOptionsTest, PortsThatAreNoneAreRefused) {
  expect_url_refused("redis://localhost:0", {"0"});
  expect_url_refused("redis://localhost:70000", {"70000"});
  expect_url_refused("redis://localhost:abc", {"abc"});
  expect_url_refused("redis://localhost:-1");
  expect_url_refused("redis://localhost:63 79");
  expect_url_refused("redis://localhost:99999999999999999999");
}

TEST(BadOptionsTest, DatabasesThatAreNoneAreRefused) {
  expect_url_refused("redis://localhost/-1", {"-1"});
  expect_url_refused("redis://localhost?db=-1", {"-1"});
  expect_url_refused("unix:///run/redis.sock?db=-1", {"-1"});
  expect_url_refused("redis://localhost/abc", {"abc"});
  expect_url_refused("redis://localhost?db=");
  expect_url_refused("redis://localhost/99999999999999999999");
}

TEST(BadOptionsTest, UnknownOptionsOfAUrlAreRefusedByName) {
  expect_url_refused("redis://localhost?sokcet_timeout=5", {"sokcet_timeout", "socket_timeout"});
  expect_url_refused("redis://localhost?nonsense=1", {"nonsense"});
  expect_url_refused("unix:///run/redis.sock?db=1&what=ever", {"what"});
}

TEST(BadOptionsTest, OptionsOfAUrlThatAreNoNumbersAreRefused) {
  expect_url_refused("redis://localhost?socket_timeout=soon", {"socket_timeout", "soon"});
  expect_url_refused("redis://localhost?socket_timeout=-1", {"socket_timeout"});
  expect_url_refused("redis://localhost?socket_connect_timeout=nan", {"socket_connect_timeout"});
}

TEST(BadOptionsTest, UrlsThatAreBrokenAreRefused) {
  expect_url_refused("redis://[::1");
  expect_url_refused("redis://[::1]x");
  expect_url_refused("redis://:%zz@localhost");
  expect_url_refused("unix://");
  expect_url_refused("unix://" + std::string(200, 'x'));
}

TEST(BadOptionsTest, OptionsOfTlsAreRefusedWhereThereIsNone) {
  expect_url_refused("redis://localhost?ssl_ca_certs=/ca.pem", {"ssl_ca_certs", "rediss://"});
  expect_url_refused("unix:///run/redis.sock?ssl_cert_reqs=none", {"ssl_cert_reqs", "unix socket"});
}

TEST(BadOptionsTest, NoLocationIsRefused) {
  Options none;
  none.location = {};
  expect_refused(none, {"location"});
}

TEST(BadOptionsTest, AUserNameWithoutAPasswordIsRefused) {
  Options options;
  options.username = "alice";
  expect_refused(options, {"username", "password"});
  expect_url_refused("redis://alice@localhost", {"password"});
  expect_url_refused("redis://localhost?username=alice", {"password"});
}

TEST(BadOptionsTest, UnknownNamesOfClientsAreRefusedAndKnownOnesNamed) {
  Options options;
  options.client_class = "DefualtClient";
  expect_refused(options, {"DefualtClient", "DefaultClient"});
  EXPECT_TRUE(thrown_by<InvalidOptions>([] { (void)make_client("nobody", Options{}); }));
}

TEST(BadOptionsTest, UnknownNamesOfSerializersAreRefusedAndKnownOnesNamed) {
  Options options;
  options.serializer = "jsno";
  expect_refused(options, {"jsno", "json", "plain"});
  EXPECT_TRUE(thrown_by<InvalidOptions>([] { (void)make_serializer("nobody"); }));
}

TEST(BadOptionsTest, DeadlinesThatAreNoneAreRefused) {
  for (const auto member : {&Options::connect_timeout, &Options::socket_timeout, &Options::call_timeout}) {
    for (const auto time : {0ms, -1ms}) {
      Options options;
      options.*member = time;
      expect_refused(options, {"timeout"});
    }
  }
  Options options;
  options.pool_timeout = -1ms;
  expect_refused(options, {"pool_timeout"});
}

TEST(BadOptionsTest, NumbersThatMakeNoSenseAreRefused) {
  Options no_connections;
  no_connections.max_connections = 0;
  expect_refused(no_connections, {"max_connections"});
  Options negative;
  negative.max_retries = -1;
  expect_refused(negative, {"max_retries"});
}

TEST(BadOptionsTest, AClientNameThatServersRefuseIsRefused) {
  Options options;
  options.client_name = "two words";
  expect_refused(options, {"client_name"});
}

TEST(BadOptionsTest, EverySpellingOfAGoodUrlIsTaken) {
  for (const char* url :
       {"redis://localhost", "redis://localhost/", "redis://localhost:6379", "redis://localhost:6379/0",
        "redis://localhost:6379/15", "redis://127.0.0.1?db=3", "redis://[::1]:6379/1", "redis://[::1]",
        "redis://:pass@localhost", "redis://user:pass@localhost", "redis://user:p%40ss%3A%2F@localhost",
        "redis://localhost?username=u&password=p&socket_timeout=0.5&socket_connect_timeout=2&client_name=n",
        "unix:///run/redis.sock", "unix:///run/redis.sock?db=2", "unix://user:pass@/run/redis.sock?db=2",
        "redis://localhost:65535", "redis://localhost:1"}) {
    SCOPED_TRACE(url);
    Options options;
    options.location = {url};
    EXPECT_NO_THROW({ const RedisCache cache{options}; });
  }
}

TEST(BadOptionsTest, TheDefaultsAreGood) {
  EXPECT_NO_THROW({ const RedisCache cache; });
}

}  // namespace
}  // namespace rediscache::test
