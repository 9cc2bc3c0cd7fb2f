// Everything goes to one server.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include <rediscache/client.hpp>

#include "net/pool.hpp"
#include "proto/retry.hpp"

namespace rediscache::client {

/// Sends each call over a pooled connection to one server, again when that is safe (proto/retry.hpp).
class DefaultClient final : public Client {
 public:
  DefaultClient(net::ServerSettings server, proto::RetryPolicy retry);

  [[nodiscard]] std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                               Deadline deadline) override;
  void close() noexcept override;
  [[nodiscard]] ClientStatistics statistics() const override;
  [[nodiscard]] std::string server() const override { return pool_.server(); }

 private:
  [[nodiscard]] std::optional<Failure> try_once(const Commands& commands, std::span<Reply> replies,
                                                base::Deadline deadline, bool must_be_alive);

  net::Pool pool_;
  const proto::RetryPolicy retry_;
  std::atomic<std::uint64_t> retries_{0};
};

}  // namespace rediscache::client
