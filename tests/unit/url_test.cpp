// URLs: what they say, what is wrong with them, and that no password is ever shown.
#include "config/url.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using config::mask_url;
using config::parse_url;
using config::Url;
using ::testing::HasSubstr;
using ::testing::Not;

struct UrlRow {
  std::string_view url;
  std::string_view host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::optional<int> database{};
  std::optional<std::string> username{};
  std::optional<std::string> password{};
};

TEST(UrlTest, SaysHostPortDatabaseAndCredentials) {
  const std::vector<UrlRow> rows{
      {.url = "redis://"},
      {.url = "redis:///"},
      {.url = "redis://localhost", .host = "localhost"},
      {.url = "redis://h:1", .host = "h", .port = 1},
      {.url = "redis://h:65535", .host = "h", .port = 65535},
      {.url = "redis://h:", .host = "h"},
      {.url = "redis://:7000", .port = 7000},
      {.url = "redis://h/0", .host = "h", .database = 0},
      {.url = "redis://h:7/15", .host = "h", .port = 7, .database = 15},
      {.url = "redis:///3", .database = 3},
      {.url = "redis://h?db=4", .host = "h", .database = 4},
      {.url = "redis://h/3?db=4", .host = "h", .database = 4},
      {.url = "redis://h/?db=4", .host = "h", .database = 4},
      {.url = "redis://[::1]", .host = "::1"},
      {.url = "redis://[::1]:7000/2", .host = "::1", .port = 7000, .database = 2},
      {.url = "redis://u:p@[fe80::1]:7", .host = "fe80::1", .port = 7, .username = "u", .password = "p"},
      {.url = "redis://:p@h", .host = "h", .password = "p"},
      {.url = "redis://u:p@h", .host = "h", .username = "u", .password = "p"},
      {.url = "redis://u:p@", .username = "u", .password = "p"},
      {.url = "redis://u:@h", .host = "h", .username = "u", .password = ""},
      {.url = "redis://u:a%3Ab%40c%2Fd%3Fe%25@h", .host = "h", .username = "u", .password = "a:b@c/d?e%"},
      {.url = "redis://%75:%70%00@h", .host = "h", .username = "u", .password = std::string{"p\0", 2}},
      {.url = "redis://u:a:b@h", .host = "h", .username = "u", .password = "a:b"},
      {.url = "redis://u:a@b@h", .host = "h", .username = "u", .password = "a@b"},
      {.url = "redis://h?password=p", .host = "h", .password = "p"},
      {.url = "redis://h?username=u&password=a%26b", .host = "h", .username = "u", .password = "a&b"},
      {.url = "redis://u:p@h?username=v&password=q", .host = "h", .username = "v", .password = "q"},
      {.url = "redis://h?&db=1&&", .host = "h", .database = 1},
      {.url = "redis://my%2Dhost", .host = "my-host"},
  };
  for (const UrlRow& row : rows) {
    SCOPED_TRACE(row.url);
    const Url url = parse_url(row.url);
    EXPECT_EQ(url.endpoint.transport, net::Endpoint::Transport::tcp);
    EXPECT_EQ(url.endpoint.host, row.host);
    EXPECT_EQ(url.endpoint.port, row.port);
    EXPECT_EQ(url.database, row.database);
    EXPECT_EQ(url.username, row.username);
    EXPECT_EQ(url.password, row.password);
  }
}

TEST(UrlTest, SaysThePathOfAUnixSocket) {
  const Url plain = parse_url("unix:///run/redis.sock");
  EXPECT_EQ(plain.endpoint.transport, net::Endpoint::Transport::unix_socket);
  EXPECT_EQ(plain.endpoint.path, "/run/redis.sock");
  EXPECT_EQ(plain.database, std::nullopt);
  EXPECT_EQ(plain.password, std::nullopt);
  const Url full = parse_url("unix://u:p@/run/my%20redis@1.sock?db=2");
  EXPECT_EQ(full.endpoint.path, "/run/my redis@1.sock");
  EXPECT_EQ(full.username, "u");
  EXPECT_EQ(full.password, "p");
  EXPECT_EQ(full.database, 2);
}

TEST(UrlTest, SaysTimeoutsInSeconds) {
  const Url url = parse_url("redis://h?socket_timeout=2.5&socket_connect_timeout=0.0001&client_name=a%20b");
  EXPECT_EQ(url.socket_timeout, 2500ms);
  EXPECT_EQ(url.connect_timeout, 1ms) << "rounded up, for 0 would be no timeout";
  EXPECT_EQ(url.client_name, "a b");
  EXPECT_EQ(parse_url("redis://h?socket_timeout=86400").socket_timeout, 24h);
  EXPECT_EQ(parse_url("redis://h").socket_timeout, std::nullopt);
  EXPECT_NO_THROW((void)parse_url("redis://h?protocol=2"));
}

std::string url_error(std::string_view url) {
  const auto error = thrown_by<InvalidOptions>([&] { (void)parse_url(url); });
  return error ? error->what() : "";
}

