#include "net/resolver.hpp"

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace rediscache::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int most_lookups = 16;
std::atomic<int> lookups_running{0};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// Shared by the caller and the thread that looks up: either may be gone first.
struct Lookup {
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  boost::system::error_code error;
  std::vector<SocketAddress> addresses;
};

SocketAddress address_of(const tcp::endpoint& endpoint) {
  SocketAddress address;
  address.size = static_cast<socklen_t>(endpoint.size());
  std::memcpy(&address.storage, endpoint.data(), endpoint.size());
  return address;
}

void look_up(Lookup& lookup, const std::string& host, std::uint16_t port) {
  asio::io_context context;
  tcp::resolver resolver{context};
  boost::system::error_code error;
  std::vector<SocketAddress> addresses;
  for (const auto& entry :
       resolver.resolve(host, std::to_string(port), tcp::resolver::numeric_service, error)) {
    addresses.push_back(address_of(entry.endpoint()));
  }
  const std::scoped_lock lock{lookup.mutex};
  lookup.error = error;
  lookup.addresses = std::move(addresses);
  lookup.done = true;
  lookup.finished.notify_all();
}

Failure failure(ErrorCode code, std::string message) {
  return {.code = code, .message = std::move(message), .server = {}, .command = {}};
}

}  // namespace

base::Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                                 base::Deadline deadline) {
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    return std::vector{address_of({address, port})};
  }
  if (lookups_running.fetch_add(1) >= most_lookups) {
    lookups_running.fetch_sub(1);
    return failure(ErrorCode::connection,
                   "cannot resolve host name \"" + host + "\": " + std::to_string(most_lookups) +
                       " earlier look-ups have not come back; is the name server down?");
  }
  auto lookup = std::make_shared<Lookup>();
  try {
    std::thread{[lookup, host, port] {
      try {
        look_up(*lookup, host, port);
      } catch (const std::exception&) {
        const std::scoped_lock lock{lookup->mutex};
        lookup->error = boost::system::errc::make_error_code(boost::system::errc::not_enough_memory);
        lookup->done = true;
        lookup->finished.notify_all();
      }
      lookups_running.fetch_sub(1);
    }}.detach();
  } catch (const std::system_error& error) {
    lookups_running.fetch_sub(1);
    return failure(ErrorCode::connection,
                   "cannot resolve host name \"" + host + "\": no thread for it: " + error.what());
  }
  std::unique_lock lock{lookup->mutex};
  if (!lookup->finished.wait_until(lock, deadline.at(), [&] { return lookup->done; })) {
    return failure(ErrorCode::timeout,
                   "resolving host name \"" + host + "\" took longer than connect_timeout");
  }
  if (lookup->error || lookup->addresses.empty()) {
    return failure(ErrorCode::connection,
                   "cannot resolve host name \"" + host +
                       "\": " + (lookup->error ? lookup->error.message() : std::string{"it has no address"}));
  }
  return std::move(lookup->addresses);
}

}  // namespace rediscache::net
