// Everything goes to one server.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <rediscache/client.hpp>

#include "client/load.hpp"
#include "client/resend.hpp"
#include "net/server.hpp"
#include "proto/retry.hpp"

namespace rediscache::client {

struct DefaultClientSettings {
  net::ServerSettings server;
  proto::RetryPolicy retry;
  /// From its first call on, a client whose server has not answered yet waits so long for it.
  std::chrono::milliseconds retry_on_startup{0};
  std::size_t max_calls_in_flight = 10'000;
  std::size_t max_bytes_in_flight = std::size_t{1} << 30U;
};

/// Whether a connection ended under the call that failed so.
[[nodiscard]] bool ended_under(const Failure& failure) noexcept;
/// Says of such a failure that the call is the reason, for it has ended a second connection.
void blame_call(Failure& failure);

/// Sends each call to one server, again when that is safe (proto/retry.hpp). With replicas there is one of
/// these for each server (replicated_client.hpp), and with shards too (shard_client.hpp).
class DefaultClient final : public Client {
 public:
  /// What happened to the call so far.
  enum class Before {
    nothing,
    a_connection_ended,  ///< under it: the next try goes over a new connection of its own
  };

  explicit DefaultClient(DefaultClientSettings settings);

  [[nodiscard]] std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                               Deadline deadline) override;
  /// The same without sending anything again that may have reached the server: for who has another server to
  /// go to.
  [[nodiscard]] std::optional<Failure> execute_once(const Commands& commands, std::span<Reply> replies,
                                                    Deadline deadline, Before before = Before::nothing);
  /// execute() for a call that was tried at another server.
  [[nodiscard]] std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                               Deadline deadline, Before before);
  /// A try that was made elsewhere.
  struct FirstTry {
    std::optional<Failure> failure;  ///< nothing: `replies` are there, and refuse some of the commands
    net::ConnectionOrigin origin;    ///< of the connection that the replies came over
  };
  /// Goes on where a first try ended, as execute() does; that one counts as one of the tries that the policy
  /// allows.
  [[nodiscard]] std::optional<Failure> execute_after(const Commands& commands, std::span<Reply> replies,
                                                     Deadline deadline, FirstTry first);

  // For who sends to several servers at once.

  /// Whether the server is known to be the wrong one for such a call: then execute() has to wait for another.
  [[nodiscard]] bool must_wait_for_right_server(const Commands& commands) noexcept;

  [[nodiscard]] net::Server& net() noexcept { return net_; }
  [[nodiscard]] Load& load() noexcept { return load_; }
  /// The time of a try of a call; `retry` counts those before.
  [[nodiscard]] net::TryTime time_of_try(const Commands& commands, base::Deadline deadline,
                                         bool is_only_try = false, int retry = 0) const noexcept;
  /// Whether the server is one that is still on its way up, as far as anybody can tell.
  [[nodiscard]] bool starting_up() noexcept;
  void note_answer() noexcept {
    if (net_.gate().has_log()) {
      net_.gate().write_log();
    }
    if (!answered_.load(std::memory_order_relaxed)) {
      answered_.store(true, std::memory_order_relaxed);
    }
  }
  /// Names the server and the command, and what was going on when a deadline passed. Counts it.
  void explain(Failure& failure, const Commands& commands, base::Clock::time_point began, Deadline deadline);

  void close() noexcept override;
  [[nodiscard]] ClientStatistics statistics() const override;
  [[nodiscard]] std::string server() const override { return server_; }
  [[nodiscard]] std::vector<std::shared_ptr<net::Subscriber>> subscribers(
      SubscriberUse use, std::optional<std::string_view> channel) override;

 private:
  enum class Tries { one, several };
  /// The connection of a try: any; one that has not died unnoticed; a new one of its own; one that shows
  /// whether its server is the right one.
  enum class Way { any, alive, alone, attempt };

  [[nodiscard]] std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                               Deadline deadline, Tries tries, Before before);
  [[nodiscard]] std::optional<Failure> execute_again(const Commands& commands, std::span<Reply> replies,
                                                     Deadline deadline, Tries tries, Before before);
  [[nodiscard]] std::optional<Failure> send_again(const Commands& commands, std::span<Reply> replies,
                                                  Deadline deadline, Tries tries, Before before,
                                                  std::optional<FirstTry> first);
  [[nodiscard]] static Way first_way(const Commands& commands, Before before) noexcept;
  [[nodiscard]] std::optional<Failure> try_once(const Commands& commands, std::span<Reply> replies,
                                                const net::TryTime& time, Way way,
                                                net::ConnectionOrigin& origin);
  [[nodiscard]] std::optional<std::chrono::microseconds> next_delay(CommandKind kind, const Failure& failure,
                                                                    int retry) noexcept;
  [[nodiscard]] Deadline startup_ends() noexcept;
  [[nodiscard]] std::string diagnosis(base::Clock::time_point began, Deadline deadline) const;

  const proto::RetryPolicy retry_;
  const std::chrono::milliseconds retry_on_startup_;
  const std::string server_;
  net::Server net_;
  Load load_;
  std::atomic<std::uint64_t> retries_{0};
  std::atomic<std::uint64_t> presumed_done_{0};
  std::atomic<bool> answered_{false};                                           // the server, ever
  std::atomic<base::Clock::time_point> first_call_{base::Clock::time_point{}};  // none yet
};

}  // namespace rediscache::client
