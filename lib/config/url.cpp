#include "config/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "base/text.hpp"

namespace rediscache::config {
namespace {

/// Splits at the first separator; the second half is nothing when there is none.
std::pair<std::string_view, std::optional<std::string_view>> split(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) {
    return {text, std::nullopt};
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

class UrlReader {
 public:
  explicit UrlReader(std::string_view text) noexcept : text_{text} {}

  Url read() {
    const std::size_t scheme_end = text_.find("://");
    if (scheme_end == std::string_view::npos) {
      fail("it has no scheme. Write redis://host:port/db, rediss:// for TLS, or unix:///path/to/socket");
    }
    const std::string_view scheme = text_.substr(0, scheme_end);
    const auto [address, query] = split(text_.substr(scheme_end + 3), '?');
    if (scheme == "redis" || scheme == "rediss") {
      url_.is_tls = scheme == "rediss";
      refuse_at_sign_behind(address, query);
      read_tcp(address);
    } else if (scheme == "unix") {
      read_unix(address);
    } else {
      const std::array<std::string, 3> known{"redis", "rediss", "unix"};
      fail(base::unknown_name("scheme", scheme, known));
    }
    if (query) {
      read_options(*query);
    }
    if (url_.username && !url_.password) {
      fail(
          "it has a user name and no password. Write redis://user:password@host, or redis://:password@host "
          "for a password alone");
    }
    return std::move(url_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw InvalidOptions{"location \"" + mask_url(text_) + "\": " + why};
  }

  /// What %XX stand for.
  [[nodiscard]] std::string decoded(std::string_view text) const {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        out += text[i];
        continue;
      }
      unsigned byte = 0;
      const std::string_view digits = text.substr(i + 1, 2);
      const char* const end = digits.data() + digits.size();
      if (digits.size() != 2 || std::from_chars(digits.data(), end, byte, 16).ptr != end) {
        fail("a % is not followed by two hexadecimal digits; a literal % is written %25");
      }
      out += static_cast<char>(byte);
      i += 2;
    }
    return out;
  }

  /// Takes `user:password@` off the front.
  std::string_view read_credentials(std::string_view address) {
    const std::size_t path = address.find('/');
    const std::size_t at = address.substr(0, path).rfind('@');
    if (at == std::string_view::npos) {
      return address;
    }
    const auto [user, password] = split(address.substr(0, at), ':');
    if (!user.empty()) {
      url_.username = decoded(user);
    }
    if (password) {
      url_.password = decoded(*password);
    }
    return address.substr(at + 1);
  }

  /// A password that is not encoded ends too early, and its rest must not be quoted as a path or an option.
  void refuse_at_sign_behind(std::string_view address, std::optional<std::string_view> query) const {
    const std::string_view path = address.substr(std::min(address.find('/'), address.size()));
    const std::string_view first_name = query ? query->substr(0, query->find('=')) : std::string_view{};
    if (path.find('@') != std::string_view::npos || first_name.find('@') != std::string_view::npos) {
      fail("there is an @ behind a / or a ?. In user and password, write %40 for @, %2F for / and %3F for ?");
    }
  }

  void read_tcp(std::string_view address) {
    const auto [authority, path] = split(read_credentials(address), '/');
    std::string_view host = authority;
    std::optional<std::string_view> port;
    if (authority.starts_with('[')) {
      const std::size_t end = authority.find(']');
      if (end == std::string_view::npos) {
        fail("the address lacks its closing bracket");
      }
      host = authority.substr(1, end - 1);
      const std::string_view rest = authority.substr(end + 1);
      if (!rest.empty() && rest.front() != ':') {
        fail("after the address in brackets only a colon and the port may follow");
      }
      if (!rest.empty()) {
        port = rest.substr(1);
      }
    } else {
      std::tie(host, port) = split(authority, ':');
      if (port && port->find(':') != std::string_view::npos) {
        fail("it has too many colons; an IPv6 address is written in brackets");
      }
    }
    if (!host.empty()) {
      url_.endpoint.host = decoded(host);
    }
    if (port && !port->empty()) {
      read_port(*port);
    }
    if (path && !path->empty()) {
      read_database(*path, "the path");
    }
  }

  void read_unix(std::string_view address) {
    const std::string_view path = read_credentials(address);
    url_.endpoint.transport = net::Endpoint::Transport::unix_socket;
    url_.endpoint.path = decoded(path);
    if (!path.starts_with('/')) {
      fail("the path of the socket must be absolute: unix:///run/redis.sock");
    }
  }

  void read_port(std::string_view text) {
    const auto port = base::parse_unsigned(text);
    if (!port || *port < 1 || *port > UINT16_MAX) {
      fail("the port is " + base::quoted(text) + "; a port is a number from 1 to 65535");
    }
    url_.endpoint.port = static_cast<std::uint16_t>(*port);
  }

  void read_database(std::string_view text, std::string_view where) {
    const auto database = base::parse_unsigned(text);
    if (!database || *database > INT32_MAX) {
      fail(std::string{where} + " is " + base::quoted(text) + "; it is the number of a database, from 0");
    }
    url_.database = static_cast<int>(*database);
  }

  [[nodiscard]] std::chrono::milliseconds read_seconds(std::string_view name, std::string_view text) const {
    double seconds = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, seconds);
    constexpr double longest = 86'400;
    if (parsed.ptr != end || text.empty() || !(seconds > 0) || seconds > longest) {
      fail(std::string{name} + " is " + base::quoted(text) + "; it is a time in seconds, more than 0");
    }
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>{seconds});
  }

