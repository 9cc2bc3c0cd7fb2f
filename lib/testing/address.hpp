// Where a proxy's server is.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>

namespace rediscache::testing {

struct Address {
  std::string scheme{};  ///< "redis", "rediss" or "unix"
  boost::asio::generic::stream_protocol::endpoint endpoint{};
};

/// Throws InvalidOptions, which never shows the part of the URL that may hold a password.
[[nodiscard]] Address parse_address(std::string_view url);

}  // namespace rediscache::testing