TEST(UrlTest, SaysWhatIsWrongWithIt) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows{
      {"", "no scheme"},
      {"localhost:6379", "no scheme"},
      {"redis:/h", "no scheme"},
      {"http://h", "\"http\" is not a known scheme"},
      {"redi://h", "Did you mean \"redis\"?"},
      {"redis://h:port", "the port is \"port\""},
      {"redis://h:0", "from 1 to 65535"},
      {"redis://h:65536", "from 1 to 65535"},
      {"redis://h:-1", "from 1 to 65535"},
      {"redis://::1", "IPv6 address is written in brackets"},
      {"redis://[::1", "closing bracket"},
      {"redis://[::1]x", "after the address in brackets"},
      {"redis://h/x", "the path is \"x\""},
      {"redis://h/-1", "the path is \"-1\""},
      {"redis://h/1/2", "the path is \"1/2\""},
      {"redis://h/2147483648", "number of a database"},
      {"redis://h?db=", "db is \"\""},
      {"redis://h?db=one", "db is \"one\""},
      {"redis://h?d=1", "\"d\" is not a known option"},
      {"redis://h?soket_timeout=1", "Did you mean \"socket_timeout\"?"},
      {"redis://h?socket_timeout=0", "more than 0"},
      {"redis://h?socket_timeout=-1", "more than 0"},
      {"redis://h?socket_timeout=", "socket_timeout is \"\""},
      {"redis://h?socket_timeout=1s", "socket_timeout is \"1s\""},
      {"redis://h?socket_timeout=nan", "socket_timeout is \"nan\""},
      {"redis://h?socket_connect_timeout=inf", "socket_connect_timeout is \"inf\""},
      {"redis://h?protocol=3", "protocol is \"3\""},
      {"redis://user@h", "no password"},
      {"redis://h?username=u", "no password"},
      {"redis://%zz", "hexadecimal"},
      {"redis://h%2", "hexadecimal"},
      {"redis://h?db=%", "hexadecimal"},
      {"unix://run/redis.sock", "must be absolute"},
      {"unix://", "must be absolute"},
  };
  for (const auto& [url, why] : rows) {
    EXPECT_THAT(url_error(url), HasSubstr(std::string{why})) << url;
    EXPECT_THAT(url_error(url), HasSubstr("location \"" + mask_url(url) + "\"")) << url;
  }
}

TEST(MaskUrl, HidesThePasswordAndNothingElse) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows{
      {"redis://h:6379/0", "redis://h:6379/0"},
      {"redis://:s3cret@h:6379/0", "redis://:***@h:6379/0"},
      {"redis://u:s3cret@h:6379/0?db=1", "redis://u:***@h:6379/0?db=1"},
      {"redis://u:@h", "redis://u:***@h"},
      {"unix://u:s3cret@/run/r.sock", "unix://u:***@/run/r.sock"},
      {"redis://h?password=s3cret", "redis://h?password=***"},
      {"redis://h?password=s3cret&db=1", "redis://h?password=***&db=1"},
      {"redis://h?db=1&password=a&password=b", "redis://h?db=1&password=***&password=***"},
      {"redis://u:s3cret@h?password=other", "redis://u:***@h?password=***"},
      {"", ""},
  };
  for (const auto& [url, masked] : rows) {
    EXPECT_EQ(mask_url(url), masked);
  }
}

const std::vector<std::string_view> urls_with_a_secret{
    "redis://:s3cret@h:6379/0",
    "redis://u:s3cret@h",
    "redis://u:a:s3cret@h",
    "redis://u:a@s3cret@h",
    "redis://u:s3cret@b@h",
    "redis://u:s3cret/b@h",
    "redis://u:a/s3cret@h",
    "redis://u:7/s3cret@h",
    "redis://u:s3cret?b@h",
    "redis://u:a?s3cret@h",
    "redis://u:7?s3cret@h",
    "redis://u:7?s3cret=x@h",
    "redis://:s3cret#@h",
    "redis://:%s3cret@h",
    "rediss://:s3cret@h",
    "http://u:s3cret@h",
    "u:s3cret@h",
    "redis:u:s3cret@h",
    "redis://u:s3cret@h:port",
    "redis://u:s3cret@h/x",
    "redis://u:s3cret@h?db=x",
    "redis://u:s3cret@h?x=y",
    "unix://u:s3cret@run/r.sock",
    "redis://h/x?password=s3cret",
    "redis://h/x?password=a@s3cret",
    "redis://h/x?password=s3cret&db=1",
    "redis://h?username=u&password=s3cret%",
    "redis://h/x?password=a?password=s3cret",
};

TEST(MaskUrl, NeverShowsThePassword) {
  for (const std::string_view url : urls_with_a_secret) {
    EXPECT_THAT(mask_url(url), Not(HasSubstr("s3cret"))) << url;
  }
}

TEST(UrlTest, NeverShowsThePasswordInAnError) {
  for (const std::string_view url : urls_with_a_secret) {
    try {
      (void)parse_url(url);
    } catch (const InvalidOptions& error) {
      EXPECT_THAT(error.what(), Not(HasSubstr("s3cret"))) << url;
    }
  }
}

TEST(UrlTest, NeverShowsAPasswordWhoseNameOrEndIsMisspelt) {
  for (const std::string_view url : {"redis://h?Password=s3cret", "redis://h?passwd=s3cret",
                                     "redis://h?pasword=s3cret", "redis://h?password=a&s3cret"}) {
    EXPECT_THAT(url_error(url), Not(HasSubstr("s3cret"))) << url;
  }
}

}  // namespace
}  // namespace rediscache::test
