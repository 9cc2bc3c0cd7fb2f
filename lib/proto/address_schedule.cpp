#include "proto/address_schedule.hpp"

namespace rediscache::proto {

std::vector<std::size_t> interleaved(std::span<const int> families) {
  std::vector<std::size_t> first;  // of the family of the first address
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < families.size(); ++i) {
    (families[i] == families[0] ? first : others).push_back(i);
  }
  std::vector<std::size_t> order;
  order.reserve(families.size());
  for (std::size_t i = 0; order.size() < families.size(); ++i) {
    if (i < first.size()) {
      order.push_back(first[i]);
    }
    if (i < others.size()) {
      order.push_back(others[i]);
    }
  }
  return order;
}

}  // namespace rediscache::proto
