#include "testing/address.hpp"

#include <charconv>
#include <cstdint>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <rediscache/error.hpp>

namespace rediscache::testing {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw InvalidOptions{
      "FaultProxy: the upstream must be redis://address:port, rediss://address:port or "
      "unix:///path/to/socket; " +
      why};
}

std::uint16_t parse_port(std::string_view text) {
  constexpr std::uint16_t default_port = 6379;
  if (text.empty()) {
    return default_port;
  }
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    refuse("its port is none");
  }
  return port;
}

Address tcp_address(std::string_view scheme, std::string_view rest) {
  const std::size_t at = rest.rfind('@', rest.find_first_of("/?"));
  if (at != std::string_view::npos) {
    rest.remove_prefix(at + 1);
  }
  rest = rest.substr(0, rest.find_first_of("/?"));
  const bool is_bracketed = rest.starts_with('[');
  const std::size_t host_end = is_bracketed ? rest.find(']') : rest.find(':');
  if (is_bracketed && host_end == std::string_view::npos) {
    refuse("its bracket is not closed");
  }
  const std::string host{is_bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end)};
  const std::size_t colon = rest.find(':', is_bracketed ? host_end : 0);
  const std::uint16_t port = parse_port(colon == std::string_view::npos ? "" : rest.substr(colon + 1));
  boost::system::error_code error;
  // Names are not looked up: nobody could say how long that takes.
  const auto address = boost::asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) {
    refuse("its host is neither an address nor localhost");
  }
  return {.scheme = std::string{scheme}, .endpoint = boost::asio::ip::tcp::endpoint{address, port}};
}

}  // namespace

Address parse_address(std::string_view url) {
  const std::size_t colon = url.find("://");
  const std::string_view scheme = url.substr(0, colon);
  if (colon == std::string_view::npos || (scheme != "redis" && scheme != "rediss" && scheme != "unix")) {
    refuse("its scheme is none of these");
  }
  std::string_view rest = url.substr(colon + 3);
  if (scheme != "unix") {
    return tcp_address(scheme, rest);
  }
  // What comes before the path is user and password.
  rest = rest.substr(0, rest.find('?'));
  const std::size_t slash = rest.find('/');
  constexpr std::size_t longest = 107;
  if (slash == std::string_view::npos || rest.size() - slash > longest) {
    refuse("its path is missing or too long for a socket");
  }
  return {.scheme = "unix",
          .endpoint = boost::asio::local::stream_protocol::endpoint{std::string{rest.substr(slash)}}};
}

}  // namespace rediscache::testing
