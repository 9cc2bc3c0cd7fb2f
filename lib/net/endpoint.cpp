#include "net/endpoint.hpp"

namespace rediscache::net {

std::string Endpoint::name() const {
  if (transport == Transport::unix_socket) {
    return "unix:" + path;
  }
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace rediscache::net
