// Which of a host's addresses to try first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/resolver.hpp"

namespace rediscache::net {

/// Remembers the addresses whose servers said that they are not the ones to ask. They are tried last, those
/// that said so most recently after the others; all other addresses keep the resolver's order. Not
/// thread-safe.
class AddressRanking {
 public:
  /// Identifies an address. `unknown`: there is none, as for unix sockets, or it was one too many.
  using Id = std::uint32_t;
  static constexpr Id unknown = 0;

  [[nodiscard]] Id id_of(const SocketAddress& address);
  /// True when the server at that address had not said so before.
  bool refused(Id id) noexcept;
  void accepted(Id id) noexcept;
  void sort(std::vector<SocketAddress>& addresses) const;

 private:
  struct Known {
    SocketAddress address;
    std::uint64_t refused_at = 0;  // counts refusals; 0: never
  };
  static constexpr std::size_t most_known = 64;

  [[nodiscard]] std::uint64_t refused_at(const SocketAddress& address) const noexcept;

  std::vector<Known> known_;  // an Id is a position in here, counted from 1
  std::uint64_t refusals_ = 0;
};

}  // namespace rediscache::net
