#include "proto/shard_plan.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <rediscache/error.hpp>

#include "proto/command_name.hpp"
#include "proto/join_replies.hpp"

namespace rediscache::proto {
namespace {

constexpr std::array<std::string_view, 4> summed{"DEL", "UNLINK", "EXISTS", "TOUCH"};
constexpr std::array<std::string_view, 6> same_everywhere{"FLUSHDB", "FLUSHALL", "PING",
                                                          "SCRIPT",  "CONFIG",   "SAVE"};
constexpr std::array<std::string_view, 2> of_transactions{"MULTI", "EXEC"};
constexpr std::size_t framing = 12;  // of one argument, in bytes

[[noreturn]] void throw_apart(std::string_view command) {
  throw InvalidArgument{
      std::string{command} +
      ": its keys live on different shards, and none of these could do it alone. Give keys that belong "
      "together a common tag in braces, as in \"{user:7}:friends\" and \"{user:7}:likes\"; keys with the "
      "same tag live on the same shard"};
}

[[noreturn]] void throw_without_key(std::string_view command) {
  throw InvalidArgument{
      std::string{command} +
      ": it names no key, so ShardClient cannot tell which shard is meant. Ask a cache whose "
      "location is that shard alone"};
}

}  // namespace

ShardPlan::ShardPlan(const Commands& commands, const HashRing& ring, std::size_t shards)
    : commands_{commands}, shards_{shards} {
  bool transaction = false;
  std::size_t keys = 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    transaction = transaction || same_name(commands.name(i), "MULTI");
    keys += commands.key_count(i);
  }
  key_shards_.reserve(keys);
  keys_.reserve(keys);
  routes_.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    routes_.push_back(route(i, ring, transaction));
  }
  find_only_shard(transaction);
}

ShardPlan::Route ShardPlan::route(std::size_t index, const HashRing& ring, bool transaction) {
  Route route{.first_key = key_shards_.size(), .keys = commands_.key_count(index)};
  const std::string_view name = commands_.name(index);
  if (shards_ == 1) {
    route.keys = 0;
    return route;
  }
  place_keys(index, ring);
  if (route.keys > 0) {
    const auto shards = shards_of(route);
    route.shard = shards.front();
    if (std::all_of(shards.begin(), shards.end(),
                    [&](std::uint32_t shard) { return shard == route.shard; })) {
      return route;
    }
    route.way = same_name(name, "MGET")  ? Way::elements_by_key
                : is_among(name, summed) ? Way::sum_by_key
                                         : Way::whole;
    if (route.way == Way::whole || transaction) {
      throw_apart(name);
    }
    divide(route);
    return route;
  }
  if (transaction && is_among(name, of_transactions)) {
    return route;
  }
  if (is_among(name, same_everywhere)) {
    route.way = Way::first_of_all;
  } else if (same_name(name, "DBSIZE")) {
    route.way = Way::sum_of_all;
  } else if (same_name(name, "KEYS")) {
    route.way = Way::elements_of_all;
  } else if (same_name(name, "SCAN")) {
    route.way = Way::pages_of_all;
  } else {
    throw_without_key(name);
  }
  return route;
}

void ShardPlan::place_keys(std::size_t index, const HashRing& ring) {
  const std::size_t first = keys_.size();
  commands_.each_key(index, [&](std::string_view key) { keys_.push_back(key); });
  key_shards_.resize(keys_.size());
  ring.shards_of(std::span{keys_}.subspan(first), std::span{key_shards_}.subspan(first));
}

void ShardPlan::find_only_shard(bool transaction) {
  if (shards_ == 1) {
    only_shard_ = 0;
    return;
  }
  std::optional<std::size_t> shard;
  for (const Route& route : routes_) {
    if (route.way == Way::whole && route.keys == 0) {
      continue;  // MULTI and EXEC go with the others
    }
    if (route.way != Way::whole || (shard && *shard != route.shard)) {
      if (transaction) {
        throw_apart("MULTI");
      }
      return;
    }
    shard = route.shard;
  }
  only_shard_ = shard.value_or(0);
}

/// Sorts the keys by their shards, and else leaves them in order.
void ShardPlan::divide(Route& route) {
  route.first_share = shares_.size();
  shares_.resize(shares_.size() + shards_);
  const std::span shares = std::span{shares_}.last(shards_);
  const auto shards = shards_of(route);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    Share& share = shares[shards[i]];
    ++share.keys;
    share.bytes += keys_[route.first_key + i].size() + framing;
  }
  std::size_t first = positions_.size();
  for (Share& share : shares) {
    share.first = first;
    first += share.keys;
    share.keys = 0;
  }
  positions_.resize(first);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    Share& share = shares[shards[i]];
    positions_[share.first + share.keys++] = static_cast<std::uint32_t>(i);
  }
}

