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

}  // namespace rediscache
