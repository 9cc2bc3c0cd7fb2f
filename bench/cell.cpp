#include "cell.hpp"

namespace bench {

std::string_view to_string(Transport transport) noexcept {
  switch (transport) {
    case Transport::unix_socket:
      return "unix";
    case Transport::tcp:
      return "tcp";
    case Transport::tls:
      break;
  }
  return "tls";
}

std::string_view to_string(Mode mode) noexcept {
  switch (mode) {
    case Mode::pinned:
      return "pinned";
    case Mode::unpinned:
      return "unpinned";
    case Mode::rtt400us:
      return "rtt400us";
    case Mode::rtt1ms:
      break;
  }
  return "rtt1ms";
}

std::string_view peer_over(Transport transport) noexcept {
  return transport == Transport::tls ? "hiredis' reader over OpenSSL" : "hiredis";
}

std::chrono::microseconds round_trip_of(Mode mode) noexcept {
  switch (mode) {
    case Mode::rtt400us:
      return std::chrono::microseconds{400};
    case Mode::rtt1ms:
      return std::chrono::milliseconds{1};
    default:
      return std::chrono::microseconds{0};
  }
}

std::string Cell::name() const {
  std::string name = bench;
  name.append("/").append(to_string(transport)).append("/").append(to_string(mode));
  return name + "/" + std::to_string(bytes) + "B/" + std::to_string(threads) + "t";
}

}  // namespace bench
