#include "net/resolver.hpp"

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/fork.hpp"
#include "base/quiet_thread.hpp"

namespace rediscache::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int most_lookups = 16;

/// Those under way. Of a parent's threads, the child of a fork has none.
class Lookups final : public base::ForkAware {
 public:
  /// Never destroyed: a look-up may outlast the program's static objects.
  [[nodiscard]] static Lookups& of_process() {
    static Lookups& lookups = *new Lookups;  // NOLINT(cppcoreguidelines-owning-memory)
    return lookups;
  }

  [[nodiscard]] bool begin() noexcept {
    if (running_.fetch_add(1) < most_lookups) {
      return true;
    }
    end();
    return false;
  }
  void end() noexcept { running_.fetch_sub(1); }

  void before_fork() noexcept override {}
  void after_fork_in_parent() noexcept override {}
  void after_fork_in_child() noexcept override { running_ = 0; }

 private:
  Lookups() { join(); }

  std::atomic<int> running_{0};
};

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
  if (!Lookups::of_process().begin()) {
    return failure(ErrorCode::connection,
                   "cannot resolve host name \"" + host + "\": " + std::to_string(most_lookups) +
                       " earlier look-ups have not come back; is the name server down?");
  }
  auto lookup = std::make_shared<Lookup>();
  try {
    base::quiet_thread([lookup, host, port] {
      try {
        look_up(*lookup, host, port);
      } catch (const std::exception&) {
        const std::scoped_lock lock{lookup->mutex};
        lookup->error = boost::system::errc::make_error_code(boost::system::errc::not_enough_memory);
        lookup->done = true;
        lookup->finished.notify_all();
      }
      Lookups::of_process().end();
    }).detach();
  } catch (const std::system_error& error) {
    Lookups::of_process().end();
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