std::span<const std::uint32_t> ShardPlan::positions_of(const Route& route, std::size_t shard) const noexcept {
  const Share& share = shares_[route.first_share + shard];
  return std::span{positions_}.subspan(share.first, share.keys);
}

void ShardPlan::split(std::size_t shard, Commands& part) const {
  if (commands_.keeps_deadline()) {
    part.keep_deadline();
  }
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    switch (routes_[i].way) {
      case Way::whole:
        if (routes_[i].shard == shard) {
          part.append(commands_, i);
        }
        break;
      case Way::elements_by_key:
      case Way::sum_by_key:
        split_by_key(i, shard, part);
        break;
      case Way::pages_of_all:
        split_pages(i, shard, part);
        break;
      default:
        part.append(commands_, i);
    }
  }
}

void ShardPlan::split_by_key(std::size_t index, std::size_t shard, Commands& part) const {
  const Route& route = routes_[index];
  const auto positions = positions_of(route, shard);
  if (positions.empty()) {
    return;
  }
  part.reserve(shares_[route.first_share + shard].bytes);
  part.begin(commands_.name(index), commands_.kind(index), positions.size());
  part.encoded_keys(std::span{keys_}.subspan(route.first_key, route.keys), positions);
  if (commands_.changes_at_most(index) > 0) {
    part.changes_at_most(positions.size());
  }
}

/// Where the SCAN over all shards is on each of them.
std::vector<std::string> ShardPlan::cursors_of(std::size_t index) const {
  const auto arguments = commands_.arguments(index);
  std::string_view text = arguments.empty() ? std::string_view{} : arguments.front();
  if (text == "0") {
    return std::vector<std::string>(shards_, "0");
  }
  std::vector<std::string> cursors;
  while (true) {
    const std::size_t comma = text.find(',');
    cursors.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) {
      break;
    }
    text.remove_prefix(comma + 1);
  }
  if (cursors.size() != shards_) {
    throw InvalidArgument{"SCAN: the cursor is none that ShardClient has given; begin with 0"};
  }
  return cursors;
}

void ShardPlan::split_pages(std::size_t index, std::size_t shard, Commands& part) const {
  const auto arguments = commands_.arguments(index);
  const std::string cursor = cursors_of(index)[shard];
  if (cursor == "-" || cursor == "!") {
    return;
  }
  part.begin(commands_.name(index), commands_.kind(index), arguments.size()).arg(cursor);
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    part.arg(arguments[i]);
  }
}

/// The shards' replies, each read once and in order.
class ShardPlan::Reading {
 public:
  explicit Reading(std::span<const std::span<Reply>> parts) : parts_{parts}, at_(parts.size()) {}
  [[nodiscard]] Reply& next(std::size_t shard) { return parts_[shard][at_[shard]++]; }

 private:
  std::span<const std::span<Reply>> parts_;
  std::vector<std::size_t> at_;
};

void ShardPlan::merge(std::span<const std::span<Reply>> parts, std::span<Reply> replies) const {
  Reading reading{parts};
  std::vector<Reply*> all;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    if (route.way == Way::whole) {
      replies[i] = std::move(reading.next(route.shard));
      continue;
    }
    const bool by_key = route.way == Way::elements_by_key || route.way == Way::sum_by_key;
    const auto cursors = route.way == Way::pages_of_all ? cursors_of(i) : std::vector<std::string>{};
    all.assign(shards_, nullptr);
    for (std::size_t shard = 0; shard < shards_; ++shard) {
      const bool takes_part = by_key ? !positions_of(route, shard).empty()
                                     : cursors.empty() || (cursors[shard] != "-" && cursors[shard] != "!");
      if (takes_part) {
        all[shard] = &reading.next(shard);
      }
    }
    if (route.way == Way::elements_by_key) {
      replies[i] = elements_by_key(all, shards_of(route));
      continue;
    }
    if (route.way == Way::pages_of_all) {
      replies[i] = page_of(all, cursors);
      continue;
    }
    std::erase(all, nullptr);
    replies[i] = route.way == Way::first_of_all      ? first_of(all)
                 : route.way == Way::elements_of_all ? elements_of(all)
                                                     : sum_of(all);
  }
}

}  // namespace rediscache::proto
