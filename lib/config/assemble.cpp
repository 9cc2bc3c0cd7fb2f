#include "config/assemble.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <rediscache/compressor.hpp>
#include <rediscache/error.hpp>
#include <rediscache/redis_cache.hpp>
#include <rediscache/serializer.hpp>

#include "base/times.hpp"
#include "cache/core.hpp"
#include "config/client_classes.hpp"
#include "config/expect.hpp"
#include "config/logger.hpp"

namespace rediscache {
RedisCache::RedisCache(const Options& options) : RedisCache{config::assemble(options), detail::CallMode{}} {}

namespace config {
namespace {

void expect_positive(std::string_view name, std::chrono::milliseconds time) {
  if (time.count() <= 0) {
    throw InvalidOptions{std::string{name} + " is " + std::to_string(time.count()) +
                         " ms; it must be more than 0, for nothing may wait for ever"};
  }
}

void check(const Options& options) {
  expect_positive("connect_timeout", options.connect_timeout);
  expect_positive("socket_timeout", options.socket_timeout);
  expect_positive("call_timeout", options.call_timeout);
  expect_positive("clear_timeout", options.clear_timeout.value_or(Milliseconds{1}));
  expect_positive("pool_timeout", options.pool_timeout);
  expect_positive("max_idle_time", options.max_idle_time);
  expect_positive("replica_pause", options.replica_pause);
  expect_positive("herd_timeout", options.herd_timeout);
  expect(options.max_connections > 0, "max_connections is 0; at least 1 is needed");
  expect(options.max_retries >= 0, "max_retries is negative; 0 means that nothing is sent again");
  expect_positive("breaker.first_pause", options.breaker.first_pause);
  expect(options.breaker.longest_pause >= options.breaker.first_pause,
         "breaker.longest_pause is less than breaker.first_pause");
  expect(options.breaker.failures >= 0, "breaker.failures is negative; 0 means that it never opens");
  expect(options.retry_on_startup.count() >= 0, "retry_on_startup is negative; 0 means not to wait");
  expect(options.health_check_interval.count() >= 0,
         "health_check_interval is negative; 0 means that idle connections are not tried out");
  expect(options.shared_depth >= 0, "shared_depth is negative; 0 means that it is chosen by the round trip");
  expect(options.shared_yields >= 0, "shared_yields is negative; 0 means to sleep at once");
  expect(!options.combine || options.shared_connections > 0,
         "shared_connections is 0; set combine to false for a connection for each call");
  expect(options.max_calls_in_flight > 0, "max_calls_in_flight is 0; no call could be made");
  expect(options.max_bytes_in_flight > 0,
         "max_bytes_in_flight is 0; at most one call could be made at a time");
  expect(options.max_reply_bytes > 0, "max_reply_bytes is 0; no reply fits into that");
  expect(!options.timeout.is_default(), "timeout is \"the cache's default\", and this is where that is set");
  expect(options.client_name.find_first_of(" \n\r") == std::string::npos,
         "client_name has a space or a line break in it, which the server does not take");
}

/// Finds out now what would otherwise fail at the first call.
ClientClass checked_client_class(const Options& options) {
  if (options.client_factory) {
    return {.factory = options.client_factory};
  }
  ClientClass found = client_class(options.client_class);
  if (found.check) {
    found.check(options);
  }
  return found;
}

std::chrono::milliseconds clear_timeout(const Options& options) {
  constexpr int times_of_a_call = 10;
  return options.clear_timeout ? base::limited(*options.clear_timeout)
                               : base::limited(base::limited(options.call_timeout) * times_of_a_call);
}

}  // namespace

std::shared_ptr<cache::Core> assemble(const Options& options) {
  check(options);
  const Defaults fallback = defaults();
  auto serializer =
      options.serializer_object ? options.serializer_object : make_serializer(options.serializer);
  auto compressor = options.compressor_object || options.compressor.empty()
                        ? options.compressor_object
                        : make_compressor(options.compressor);
  ClientClass chosen = checked_client_class(options);
  codec::ValueCodec codec{std::move(serializer), std::move(compressor), options.max_decompressed_bytes};
  return std::make_shared<cache::Core>(cache::CoreSettings{
      .keys = {options.key_prefix, options.version, options.key_function, options.reverse_key_function},
      .form = cache::StoredForm{std::move(codec),
                                options.herd || chosen.herd
                                    ? std::optional{cache::Herd{base::limited(options.herd_timeout)}}
                                    : std::nullopt},
      .make_client =
          [factory = std::move(chosen.factory), options] {
            auto client = factory(options);
            expect(client != nullptr, "the client factory returned no client");
            return client;
          },
      .omit = {.ignore_exceptions = options.ignore_exceptions.value_or(fallback.ignore_exceptions),
               .log_ignored_exceptions =
                   options.log_ignored_exceptions.value_or(fallback.log_ignored_exceptions),
               .logger = logger_of(options),
               .observer = options.failure_observer},
      .on_decode_error = options.on_decode_error,
      .timeout = options.timeout,
      .call_timeout = base::limited(options.call_timeout),
      .clear_timeout = clear_timeout(options),
      .scan_itersize = options.scan_itersize > 0 ? options.scan_itersize : fallback.scan_itersize,
      .close_connection = options.close_connection.value_or(fallback.close_connection)});
}

}  // namespace config
}  // namespace rediscache
