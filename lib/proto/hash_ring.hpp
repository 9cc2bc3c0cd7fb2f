// Which shard a key lives on, as django-redis places it.
#pragma once

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
  [[nodiscard]] std::size_t shard_of(std::string_view key) const noexcept;

 private:
  struct Point {
    base::Sha256 at;
    std::uint32_t shard;
  };

  std::vector<Point> points_;
};

}  // namespace rediscache::proto
