// Writes go to a primary, reads to its replicas.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rediscache/client.hpp>
#include <rediscache/replicas.hpp>

#include "client/default_client.hpp"
#include "client/set_aside.hpp"

namespace rediscache::client {

struct ReplicatedClientSettings {
  std::vector<DefaultClientSettings> servers;  ///< the primary first; 2 to most_servers
  ReplicaReads reads = ReplicaReads::random;
  bool replica_read_only = true;
  std::chrono::milliseconds pause{1000};  ///< how long a server that failed is left out
};

/// A read that a replica does not answer goes to another one, and at last to the primary, which alone is
/// asked again and again. Each of the others may take half of the time that is left, so that one that hangs
/// leaves some.
class ReplicatedClient final : public Client {
 public:
  static constexpr std::size_t most_servers = 64;

  explicit ReplicatedClient(ReplicatedClientSettings settings);

  [[nodiscard]] std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                               Deadline deadline) override;
  void close() noexcept override;
  [[nodiscard]] ClientStatistics statistics() const override;
  [[nodiscard]] std::string server() const override;
  /// The primary's: that is where messages are published.
  [[nodiscard]] std::vector<std::shared_ptr<net::Subscriber>> subscribers(
      SubscriberUse use, std::optional<std::string_view> channel) override {
    return primary().client.subscribers(use, channel);
  }

 private:
  struct Member {
    Member(DefaultClientSettings settings, std::chrono::milliseconds pause)
        : client{std::move(settings)}, aside{pause} {}

    DefaultClient client;
    SetAside aside;
    std::atomic<std::int64_t> latency{0};  // smoothed, in nanoseconds; 0: not known
  };
  struct Call {
    const Commands& commands;
    std::span<Reply> replies;
    Deadline deadline;
    std::uint64_t tried = 0;  // a bit for each member
    DefaultClient::Before before = DefaultClient::Before::nothing;

    [[nodiscard]] bool has_tried(std::size_t index) const noexcept { return (tried >> index & 1U) != 0; }
  };

  [[nodiscard]] std::optional<Failure> read(Call& call);
  [[nodiscard]] std::optional<Failure> write(Call& call);
  [[nodiscard]] bool try_read(Call& call, std::size_t index, std::optional<Failure>& failure);
  [[nodiscard]] static std::optional<Failure> refused_read(const Call& call);
  [[nodiscard]] static bool is_partly_executed(const Call& call);
  [[nodiscard]] std::optional<std::size_t> next_replica(const Call& call);
  [[nodiscard]] std::size_t first_choice(const Call& call);
  [[nodiscard]] std::size_t soonest(const Call& call) const noexcept;
  [[nodiscard]] Member& primary() noexcept { return *members_.front(); }

  std::vector<std::unique_ptr<Member>> members_;
  const ReplicaReads reads_;
  const bool replica_read_only_;
  std::atomic<std::uint32_t> turn_{0};
  std::atomic<std::size_t> writer_{
      0};  // who took the last write; other than 0 only without replica_read_only
};

}  // namespace rediscache::client
