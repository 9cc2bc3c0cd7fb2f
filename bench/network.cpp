#include "network.hpp"

namespace bench {

Network::Network(const Endpoint& server, std::chrono::microseconds round_trip) : endpoint_{server} {
  if (round_trip.count() == 0) {
    return;
  }
  proxy_.emplace(server.url);
  proxy_->set(rediscache::testing::round_trip(round_trip));
  endpoint_ =
      server.ca_file.empty() ? tcp_endpoint(proxy_->port()) : tls_endpoint(proxy_->port(), server.ca_file);
}

}  // namespace bench
