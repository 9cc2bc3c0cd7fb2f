#include "proto/hash_ring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace rediscache::proto {
namespace {

constexpr int points_of_each = 128;

/// The first bytes of a point, which nearly always tell which of two comes first.
std::uint64_t head_of(const base::Sha256& at) noexcept {
  std::uint64_t head = 0;
  std::memcpy(&head, at.data(), sizeof head);
  return std::endian::native == std::endian::little ? __builtin_bswap64(head) : head;
}

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
  shards_.push_back(points_.empty() ? 0 : points_.back().shard);
  for (const Point& point : points_) {
    heads_.push_back(head_of(point.at));
    shards_.push_back(point.shard);
  }
  heads_.push_back(std::numeric_limits<std::uint64_t>::max());
  // The points are all over the ring, so with several places for each hardly two are in one.
  const auto places = std::bit_ceil(std::max<std::size_t>(points_.size(), 1) * 8);
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(places));
  before_.reserve(places);
  for (std::size_t place = 0, before = 0; place < places; ++place) {
    while (before < points_.size() && heads_[before] >> shift_ < place) {
      ++before;
    }
    before_.push_back(static_cast<std::uint32_t>(before));
  }
}

std::size_t HashRing::shard_of(std::string_view key) const noexcept {
  return shard_at(base::sha256_head(tag_of(key)), key);
}

void HashRing::shards_of(std::span<const std::string_view> keys,
                         std::span<std::uint32_t> shards) const noexcept {
  std::size_t i = 0;
  for (; i + 1 < keys.size(); i += 2) {
    const auto [head, other] = base::sha256_heads(tag_of(keys[i]), tag_of(keys[i + 1]));
    shards[i] = shard_at(head, keys[i]);
    shards[i + 1] = shard_at(other, keys[i + 1]);
  }
  if (i < keys.size()) {
    shards[i] = shard_at(base::sha256_head(tag_of(keys[i])), keys[i]);
  }
}

std::uint32_t HashRing::shard_at(std::uint64_t head, std::string_view key) const noexcept {
  std::size_t after = before_[static_cast<std::size_t>(head >> shift_)];
  while (heads_[after] < head) {
    ++after;
  }
  return heads_[after] == head ? shard_on_point(after, key) : shards_[after];
}

std::uint32_t HashRing::shard_on_point(std::size_t point, std::string_view key) const noexcept {
  const base::Sha256 place = base::sha256(tag_of(key));
  while (point < points_.size() && points_[point].at <= place) {
    ++point;
  }
  return shards_[point];
}

}  // namespace rediscache::proto
