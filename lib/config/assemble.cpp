#include "config/assemble.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <rediscache/compressor.hpp>
#include <rediscache/error.hpp>
#include <rediscache/redis_cache.hpp>
#include <rediscache/serializer.hpp>

#include "base/registry.hpp"
#include "cache/core.hpp"
#include "client/default_client.hpp"
#include "config/url.hpp"
#include "net/tls_context.hpp"
#include "proto/retry.hpp"

namespace rediscache {
namespace {

base::Registry<ClientFactory>& clients() {
  static base::Registry<ClientFactory> registry{
      "client class", {{"DefaultClient", [](const Options& options) {
                          return std::make_unique<client::DefaultClient>(client::DefaultClientSettings{
                              .server = config::server_settings(options),
                              .retry = {.max_retries = options.max_retries},
                              .retry_on_startup = options.retry_on_startup,
                              .max_calls_in_flight = options.max_calls_in_flight,
                              .max_bytes_in_flight = options.max_bytes_in_flight});
                        }}}};
  return registry;
}

}  // namespace

void register_client(std::string name, ClientFactory factory) {
  clients().add(std::move(name), std::move(factory));
}

std::unique_ptr<Client> make_client(std::string_view name, const Options& options) {
  return clients().find(name)(options);
}

RedisCache::RedisCache(const Options& options) : RedisCache{config::assemble(options), false} {}

namespace config {
namespace {

void expect_positive(std::string_view name, std::chrono::milliseconds time) {
  if (time.count() <= 0) {
    throw InvalidOptions{std::string{name} + " is " + std::to_string(time.count()) +
                         " ms; it must be more than 0, for nothing may wait for ever"};
  }
}

void expect(bool condition, const char* message) {
  if (!condition) {
    throw InvalidOptions{message};
  }
}

void check(const Options& options) {
  expect_positive("connect_timeout", options.connect_timeout);
  expect_positive("socket_timeout", options.socket_timeout);
  expect_positive("call_timeout", options.call_timeout);
  expect_positive("pool_timeout", options.pool_timeout);
  expect_positive("max_idle_time", options.max_idle_time);
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
ClientFactory client_factory(const Options& options) {
  if (options.client_factory) {
    return options.client_factory;
  }
  ClientFactory factory = clients().find(options.client_class);
  if (options.client_class == "DefaultClient") {
    static_cast<void>(server_settings(options));
  }
  return factory;
}

std::shared_ptr<net::TlsContext> tls_context(const Options& options, UrlTls url) {
  expect(net::TlsContext::available(),
         "location begins with rediss://, and this build of rediscache has no TLS; configure with "
         "-Dtls=enabled");
  TlsOptions tls = merged(options.tls, std::move(url));
  expect(
      tls.key_file.empty() || !tls.certificate_file.empty(),
      "tls.key_file (ssl_keyfile in a URL) is set and tls.certificate_file (ssl_certfile) is not; the server "
      "asks for both");
  return std::make_shared<net::TlsContext>(std::move(tls), options.logger.value_or(defaults().logger));
}

}  // namespace

net::ServerSettings server_settings(const Options& options) {
  expect(!options.location.empty(), "location is empty; it needs a URL such as redis://127.0.0.1:6379/0");
  expect(options.location.size() == 1,
         "location names several servers; DefaultClient of this version knows one, without replicas");
  Url url = parse_url(options.location.front());
  net::ServerSettings settings;
  settings.endpoint = std::move(url.endpoint);
  settings.tls = url.is_tls ? tls_context(options, std::move(url.tls)) : nullptr;
  settings.handshake = {.username = url.username.value_or(url.password ? "" : options.username),
                        .password = url.password.value_or(options.password),
                        .database = url.database.value_or(0),
                        .client_name = url.client_name.value_or(options.client_name)};
  expect(settings.handshake.username.empty() || !settings.handshake.password.empty(),
         "username is set and password is not; the server asks for both");
  settings.connect_timeout = url.connect_timeout.value_or(options.connect_timeout);
  settings.socket_timeout = url.socket_timeout.value_or(options.socket_timeout);
  settings.call_patience = std::min(settings.socket_timeout, options.call_timeout);
  settings.pool_timeout = options.pool_timeout;
  settings.shared_connections = options.combine ? options.shared_connections : 0;
  settings.shared_depth = options.shared_depth;
  settings.shared_yields = options.shared_yields;
  settings.shared_request_bytes = options.shared_request_bytes;
  settings.max_connections = options.max_connections;
  settings.max_idle_time = options.max_idle_time;
  settings.max_reply_bytes = options.max_reply_bytes;
  settings.health_check_interval = options.health_check_interval;
  settings.breaker = options.breaker;
  settings.credentials = options.credentials;
  return settings;
}

std::shared_ptr<cache::Core> assemble(const Options& options) {
  check(options);
  const Defaults fallback = defaults();
  auto serializer =
      options.serializer_object ? options.serializer_object : make_serializer(options.serializer);
  auto compressor = options.compressor_object || options.compressor.empty()
                        ? options.compressor_object
                        : make_compressor(options.compressor);
  return std::make_shared<cache::Core>(cache::CoreSettings{
      .keys = {options.key_prefix, options.version, options.key_function, options.reverse_key_function},
      .codec =
          codec::ValueCodec{std::move(serializer), std::move(compressor), options.max_decompressed_bytes},
      .make_client =
          [factory = client_factory(options), options] {
            auto client = factory(options);
            expect(client != nullptr, "the client factory returned no client");
            return client;
          },
      .omit = {.ignore_exceptions = options.ignore_exceptions.value_or(fallback.ignore_exceptions),
               .log_ignored_exceptions =
                   options.log_ignored_exceptions.value_or(fallback.log_ignored_exceptions),
               .logger = options.logger.value_or(fallback.logger),
               .observer = options.failure_observer},
      .timeout = options.timeout,
      .call_timeout = options.call_timeout,
      .scan_itersize = options.scan_itersize > 0 ? options.scan_itersize : fallback.scan_itersize,
      .close_connection = options.close_connection.value_or(fallback.close_connection)});
}

}  // namespace config
}  // namespace rediscache
