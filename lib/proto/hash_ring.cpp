#include "proto/hash_ring.hpp"

#include <algorithm>

namespace rediscache::proto {
namespace {

constexpr int points_of_each = 128;

}  // namespace

std::string_view tag_of(std::string_view key) noexcept {
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
}

std::size_t HashRing::shard_of(std::string_view key) const noexcept {
  const base::Sha256 at = base::sha256(tag_of(key));
  const auto after =
      std::upper_bound(points_.begin(), points_.end(), at,
                       [](const base::Sha256& left, const Point& right) { return left < right.at; });
  return after == points_.begin() ? points_.back().shard : std::prev(after)->shard;
}

}  // namespace rediscache::proto
