// What people read when something is refused before anything is sent: which thing, and what would be right.
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "codec/json_reader.hpp"
#include "codec/json_writer.hpp"
#include "config/url.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using List = Value::List;
using Dict = Value::Dict;

/// Nobody listens there: a call that gets as far as sending throws a ConnectionError.
Options options_to_nobody() {
  Options options;
  options.location = {"unix:///nonexistent/redis.sock"};
  return options;
}

template <class E>
void expect_message(const std::function<void()>& call, const std::string& message) {
  const auto error = thrown_by<E>(call);
  ASSERT_TRUE(error) << message;
  EXPECT_THAT(error->what(), HasSubstr(message));
}

void expect_unreadable(const std::string& json, const std::string& message) {
  expect_message<ValueError>([&] { (void)codec::read_json(json); }, message);
}

void expect_unwritable(const Value& value, const std::string& message) {
  std::string out;
  expect_message<ValueError>([&] { codec::write_json(out, value); }, message);
}

void expect_refused_url(const std::string& url, const std::string& message) {
  expect_message<InvalidOptions>([&] { (void)config::parse_url(url); }, message);
}

void expect_refused_option(const std::function<void(Options&)>& change, const std::string& message) {
  Options options = options_to_nobody();
  change(options);
  expect_message<InvalidOptions>([&] { const RedisCache cache{options}; }, message);
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(Messages, TellWhereJsonIsNone) {
  expect_unreadable("[01]", "byte ");
  expect_unreadable("[1.]", "expected a digit");
  expect_unreadable("{1: 2}", "expected a key");
  expect_unreadable(R"(["\u00g0"])", "expected four hexadecimal digits");
  expect_unreadable("[\"a\nb\"]", "a control character inside text");
  expect_unreadable("[" + std::string(4301, '9') + "]", "an integer of more than 4300 digits");
  expect_unreadable("[\"\xff\"]", "text that is not UTF-8");
  expect_unreadable(nested(2000), "nested deeper than");
}

TEST(Messages, TellWhatJsonDoesNotHold) {
  expect_unwritable(Bytes{}, "JSON has no bytes; store them as text");
  expect_unwritable(Dict{{List{}, 1}}, "JSON has no keys of kind list");
  expect_unwritable("\xff", "JSON holds only UTF-8 text, and this is not");
  Value deep;
  for (int level = 0; level < 2000; ++level) {
    List list;
    list.push_back(std::move(deep));  // braces would copy
    deep = std::move(list);
  }
  expect_unwritable(deep, "the value is nested deeper than");
}

TEST(Messages, TellWhatDoesNotFitIntoANumber) {
  const Value large{std::numeric_limits<std::uint64_t>::max()};
  expect_message<ValueError>([&] { (void)large.as_integer(); },
                             "the integer is larger than 64 signed bits hold");
  expect_message<ValueError>([&] { (void)Value{-1}.as_unsigned(); }, "the integer is negative");
  expect_message<ValueError>([&] { (void)large.as_float(); },
                             "the integer has more digits than a double holds");
  expect_message<ValueError>([] { (void)value_to<std::int8_t>(300); }, "the integer does not fit");
  expect_message<ValueError>([] { (void)value_to<std::map<int, int>>(Dict{{"x", 1}}); },
                             "expected an integer as key, found text");
}

TEST(Messages, TellWhatIsWrongWithAUrl) {
  expect_refused_url("localhost:6379", "it has no scheme. Write redis://host:port/db");
  expect_refused_url("redis://%4x@h", "a % is not followed by two hexadecimal digits");
  expect_refused_url("redis://[::1", "the address lacks its closing bracket");
  expect_refused_url("redis://::1", "it has too many colons; an IPv6 address is written in brackets");
  expect_refused_url("unix://redis.sock", "the path of the socket must be absolute");
  expect_refused_url("redis://u:a/b@h", "there is an @ behind a / or a ?");
  expect_refused_url("redis://h?db", "an option behind the ? has no value");
  expect_refused_url("redis://u@h", "it has a user name and no password");
}

TEST(Messages, TellWhichOptionCannotBeUsed) {
  expect_refused_option([](Options& options) { options.location = {}; }, "location is empty");
  expect_refused_option([](Options& options) { options.max_connections = 0; }, "max_connections is 0");
  expect_refused_option([](Options& options) { options.max_reply_bytes = 0; }, "max_reply_bytes is 0");
  expect_refused_option([](Options& options) { options.max_retries = -1; }, "max_retries is negative");
}

TEST(Messages, TellWhichArgumentCannotBeUsed) {
  RedisCache cache{options_to_nobody()};
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr int least_version = std::numeric_limits<int>::min();
  expect_message<InvalidArgument>([&] { cache.set("k", 1, {.nx = true, .xx = true}); },
                                  "set: nx and xx exclude each other");
  expect_message<InvalidArgument>([&] { (void)cache.decr("k", least); },
                                  "decr: delta is -9223372036854775808");
  expect_message<InvalidArgument>([&] { (void)cache.decr_version("k", least_version); },
                                  "decr_version: delta is -2147483648, which cannot be negated");
  expect_message<InvalidArgument>(
      [&] { (void)cache.incr_version("k", 1, {.version = std::numeric_limits<int>::max()}); },
      "incr_version: version");
  expect_message<InvalidArgument>([&] { (void)cache.execute("CLIENT", "REPLY", "OFF"); },
                                  "CLIENT REPLY would change a connection that other calls share");
  expect_message<InvalidArgument>([&] { (void)cache.lock("k", {.timeout = 0ms}); }, "lock: timeout is");
  expect_message<InvalidArgument>([&] { (void)cache.lock("k", {.timeout = 1s, .sleep = 0ms}); },
                                  "lock: sleep must be more than 0 ms");
}

TEST(Messages, TellHowAPipelineIsUsed) {
  RedisCache cache{options_to_nobody()};
  auto pipeline = cache.pipeline({.max_commands = 1});
  const auto there = pipeline.has_key("k");
  expect_message<InvalidArgument>([&] { (void)there.value(); }, "a result was asked for before execute()");
  expect_message<InvalidArgument>([&] { (void)pipeline.del("k"); }, "pipeline: it holds max_commands (1");
}

TEST(Messages, TellThatAPipelineIsUsedOnce) {
  Options options = options_to_nobody();
  options.ignore_exceptions = true;
  RedisCache cache{options};
  auto pipeline = cache.pipeline();
  const auto there = pipeline.has_key("k");
  EXPECT_FALSE(pipeline.execute());
  EXPECT_FALSE(there.value());
  expect_message<InvalidArgument>([&] { (void)pipeline.del("k"); },
                                  "pipeline: it has been executed; make a new one");
}

TEST(Messages, TellThatAFactoryMadeNoClient) {
  Options options = options_to_nobody();
  options.client_factory = [](const Options&) { return std::unique_ptr<Client>{}; };
  RedisCache cache{options};
  expect_message<InvalidOptions>([&] { (void)cache.has_key("k"); }, "the client factory returned no client");
}

}  // namespace
}  // namespace rediscache::test
