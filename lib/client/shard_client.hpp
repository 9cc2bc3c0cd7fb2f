// Every key has its server.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rediscache/client.hpp>

#include "client/default_client.hpp"
#include "proto/hash_ring.hpp"

namespace rediscache::client {

struct ShardClientSettings {
  std::vector<std::string> locations;  ///< as they are spelled: the ring is made of that
  std::vector<DefaultClientSettings> servers;
};

/// Sends each command to the shard of its key, on django-redis's ring. What concerns several shards is
/// divided among them and sent to all at once (proto/shard_plan.hpp, scatter.hpp).
class ShardClient final : public Client {
 public:
  explicit ShardClient(ShardClientSettings settings);

  /// A failure is `partial` when other shards did answer.
  [[nodiscard]] std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                               Deadline deadline) override;
  void close() noexcept override;
  [[nodiscard]] ClientStatistics statistics() const override;
  [[nodiscard]] std::string server() const override;
  [[nodiscard]] bool same_server(std::string_view key, std::string_view other) const override;
  [[nodiscard]] std::vector<std::shared_ptr<net::Subscriber>> subscribers(
      SubscriberUse use, std::optional<std::string_view> channel) override;

 private:
  proto::HashRing ring_;
  std::vector<std::unique_ptr<DefaultClient>> shards_;
};

}  // namespace rediscache::client
