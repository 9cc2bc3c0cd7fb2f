// Connecting to a host that has several addresses.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <rediscache/error.hpp>

#include "base/deadline.hpp"
#include "base/result.hpp"
#include "net/connect_attempt.hpp"
#include "net/connection.hpp"
#include "net/endpoint.hpp"
#include "net/resolver.hpp"
#include "proto/address_schedule.hpp"
#include "proto/handshake.hpp"

namespace rediscache::net {

/// Tries the addresses as AddressSchedule says, in the calling thread. The first connection on which the
/// server signs us in wins, and the others are closed: an address that accepts connections and stays mute
/// holds up nobody. What it is given outlives it.
class AddressRace {
 public:
  AddressRace(const ServerSettings& settings, const proto::Handshake& handshake,
              std::span<const SocketAddress> addresses)
      : settings_{settings}, handshake_{handshake}, addresses_{addresses}, schedule_{addresses.size()} {}
  AddressRace(const AddressRace&) = delete;
  AddressRace& operator=(const AddressRace&) = delete;
  ~AddressRace() = default;

  /// The end when no address accepts a connection before `connected_by`.
  [[nodiscard]] base::Result<std::unique_ptr<Connection>> run(base::Deadline connected_by,
                                                              base::Deadline deadline);

 private:
  void start_those_due();
  void wait(base::Deadline deadline);
  [[nodiscard]] bool any_connected() const noexcept;
  [[nodiscard]] std::unique_ptr<Connection> take_winner();
  [[nodiscard]] Failure why_none() const;

  const ServerSettings& settings_;
  const proto::Handshake& handshake_;
  std::span<const SocketAddress> addresses_;
  proto::AddressSchedule schedule_;
  std::vector<std::unique_ptr<ConnectAttempt>> under_way_;
  std::optional<Failure> failure_;  // the one that tells most
};

}  // namespace rediscache::net
