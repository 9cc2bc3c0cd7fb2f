// How a call is divided among shards, and the replies are put together again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

#include "proto/hash_ring.hpp"

namespace rediscache::proto {

/// Each command goes to the shard of its key. MGET, DEL, UNLINK, EXISTS and TOUCH are divided by their keys;
/// FLUSHDB, KEYS, SCAN and others without a key go to all shards. The cursor of a SCAN over all shards names
/// where each of them is: "12,-,0" with "-" for one that is through, and "!" for one that did not answer.
///
/// The commands must live as long as this. Not thread-safe.
class ShardPlan {
 public:
  /// InvalidArgument for what no shard could do alone: keys of different shards in one command or one
  /// transaction, and commands that say nothing of where to go.
  ShardPlan(const Commands& commands, const HashRing& ring, std::size_t shards);

  /// The shard that takes everything, as it is.
  [[nodiscard]] std::optional<std::size_t> only_shard() const noexcept { return only_shard_; }

  /// Adds to `part` what that shard is to do, which may be nothing.
  void split(std::size_t shard, Commands& part) const;

  /// Whether there is one command alone, whose reply is an array of elements of the shards'.
  [[nodiscard]] bool divides_elements() const noexcept {
    return routes_.size() == 1 && routes_.front().way == Way::elements_by_key;
  }
  /// Where in that array those of one shard belong.
  [[nodiscard]] std::span<const std::uint32_t> element_positions(std::size_t shard) const noexcept {
    return positions_of(routes_.front(), shard);
  }

  /// Puts together what the shards replied to that. Replies that are unanswered stay so where nobody
  /// answered; else they count for nothing, or are unanswered elements.
  void merge(std::span<const std::span<Reply>> parts, std::span<Reply> replies) const;

 private:
  enum class Way : std::uint8_t {
    whole,            // to one shard
    elements_by_key,  // divided; an array with an element for each key
    sum_by_key,       // divided; the shards' numbers add up
    first_of_all,     // to all; each says the same
    sum_of_all,       // to all; numbers add up
    elements_of_all,  // to all; arrays follow each other
    pages_of_all,     // to all; SCAN
  };
  struct Route {
    Way way = Way::whole;
    std::size_t shard = 0;      // of `whole`
    std::size_t first_key = 0;  // in key_shards_
    std::size_t keys = 0;
    std::size_t first_share = 0;  // in shares_, of a command that is divided
  };
  /// The keys of a command that are one shard's.
  struct Share {
    std::size_t first = 0;  // in positions_
    std::size_t keys = 0;
    std::size_t bytes = 0;
  };
  class Reading;

  [[nodiscard]] Route route(std::size_t index, const HashRing& ring, bool transaction);
  [[nodiscard]] std::span<const std::uint32_t> shards_of(const Route& route) const noexcept {
    return std::span{key_shards_}.subspan(route.first_key, route.keys);
  }
  [[nodiscard]] std::span<const std::uint32_t> positions_of(const Route& route,
                                                            std::size_t shard) const noexcept;
  void place_keys(std::size_t index, const HashRing& ring);
  void find_only_shard(bool transaction);
  void divide(Route& route);
  void split_by_key(std::size_t index, std::size_t shard, Commands& part) const;
  void split_pages(std::size_t index, std::size_t shard, Commands& part) const;
  [[nodiscard]] std::vector<std::string> cursors_of(std::size_t index) const;

  const Commands& commands_;
  std::size_t shards_;
  std::vector<Route> routes_;
  std::vector<std::string_view> keys_;     // of all commands, in order
  std::vector<std::uint32_t> key_shards_;  // of these
  std::vector<Share> shares_;              // of each shard, for each command that is divided
  std::vector<std::uint32_t> positions_;   // among a divided command's keys, those of one shard together
  std::optional<std::size_t> only_shard_;
};

}  // namespace rediscache::proto
