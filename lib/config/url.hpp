// Where a server is and how to sign in, read from a URL.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/url_tls.hpp"
#include "net/endpoint.hpp"

namespace rediscache::config {

/// What a URL says; what it does not say is not there.
struct Url {
  net::Endpoint endpoint;
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::optional<int> database;
  std::optional<std::chrono::milliseconds> socket_timeout;
  std::optional<std::chrono::milliseconds> connect_timeout;
  std::optional<std::string> client_name;
  bool is_tls = false;
  UrlTls tls;
};

/// Reads `redis://[user[:password]@]host[:port][/db][?option=value&...]`, the same with `rediss://`, and
/// `unix://[...]/path[?...]`.
/// InvalidOptions says what is wrong with it, and shows no password.
[[nodiscard]] Url parse_url(std::string_view text);

/// The URL with its password replaced by "***", for messages.
[[nodiscard]] std::string mask_url(std::string_view text);

}  // namespace rediscache::config
