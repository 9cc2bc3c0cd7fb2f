// One reply out of those of several servers.
//
// What is unanswered counts for nothing, and where nobody answered, the joint reply is unanswered too. An
// error, or a reply of a type that does not fit, is passed on as it is. All may be moved from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <rediscache/reply.hpp>

namespace rediscache::proto {

/// The first error among replies, else the first that is one at all.
[[nodiscard]] Reply first_of(std::span<Reply* const> replies);
/// Integers, added up.
[[nodiscard]] Reply sum_of(std::span<Reply* const> replies);
/// Arrays, one behind the other.
[[nodiscard]] Reply elements_of(std::span<Reply* const> replies);

// In these `of_shard` has a place for every shard, null for those that were not asked.

/// The elements of the arrays, in the order of their keys, whose shards are given.
[[nodiscard]] Reply elements_by_key(std::span<Reply* const> of_shard, std::span<const std::uint32_t> shards);
/// Pages of SCAN as one, whose cursor says where each shard is; `cursors` is where they were.
[[nodiscard]] Reply page_of(std::span<Reply* const> of_shard, std::vector<std::string> cursors);

}  // namespace rediscache::proto
