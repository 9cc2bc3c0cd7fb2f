#include "net/address_ranking.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace rediscache::net {
namespace {

bool same_address(const SocketAddress& left, const SocketAddress& right) noexcept {
  return left.size == right.size && std::memcmp(&left.storage, &right.storage, left.size) == 0;
}

}  // namespace

AddressRanking::Id AddressRanking::id_of(const SocketAddress& address) {
  const auto found = std::find_if(known_.begin(), known_.end(),
                                  [&](const Known& known) { return same_address(known.address, address); });
  const auto position = static_cast<std::size_t>(found - known_.begin());
  if (found == known_.end()) {
    if (known_.size() == most_known) {
      return unknown;
    }
    known_.push_back({.address = address});
  }
  return static_cast<Id>(position + 1);
}

bool AddressRanking::refused(Id id) noexcept {
  if (id == unknown || id > known_.size()) {
    return false;
  }
  Known& known = known_[id - 1];
  const bool is_new = known.refused_at == 0;
  known.refused_at = ++refusals_;
  return is_new;
}

void AddressRanking::accepted(Id id) noexcept {
  if (id != unknown && id <= known_.size()) {
    known_[id - 1].refused_at = 0;
  }
}

std::uint64_t AddressRanking::refused_at(const SocketAddress& address) const noexcept {
  const auto found = std::find_if(known_.begin(), known_.end(),
                                  [&](const Known& known) { return same_address(known.address, address); });
  return found == known_.end() ? 0 : found->refused_at;
}

void AddressRanking::sort(std::vector<SocketAddress>& addresses) const {
  if (refusals_ == 0 || addresses.size() < 2) {
    return;
  }
  // By when they refused, and else in the order in which they were given.
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  order.reserve(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    order.emplace_back(refused_at(addresses[i]), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<SocketAddress> sorted;
  sorted.reserve(addresses.size());
  for (const auto& [refused, i] : order) {
    sorted.push_back(addresses[i]);
  }
  addresses = std::move(sorted);
}

}  // namespace rediscache::net
