// Errors that no retry can mend: credentials, rights, types. They are loud even when ignored.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/redis_server.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

constexpr const char* password = "s3cret pass/@:%word";
constexpr const char* encoded_password = "s3cret%20pass%2F%40%3A%25word";
constexpr const char* wrong_password = "hunter2-wrong";

/// A server that wants a password, or user alice with hers, who may only touch keys of version 1.
class MisconfiguredTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    server_ = std::make_unique<RedisServer>(
        RedisServer::Settings{.tcp = true,
                              .config = {std::string{"requirepass \""} + password + "\"",
                                         "user alice on >wonder ~:1:* resetchannels +@all -flushdb"}});
  }
  static void TearDownTestSuite() { server_.reset(); }

 protected:
  void SetUp() override {
    raw_.emplace(server_->unix_address());
    raw_->run({"AUTH", password});
    raw_->run({"CONFIG", "SET", "maxmemory", "0"});
    raw_->run({"FLUSHALL"});
  }
  [[nodiscard]] static Options options(const std::string& with_password) {
    Options options;
    options.location = {server_->unix_url()};
    options.password = with_password;
    return options;
  }
  [[nodiscard]] static Options alice() {
    Options options = MisconfiguredTest::options("wonder");
    options.username = "alice";
    return options;
  }
  [[nodiscard]] static std::string tcp_url(const std::string& user_info) {
    return "redis://" + user_info + "@" + to_string(server_->tcp_address());
  }

  static inline std::unique_ptr<RedisServer> server_;
  std::optional<RawClient> raw_;
};

TEST_F(MisconfiguredTest, TheRightPasswordWorks) {
  RedisCache cache{options(password)};
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_EQ(cache.get<int>("k"), 1);
}

TEST_F(MisconfiguredTest, AWrongPasswordIsAnAuthenticationError) {
  RedisCache cache{options(wrong_password)};
  const auto error = thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::authentication);
  EXPECT_TRUE(error->failure().misconfigured());
  EXPECT_FALSE(error->maybe_executed());
  EXPECT_TRUE(std::string{error->what()}.starts_with("Redis AuthenticationError: ")) << error->what();
  EXPECT_EQ(std::string{error->what()}.find(wrong_password), std::string::npos);
  EXPECT_TRUE(thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); })) << "and again";
}

TEST_F(MisconfiguredTest, NoPasswordIsAnAuthenticationErrorToo) {
  RedisCache cache{options("")};
  const auto error = thrown_by<AuthenticationError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_NE(std::string{error->what()}.find("NOAUTH"), std::string::npos) << error->what();
}

TEST_F(MisconfiguredTest, AWrongPasswordIsLoudWhenIgnored) {
  for (const char* given : {wrong_password, ""}) {
    std::vector<Failure> seen;
    Options ignoring = options(given);
    ignoring.ignore_exceptions = true;
    ignoring.failure_observer = [&](const Failure& failure) { seen.push_back(failure); };
    RedisCache cache{ignoring};
    EXPECT_EQ(cache.get("k", 7), 7);
    EXPECT_FALSE(cache.set("k", 1));
    EXPECT_EQ(cache.statistics().omitted, 2);
    EXPECT_EQ(cache.statistics().misconfigured, 2);
    const std::string last = cache.statistics().last_misconfigured;
    EXPECT_TRUE(last.starts_with("Redis AuthenticationError: ")) << last;
    EXPECT_EQ(last.find(wrong_password), std::string::npos);
    ASSERT_EQ(seen.size(), 2);
    EXPECT_TRUE(seen[0].misconfigured());
    EXPECT_EQ(seen[0].code, ErrorCode::authentication);
  }
}

TEST_F(MisconfiguredTest, AUserSignsInWithHisName) {
  RedisCache cache{alice()};
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_EQ(cache.incr("k"), 2);
  Options other = alice();
  other.username = "bob";
  RedisCache bob{other};
  EXPECT_TRUE(thrown_by<AuthenticationError>([&] { (void)bob.get<int>("k"); }));
}

TEST_F(MisconfiguredTest, WhatAUserMayNotDoIsAnAuthenticationError) {
  RedisCache cache{alice()};
  for (const auto& error : {thrown_by<AuthenticationError>([&] { (void)cache.set("k", 1, {.version = 2}); }),
                            thrown_by<AuthenticationError>([&] { cache.clear(); })}) {
    ASSERT_TRUE(error);
    EXPECT_NE(std::string{error->what()}.find("NOPERM"), std::string::npos) << error->what();
    EXPECT_TRUE(error->failure().misconfigured());
  }
  const auto opened = cache.statistics().client.connections_opened;
  EXPECT_TRUE(cache.set("k", 1)) << "the connection stays good";
  EXPECT_EQ(cache.statistics().client.connections_opened, opened);
  EXPECT_EQ(cache.statistics().client.connections_lost, 0);
}

TEST_F(MisconfiguredTest, CredentialsOfTheUrlBeatThoseOfTheOptions) {
  for (const std::string& url :
       {tcp_url(std::string{":"} + encoded_password), tcp_url(std::string{"default:"} + encoded_password),
        "unix://:" + std::string{encoded_password} + "@" + server_->unix_address().path,
        "unix://" + server_->unix_address().path + "?password=" + encoded_password}) {
    SCOPED_TRACE(url);
    Options own = options(wrong_password);
    own.location = {url};
    RedisCache cache{own};
    EXPECT_TRUE(cache.set("k", 1));
  }
  Options own = options(password);
  own.location = {tcp_url(std::string{":"} + wrong_password)};
  RedisCache cache{own};
  EXPECT_TRUE(thrown_by<AuthenticationError>([&] { (void)cache.set("k", 1); }));
}

