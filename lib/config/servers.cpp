#include "config/servers.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <rediscache/error.hpp>

#include "base/times.hpp"
#include "config/expect.hpp"
#include "config/logger.hpp"
#include "config/url.hpp"
#include "net/tls_context.hpp"

namespace rediscache::config {
namespace {

/// Whether a URL begins here. A comma elsewhere belongs to a password or a path.
bool url_begins(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 3> schemes{"redis://", "rediss://", "unix://"};
  return std::any_of(schemes.begin(), schemes.end(),
                     [&](std::string_view scheme) { return text.starts_with(scheme); });
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
  return std::make_shared<net::TlsContext>(std::move(tls), logger_of(options));
}

}  // namespace

std::vector<std::string> locations(const Options& options) {
  expect(!options.location.empty(), "location is empty; it needs a URL such as redis://127.0.0.1:6379/0");
  if (options.location.size() > 1) {
    return options.location;
  }
  std::vector<std::string> found;
  std::string_view rest = options.location.front();
  std::size_t from = 0;
  while (true) {
    const std::size_t comma = rest.find(',', from);
    if (comma == std::string_view::npos) {
      found.emplace_back(rest);
      return found;
    }
    const std::size_t next = std::min(rest.find_first_not_of(' ', comma + 1), rest.size());
    if (url_begins(rest.substr(next))) {
      found.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(next);
      from = 0;
    } else {
      from = comma + 1;
    }
  }
}

net::ServerSettings server_settings(const Options& options, std::string_view location) {
  Url url = parse_url(location);
  net::ServerSettings settings;
  settings.endpoint = std::move(url.endpoint);
  settings.tls = url.is_tls ? tls_context(options, std::move(url.tls)) : nullptr;
  settings.handshake = {.username = url.username.value_or(url.password ? "" : options.username),
                        .password = url.password.value_or(options.password),
                        .database = url.database.value_or(0),
                        .client_name = url.client_name.value_or(options.client_name),
                        .client_info = options.client_info};
  expect(settings.handshake.username.empty() || !settings.handshake.password.empty(),
         "username is set and password is not; the server asks for both");
  settings.connect_timeout = base::limited(url.connect_timeout.value_or(options.connect_timeout));
  settings.tries = {.socket_timeout = base::limited(url.socket_timeout.value_or(options.socket_timeout)),
                    .call_timeout = base::limited(options.call_timeout)};
  settings.call_patience = std::min(settings.tries.socket_timeout, settings.tries.call_timeout);
  settings.pool_timeout = base::limited(options.pool_timeout);
  settings.shared_connections = options.combine ? options.shared_connections : 0;
  settings.shared_depth = options.shared_depth;
  settings.shared_yields = options.shared_yields;
  settings.shared_request_bytes = options.shared_request_bytes;
  settings.max_connections = options.max_connections;
  settings.max_idle_time = base::limited(options.max_idle_time);
  settings.max_reply_bytes = options.max_reply_bytes;
  settings.health_check_interval = base::limited(options.health_check_interval);
  settings.breaker = {.failures = options.breaker.failures,
                      .first_pause = base::limited(options.breaker.first_pause),
                      .longest_pause = base::limited(options.breaker.longest_pause)};
  settings.credentials = options.credentials;
  settings.logger = logger_of(options);
  return settings;
}

}  // namespace rediscache::config
