#include <rediscache/client.hpp>

namespace rediscache {

Client::~Client() = default;
void Client::close() noexcept {}
ClientStatistics Client::statistics() const {
  return {};
}
std::string Client::server() const {
  return {};
}
bool Client::same_server(std::string_view /*key*/, std::string_view /*other*/) const {
  return true;
}
std::vector<std::shared_ptr<net::Subscriber>> Client::subscribers(
    SubscriberUse /*use*/, std::optional<std::string_view> /*channel*/) {
  return {};
}

}  // namespace rediscache
