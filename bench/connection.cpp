#include "connection.hpp"

#include <sys/time.h>

namespace bench {
namespace {

redisContext* open(const Endpoint& endpoint) {
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  return endpoint.socket_path.empty() ? redisConnectWithTimeout("127.0.0.1", endpoint.port, patience)
                                      : redisConnectUnixWithTimeout(endpoint.socket_path.c_str(), patience);
}

}  // namespace

Arguments::Arguments(std::string_view name, std::span<const std::string> rest) {
  pointers_.reserve(rest.size() + 1);
  lengths_.reserve(rest.size() + 1);
  pointers_.push_back(name.data());
  lengths_.push_back(name.size());
  for (const std::string& argument : rest) {
    pointers_.push_back(argument.data());
    lengths_.push_back(argument.size());
  }
}

Endpoint unix_endpoint(const std::string& path) {
  return {.url = "unix://" + path, .socket_path = path};
}

Endpoint tcp_endpoint(int port) {
  return {.url = "redis://127.0.0.1:" + std::to_string(port), .port = port};
}

Endpoint tls_endpoint(int port, const std::string& ca_file) {
  return {.url = "rediss://127.0.0.1:" + std::to_string(port) + "?ssl_ca_certs=" + ca_file,
          .port = port,
          .ca_file = ca_file};
}

Reply checked_reply(void* reply, const char* connection_error) {
  Reply owned{static_cast<redisReply*>(reply)};
  if (owned == nullptr) {
    throw std::runtime_error{std::string{"hiredis: "} + connection_error};
  }
  if (owned->type == REDIS_REPLY_ERROR) {
    throw std::runtime_error{"hiredis: " + std::string{owned->str, static_cast<std::size_t>(owned->len)}};
  }
  return owned;
}

Connection::Connection(const Endpoint& endpoint) : context_{open(endpoint)} {
  if (context_ == nullptr || context_->err != 0) {
    fail();
  }
}

void Connection::fail() const {
  throw std::runtime_error{std::string{"hiredis: "} +
                           (context_ == nullptr ? "out of memory" : context_->errstr)};
}

}  // namespace bench