  void read_options(std::string_view query) {
    while (!query.empty()) {
      const auto [option, rest] = split(query, '&');
      const auto [name, value] = split(option, '=');
      if (!option.empty() && !value) {
        fail("an option behind the ? has no value; write name=value, and %26 for a literal &");
      }
      if (!option.empty()) {
        read_option(name, decoded(*value));
      }
      query = rest.value_or("");
    }
  }

  void read_option(std::string_view name, std::string value) {
    if (name == "db") {
      read_database(value, "db");
    } else if (name == "username") {
      url_.username = std::move(value);
    } else if (name == "password") {
      url_.password = std::move(value);
    } else if (name == "socket_timeout") {
      url_.socket_timeout = read_seconds(name, value);
    } else if (name == "socket_connect_timeout") {
      url_.connect_timeout = read_seconds(name, value);
    } else if (name == "client_name") {
      url_.client_name = std::move(value);
    } else if (name == "protocol") {
      if (value != "2") {
        fail("protocol is " + base::quoted(value) + "; this client speaks 2");
      }
    } else if (is_tls_option(name)) {
      read_tls(name, std::move(value));
    } else {
      std::vector<std::string> known{
          "db",          "username", "password", "socket_timeout", "socket_connect_timeout",
          "client_name", "protocol"};
      known.insert(known.end(), tls_option_names.begin(), tls_option_names.end());
      // With an @ in sight this may be the end of a password, which is nobody's business.
      fail(text_.find('@', text_.find('?')) == std::string_view::npos
               ? base::unknown_name("option", name, known)
               : std::string{
                     "an option behind the ? is not known; see Options::location for those there are"});
    }
  }

  void read_tls(std::string_view name, std::string value) {
    if (!url_.is_tls) {
      fail(std::string{name} + (url_.endpoint.transport == net::Endpoint::Transport::tcp
                                    ? " is an option of TLS: write rediss:// instead of redis://"
                                    : " is an option of TLS, which a unix socket does not have"));
    }
    if (const auto wrong = read_tls_option(name, std::move(value), url_.tls)) {
      fail(*wrong);
    }
  }

  std::string_view text_;
  Url url_;
};

/// Options whose values are no secret.
constexpr std::array<std::string_view, 6> harmless_options{
    "db", "username", "socket_timeout", "socket_connect_timeout", "client_name", "protocol"};

bool is_harmless(std::string_view name) {
  return std::find(harmless_options.begin(), harmless_options.end(), name) != harmless_options.end() ||
         (is_tls_option(name) && name != key_password_option);
}

bool is_secret(std::string_view name) {
  return name == "password" || name == key_password_option;
}

/// Whether "?a=b&c=d" has only options that there are.
bool all_known(std::string_view query) {
  query.remove_prefix(query.empty() ? 0 : 1);
  while (!query.empty()) {
    const auto [option, rest] = split(query, '&');
    const auto [name, value] = split(option, '=');
    if (!value || (!is_secret(name) && !is_harmless(name))) {
      return false;
    }
    query = rest.value_or("");
  }
  return true;
}

/// The options behind the ?, with the values of the harmless ones. A misspelt "password" is none of these.
std::string mask_options(std::string_view query) {
  std::string out;
  for (char separator = '?';; separator = '&') {
    const auto [option, rest] = split(query, '&');
    const auto [name, value] = split(option, '=');
    out += separator;
    if (option.empty() || (value && is_harmless(name))) {
      out += option;
    } else {
      out += value ? std::string{name} + "=***" : "***";
    }
    if (!rest) {
      return out;
    }
    query = *rest;
  }
}

}  // namespace

Url parse_url(std::string_view text) {
  return UrlReader{text}.read();
}

std::string mask_url(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t question = std::min(text.find('?'), text.size());
  const std::size_t at = text.substr(0, question).rfind('@');
  std::string out{text.substr(0, begin)};
  if (at == std::string_view::npos && text.rfind('@') != at && !all_known(text.substr(question))) {
    return out + "***";  // perhaps a password with an unencoded '?' in it, and no telling where it ends
  }
  std::string_view rest = text.substr(begin);
  if (at != std::string_view::npos && at >= begin) {
    const auto [user, password] = split(text.substr(begin, at - begin), ':');
    out += password ? std::string{user} + ":***" : "***";
    rest = text.substr(at);
  }
  const auto [address, query] = split(rest, '?');
  out += address;
  return query ? out + mask_options(*query) : out;
}

}  // namespace rediscache::config
