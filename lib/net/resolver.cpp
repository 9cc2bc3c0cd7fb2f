#include "net/resolver.hpp"

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/fork.hpp"
#include "base/keep_loaded.hpp"
#include "base/quiet_thread.hpp"

namespace rediscache::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int most_lookups = 16;
/// An answer so old may still be used, when the name server takes long.
constexpr std::chrono::seconds usable_for{30};
/// How long a call waits for a new answer when there is one that can be used.
constexpr std::chrono::milliseconds lookup_patience{200};
/// So many names are remembered before those that are not needed are dropped.
constexpr std::size_t most_known_names = 64;

/// The look-up of one name, as often as it is needed. Guarded by Lookups.
struct Lookup {
  std::string host;
  std::uint16_t port = 0;
  bool running = false;
  int waiting = 0;
  bool unused = false;        // the answer came when nobody waited any more
  std::uint64_t answers = 0;  // so far, errors too
  std::error_code error{};    // the last one's
  std::vector<SocketAddress> addresses{};
  base::Clock::time_point answered_at{};  // with addresses

  [[nodiscard]] bool is_usable() const {
    return !addresses.empty() && base::Clock::now() - answered_at <= usable_for;
  }
};

SocketAddress address_of(const tcp::endpoint& endpoint) {
  SocketAddress address;
  address.size = static_cast<socklen_t>(endpoint.size());
  std::memcpy(&address.storage, endpoint.data(), endpoint.size());
  return address;
}

/// Blocks for as long as the system likes.
std::vector<SocketAddress> ask_system(const std::string& host, std::uint16_t port, std::error_code& error) {
  asio::io_context context;
  tcp::resolver resolver{context};
  boost::system::error_code failed;
  std::vector<SocketAddress> addresses;
  for (const auto& entry :
       resolver.resolve(host, std::to_string(port), tcp::resolver::numeric_service, failed)) {
    addresses.push_back(address_of(entry.endpoint()));
  }
  error = failed;
  return addresses;
}

Failure failure(ErrorCode code, std::string message) {
  return {.code = code, .message = std::move(message), .server = {}, .command = {}};
}

std::string cannot_resolve(const Lookup& lookup, std::string_view why) {
  return "cannot resolve host name \"" + lookup.host + "\": " + std::string{why};
}

/// Those of this process. Of a parent's threads, the child of a fork has none.
class Lookups final : public base::ForkAware {
 public:
  using Answer = base::Result<std::vector<SocketAddress>>;

  /// Never destroyed: a look-up may outlast the program's static objects.
  [[nodiscard]] static Lookups& of_process() {
    static Lookups& lookups = *new Lookups;  // NOLINT(cppcoreguidelines-owning-memory)
    return lookups;
  }

  [[nodiscard]] Answer resolve(const std::string& host, std::uint16_t port, base::Deadline deadline) {
    std::unique_lock lock{mutex_};
    const std::shared_ptr<Lookup> lookup = lookup_of(host, port);
    if (std::exchange(lookup->unused, false) && lookup->is_usable()) {
      return lookup->addresses;
    }
    if (!lookup->running) {
      if (running_ >= most_lookups) {
        return lookup->is_usable()
                   ? Answer{lookup->addresses}
                   : failure(ErrorCode::connection,
                             cannot_resolve(*lookup, std::to_string(most_lookups) +
                                                         " earlier look-ups have not come back; is the name "
                                                         "server down?"));
      }
      try {
        start(lookup);
      } catch (const std::system_error& error) {
        return failure(ErrorCode::connection,
                       cannot_resolve(*lookup, std::string{"no thread for it: "} + error.what()));
      }
    }
    return wait(lock, *lookup, deadline);
  }

  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_in_parent() noexcept override { mutex_.unlock(); }
  void after_fork_in_child() noexcept override {
    static_cast<void>(finished_.release());  // threads that do not exist here may be waiting for it
    finished_ = std::make_unique<std::condition_variable>();
    for (const auto& [name, lookup] : names_) {
      // A thread of the parent's holds it, and would have ended it.
      lookup->running = false;
      lookup->waiting = 0;
    }
    running_ = 0;
    mutex_.unlock();
  }

 private:
  Lookups() { join(); }

  // The caller holds the lock.
  std::shared_ptr<Lookup> lookup_of(const std::string& host, std::uint16_t port) {
    if (names_.size() >= most_known_names) {
      std::erase_if(names_, [](const auto& each) {
        return !each.second->running && each.second->waiting == 0 && !each.second->is_usable();
      });
    }
    auto known = names_.find({host, port});
    if (known == names_.end()) {
      known =
          names_.emplace(std::pair{host, port}, std::make_shared<Lookup>(Lookup{.host = host, .port = port}))
              .first;
    }
    return known->second;
  }
  void start(const std::shared_ptr<Lookup>& lookup) {
    base::quiet_thread([this, lookup] { run(*lookup); }).detach();
    lookup->running = true;  // the thread waits for our lock before it says otherwise
    ++running_;
  }
  Answer wait(std::unique_lock<std::mutex>& lock, Lookup& lookup, base::Deadline deadline) {
    const auto until = lookup.is_usable() ? deadline.earlier(base::Deadline::in(lookup_patience)) : deadline;
    const std::uint64_t before = lookup.answers;
    ++lookup.waiting;
    const bool is_new = finished_->wait_until(lock, until.at(), [&] { return lookup.answers != before; });
    --lookup.waiting;
    if (!is_new) {
      return lookup.is_usable() ? Answer{lookup.addresses}
                                : failure(ErrorCode::timeout, "resolving host name \"" + lookup.host +
                                                                  "\" took longer than connect_timeout");
    }
    if (lookup.error || lookup.addresses.empty()) {
      return failure(
          ErrorCode::connection,
          cannot_resolve(lookup, lookup.error ? lookup.error.message() : std::string{"it has no address"}));
    }
    return lookup.addresses;
  }

  void run(Lookup& lookup) noexcept {
    std::error_code error;
    std::vector<SocketAddress> addresses;
    try {
      addresses = ask_system(lookup.host, lookup.port, error);
    } catch (const std::exception&) {
      error = std::make_error_code(std::errc::not_enough_memory);
    }
    const std::scoped_lock lock{mutex_};
    lookup.error = error;
    if (!error) {
      lookup.addresses = std::move(addresses);
      lookup.answered_at = base::Clock::now();
    }
    ++lookup.answers;
    lookup.unused = !error && lookup.waiting == 0;
    lookup.running = false;
    --running_;
    finished_->notify_all();
  }

  std::mutex mutex_;
  std::unique_ptr<std::condition_variable> finished_ = std::make_unique<std::condition_variable>();
  std::map<std::pair<std::string, std::uint16_t>, std::shared_ptr<Lookup>> names_;
  int running_ = 0;
};

}  // namespace

base::Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                                 base::Deadline deadline) {
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    return std::vector{address_of({address, port})};
  }
  base::keep_loaded();  // nobody joins the thread that looks up
  return Lookups::of_process().resolve(host, port, deadline);
}

}  // namespace rediscache::net
