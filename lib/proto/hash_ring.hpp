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
  [[nodiscard]] std::size_t shard_of(std::string_view key) const noexcept;
  /// The same of many keys, in less time for each.
  void shards_of(std::span<const std::string_view> keys, std::span<std::uint32_t> shards) const noexcept;

 private:
  struct Point {
    base::Sha256 at;
    std::uint32_t shard;
  };

  /// Of a key whose digest begins with `head`.
  [[nodiscard]] std::uint32_t shard_at(std::uint64_t head, std::string_view key) const noexcept;
  /// The same where that alone does not tell, which no key is known of.
  [[nodiscard]] std::uint32_t shard_on_point(std::size_t point, std::string_view key) const noexcept;

  std::vector<Point> points_;
  std::vector<std::uint64_t> heads_;   // how the points begin, and after them what is after every key
  std::vector<std::uint32_t> shards_;  // of the keys before each point, and of those after the last one
  std::vector<std::uint32_t>
      before_;          // how many heads are before those that begin with the bits of the index
  unsigned shift_ = 0;  // to those bits
};

}  // namespace rediscache::proto
