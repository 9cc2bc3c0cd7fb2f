// Clients: what carries commands to a server. `Options::client_class` names one; a program may add its own.
//
//   class Counting final : public rediscache::Client {   // counts and passes on
//    public:
//     explicit Counting(std::unique_ptr<rediscache::Client> next) : next_{std::move(next)} {}
//     std::optional<rediscache::Failure> execute(const rediscache::Commands& commands,
//                                                std::span<rediscache::Reply> replies,
//                                                Deadline deadline) override {
//       commands_ += commands.size();
//       return next_->execute(commands, replies, deadline);
//     }
//     ...
//   };
//   rediscache::register_client("Counting", [](const rediscache::Options& options) {
//     return std::make_unique<Counting>(rediscache::make_client("DefaultClient", options));
//   });
//   rediscache::RedisCache cache{{.client_class = "Counting"}};
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/breaker.hpp>
#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/export.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/subscriber.hpp>

namespace rediscache {

struct Options;

/// What a client has done so far.
struct ClientStatistics {
  std::uint64_t connections_opened = 0;
  std::uint64_t connect_failures = 0;
  std::uint64_t connections_lost = 0;  ///< broken while a call was using them
  std::uint64_t retries = 0;           ///< times a call was sent again
  /// Commands sent again that found nothing left to change, when nobody knew what the first sending had done:
  /// they count as done ("del" as true), which is an upper bound.
  std::uint64_t presumed_done = 0;
  std::size_t connections_idle = 0;
  std::size_t connections_in_use = 0;
  std::size_t calls_in_flight = 0;              ///< begun and not ended
  std::size_t bytes_in_flight = 0;              ///< of their requests
  std::uint64_t refused = 0;                    ///< calls that failed at once because the breaker was open
  std::uint64_t breaker_opened = 0;             ///< how often it opened
  BreakerState breaker = BreakerState::closed;  ///< of several servers the worst
  std::size_t servers = 1;
  std::size_t set_aside = 0;  ///< replicas that failed and are left out for a while
  SubscriberStatistics subscriptions{};
};

/// Carries commands to a server and brings the replies back.
///
/// Thread safety: every function may be called from any thread at any time.
/// Blocking: execute() waits for the replies, at most until its deadline; "DefaultClient" for a server that
/// has never answered as long as `Options::retry_on_startup` says, if that is later.
class REDISCACHE_API Client {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client();

  /// Sends `commands` and fills `replies`, one for each command, in order. An error reply of the server is
  /// a reply like any other. Returns nothing on success, else why there are no replies; then what is in
  /// `replies` means nothing, unless the failure is `partial`. Throws only what is not about the server
  /// (std::bad_alloc; InvalidArgument for commands that cannot be sent to where their keys are).
  [[nodiscard]] virtual std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                                       Deadline deadline) = 0;

  /// Closes all connections that are not in use. The next call opens a new one.
  virtual void close() noexcept;

  [[nodiscard]] virtual ClientStatistics statistics() const;

  /// The server that answers, or all that may, as errors name them; empty when that is not known.
  [[nodiscard]] virtual std::string server() const;

  /// Whether two made keys are surely on one server, so that one command may have both. A client that passes
  /// calls on should pass this on too.
  [[nodiscard]] virtual bool same_server(std::string_view key, std::string_view other) const;

  /// What receives the messages of the server that a channel, or a made key, belongs to; of all servers when
  /// there is none, which is how patterns are subscribed to. An inner part of the library: a client that
  /// passes calls on passes this on too, to wherever it would send a command with that key. Empty: this
  /// client has no subscriptions. Connects to nothing yet.
  [[nodiscard]] virtual std::vector<std::shared_ptr<net::Subscriber>> subscribers(
      SubscriberUse use, std::optional<std::string_view> channel);
};

using ClientFactory = std::function<std::unique_ptr<Client>(const Options& options)>;

/// Makes `name` usable as `Options::client_class`; an existing name is replaced. Thread-safe.
REDISCACHE_API void register_client(std::string name, ClientFactory factory);

/// A new client of that name, for `options`: "DefaultClient", "ShardClient" or one that was registered.
/// InvalidOptions lists the known names when there is none. Connects to nothing yet.
[[nodiscard]] REDISCACHE_API std::unique_ptr<Client> make_client(std::string_view name,
                                                                 const Options& options);

}  // namespace rediscache
