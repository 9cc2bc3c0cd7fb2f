#include "client/load.hpp"

namespace rediscache::client {

std::string Load::text() const {
  return std::to_string(calls()) + " calls in flight, " + std::to_string(bytes()) + " bytes of requests";
}

Failure Load::too_much() const {
  return {.code = ErrorCode::connection,
          .message = "not sent: too much is under way (" + text() + "), and the server does not keep up. " +
                     "Options::max_calls_in_flight allows " + std::to_string(max_calls_) +
                     " calls, Options::max_bytes_in_flight " + std::to_string(max_bytes_) + " bytes",
          .server = {},
          .command = {}};
}

}  // namespace rediscache::client
