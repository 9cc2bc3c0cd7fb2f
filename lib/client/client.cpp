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

}  // namespace rediscache