TEST_F(MisconfiguredTest, AUserOfTheUrlSignsIn) {
  Options own;
  own.location = {tcp_url("alice:wonder") + "/0"};
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 1));
  EXPECT_TRUE(thrown_by<AuthenticationError>([&] { (void)cache.set("k", 1, {.version = 2}); }));
}

TEST_F(MisconfiguredTest, APasswordNeverShowsInAnyError) {
  const std::string secret = "hunter2";
  const auto expect_hidden = [&](const std::string& text) {
    EXPECT_EQ(text.find(secret), std::string::npos) << text;
  };
  const std::string nobody = "127.0.0.1:" + std::to_string(free_port());
  for (const std::string& url : std::vector<std::string>{
           "redis://:hunter2@" + nobody, "redis://user:hunter2@" + nobody, tcp_url(":hunter2"),
           "unix://:hunter2@/nonexistent/redis.sock", "redis://" + nobody + "?password=hunter2"}) {
    Options own;
    own.location = {url};
    own.ignore_exceptions = true;
    own.failure_observer = [&](const Failure& failure) { expect_hidden(failure.text() + failure.server); };
    RedisCache cache{own};
    EXPECT_EQ(cache.get("k", 7), 7);
    expect_hidden(cache.statistics().last_misconfigured);
    const auto error = thrown_by<ConnectionInterrupted>([&] { (void)cache.strict().get<int>("k"); });
    ASSERT_TRUE(error);
    expect_hidden(error->what());
    expect_hidden(error->server());
  }
  for (const char* url :
       {"redis://:hunter2@host:port", "http://user:hunter2@host", "redis://:hunter2@host/x",
        "redis://:hunter2@host:0", "redis://:hunter2@host?nope=1", "unix://:hunter2@relative",
        "redis://:hunter2@host?db=-1", "redis://host?password=hunter2&nope=1", "rediss://:hunter2@host/x",
        "rediss://host?ssl_keyfile_password=hunter2&ssl_cert_reqs=never", "redis://:hunter2%zz@host",
        "redis://:hunter2@[::1", "redis://user:hunter2@host@host:port"}) {
    Options own;
    own.location = {url};
    const auto error = thrown_by<InvalidOptions>([&] { const RedisCache cache{own}; });
    ASSERT_TRUE(error) << url;
    expect_hidden(error->what());
  }
}

TEST_F(MisconfiguredTest, AValueOfAnotherTypeIsAResponseError) {
  raw_->run({"RPUSH", ":1:list", "element"});
  RedisCache cache{options(password)};
  const auto error = thrown_by<ResponseError>([&] { (void)cache.get<int>("list"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::response);
  EXPECT_EQ(error->prefix(), "WRONGTYPE");
  EXPECT_EQ(error->command(), "GET");
  EXPECT_EQ(error->server(), to_string(server_->unix_address()));
  EXPECT_TRUE(std::string{error->what()}.starts_with("Redis ResponseError: WRONGTYPE")) << error->what();
  EXPECT_FALSE(error->connection_lost());
  EXPECT_EQ(cache.get("other", 7), 7);
  EXPECT_EQ(cache.statistics().client.connections_opened, 1);
}

TEST_F(MisconfiguredTest, AValueOfAnotherTypeIsLoudWhenIgnored) {
  raw_->run({"RPUSH", ":1:list", "element"});
  Options ignoring = options(password);
  ignoring.ignore_exceptions = true;
  RedisCache cache{ignoring};
  EXPECT_EQ(cache.get("list", 7), 7);
  EXPECT_TRUE(cache.incr("list").omitted());
  EXPECT_EQ(cache.statistics().omitted, 2);
  EXPECT_EQ(cache.statistics().misconfigured, 2);
  EXPECT_NE(cache.statistics().last_misconfigured.find("WRONGTYPE"), std::string::npos);
}

TEST_F(MisconfiguredTest, AServerWithoutMemoryIsAResponseErrorThatMayPass) {
  raw_->run({"CONFIG", "SET", "maxmemory", "1"});
  RedisCache cache{options(password)};
  const auto error = thrown_by<ResponseError>([&] { (void)cache.set("k", std::string(1000, 'x')); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->prefix(), "OOM");
  EXPECT_FALSE(error->failure().misconfigured());
  EXPECT_EQ(cache.get<int>("k"), std::nullopt);

  Options ignoring = options(password);
  ignoring.ignore_exceptions = true;
  RedisCache quiet{ignoring};
  EXPECT_FALSE(quiet.set("k", 1));
  EXPECT_FALSE(quiet.add("k", 1));
  EXPECT_EQ(quiet.set_many(std::vector<std::pair<std::string, int>>{{"a", 1}, {"b", 2}}),
            (std::vector<std::string>{"a", "b"}));
  EXPECT_GE(quiet.statistics().omitted, 3);
  EXPECT_EQ(quiet.statistics().misconfigured, 0);

  raw_->run({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(quiet.set("k", 1));
}

TEST_F(MisconfiguredTest, ADatabaseThatIsNotThereIsAResponseError) {
  Options own = options(password);
  own.location = {server_->unix_url(1000)};
  RedisCache cache{own};
  const auto error = thrown_by<ResponseError>([&] { (void)cache.get<int>("k"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->prefix(), "ERR");
  EXPECT_TRUE(error->failure().misconfigured());
}

}  // namespace
}  // namespace rediscache::test
