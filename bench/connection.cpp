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

Connection::Connection(const Endpoint& endpoint) : context_{open(endpoint)} {
  if (context_ == nullptr || context_->err != 0) {
    fail();
  }
}

void Connection::fail(const redisReply* reply) const {
  std::string what = "hiredis: ";
  if (reply != nullptr) {
    what.append(reply->str, static_cast<std::size_t>(reply->len));
  } else {
    what += context_ == nullptr ? "out of memory" : context_->errstr;
  }
  throw std::runtime_error{what};
}

}  // namespace bench
