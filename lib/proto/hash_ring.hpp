// Which shard a key lives on, as django-redis places it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"

namespace rediscache::proto {

/// What of a made key decides where it lives: a `{tag}` in its first line, else all of it. The last `{` that
/// has a `}` behind it opens the tag, the last `}` closes it; `{}` is the empty tag.
[[nodiscard]] std::string_view tag_of(std::string_view key) noexcept;

/// A ring of 128 points for each location, the SHA-256 of "{location}:{i}". A key belongs to the last point
/// that is not after its own, and before the first to the last one. Immutable, so safe to share.
class HashRing {
 public:
  /// The locations' texts as they stand in the settings: another spelling of one is another ring.
  explicit HashRing(std::span<const std::string> locations);

  /// An index into the locations.
  [[nodiscard]] std::size_t shard_of(std::string_view key) const noexcept { return shard_at(place_of(key)); }
  // In two steps, for many keys: first all places, two at a time.
  [[nodiscard]] static base::Sha256 place_of(std::string_view key) noexcept {
    return base::sha256(tag_of(key));
  }
  [[nodiscard]] static std::array<base::Sha256, 2> places_of(std::string_view key,
                                                             std::string_view other) noexcept {
    return base::sha256(tag_of(key), tag_of(other));
  }
  [[nodiscard]] std::size_t shard_at(const base::Sha256& place) const noexcept;

 private:
  struct Point {
    base::Sha256 at;
    std::uint32_t shard;
  };

  /// The first bytes of a point, which nearly always tell which of two comes first.
  static std::uint64_t head_of(const base::Sha256& at) noexcept;

  std::vector<Point> points_;
  std::vector<std::uint64_t> heads_;   // of the points
  std::vector<std::uint32_t> shards_;  // of the points; apart, for they are looked at without the rest
  std::vector<std::uint32_t>
      before_;          // how many heads are before those that begin with the bits of the index
  unsigned shift_ = 0;  // to those bits
};

}  // namespace rediscache::proto
