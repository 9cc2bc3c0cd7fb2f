#include "proto/hash_ring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rediscache::proto {
namespace {

constexpr int points_of_each = 128;

}  // namespace

std::string_view tag_of(std::string_view key) noexcept {
  if (key.find('}') == std::string_view::npos) {  // nearly all keys; and forwards is quicker than backwards
    return key;
  }
  const std::string_view line = key.substr(0, key.find('\n'));
  const std::size_t close = line.rfind('}');
  if (close == std::string_view::npos || close == 0) {
    return key;
  }
  const std::size_t open = line.rfind('{', close - 1);
  return open == std::string_view::npos ? key : line.substr(open + 1, close - open - 1);
}

HashRing::HashRing(std::span<const std::string> locations) {
  points_.reserve(locations.size() * points_of_each);
  for (std::size_t shard = 0; shard < locations.size(); ++shard) {
    for (int i = 0; i < points_of_each; ++i) {
      points_.push_back(
          {base::sha256(locations[shard] + ':' + std::to_string(i)), static_cast<std::uint32_t>(shard)});
    }
  }
  // Bytes sort as their hexadecimal spelling does, which django-redis sorts.
  std::sort(points_.begin(), points_.end(),
            [](const Point& left, const Point& right) { return left.at < right.at; });
  for (const Point& point : points_) {
    heads_.push_back(head_of(point.at));
    shards_.push_back(point.shard);
  }
  // The points are all over the ring, so with several places for each hardly two are in one.
  const auto places = std::bit_ceil(std::max<std::size_t>(points_.size(), 1) * 8);
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(places));
  before_.reserve(places);
  for (std::size_t place = 0, before = 0; place < places; ++place) {
    while (before < heads_.size() && heads_[before] >> shift_ < place) {
      ++before;
    }
    before_.push_back(static_cast<std::uint32_t>(before));
  }
}

std::uint64_t HashRing::head_of(const base::Sha256& at) noexcept {
  std::uint64_t head = 0;
  std::memcpy(&head, at.data(), sizeof head);
  return std::endian::native == std::endian::little ? __builtin_bswap64(head) : head;
}

std::size_t HashRing::shard_at(const base::Sha256& place) const noexcept {
  const std::uint64_t head = head_of(place);
  std::size_t after = before_[static_cast<std::size_t>(head >> shift_)];
  while (after < heads_.size() &&
         (heads_[after] < head || (heads_[after] == head && points_[after].at <= place))) {
    ++after;
  }
  return after == 0 ? shards_.back() : shards_[after - 1];
}

}  // namespace rediscache::proto
