#include "proto/join_replies.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/saturating_sum.hpp"

namespace rediscache::proto {
namespace {

/// Whether these can be put together: none is an error, and there is at least one.
bool can_join(std::span<Reply* const> replies, Reply::Type type) {
  bool any = false;
  for (const Reply* const reply : replies) {
    if (!reply->is_unanswered() && reply->type() != type) {
      return false;
    }
    any = any || !reply->is_unanswered();
  }
  return any;
}

/// Those that take part.
std::vector<Reply*> present_of(std::span<Reply* const> of_shard) {
  std::vector<Reply*> present;
  std::copy_if(of_shard.begin(), of_shard.end(), std::back_inserter(present),
               [](const Reply* reply) { return reply != nullptr; });
  return present;
}

}  // namespace

Reply first_of(std::span<Reply* const> replies) {
  Reply* first = nullptr;
  for (Reply* const reply : replies) {
    if (reply->is_error()) {
      return std::move(*reply);
    }
    first = first == nullptr && !reply->is_unanswered() ? reply : first;
  }
  return std::move(first == nullptr ? *replies.front() : *first);
}

Reply sum_of(std::span<Reply* const> replies) {
  if (!can_join(replies, Reply::Type::integer)) {
    return first_of(replies);
  }
  std::int64_t sum = 0;
  for (const Reply* const reply : replies) {
    sum = base::saturating_sum(sum, reply->is_unanswered() ? 0 : reply->as_integer());
  }
  return Reply::integer(sum);
}

Reply elements_of(std::span<Reply* const> replies) {
  if (!can_join(replies, Reply::Type::array)) {
    return first_of(replies);
  }
  std::vector<Reply> all;
  for (Reply* const reply : replies) {
    if (!reply->is_unanswered()) {
      std::move(reply->as_array().begin(), reply->as_array().end(), std::back_inserter(all));
    }
  }
  return Reply::array(std::move(all));
}

Reply elements_by_key(std::span<Reply* const> of_shard, std::span<const std::uint32_t> shards) {
  const auto present = present_of(of_shard);
  if (!can_join(present, Reply::Type::array)) {
    return first_of(present);
  }
  std::vector<std::size_t> at(of_shard.size());
  std::vector<Reply> all;
  all.reserve(shards.size());
  for (const std::uint32_t shard : shards) {
    Reply& part = *of_shard[shard];
    if (part.is_unanswered()) {
      all.emplace_back().set_unanswered();
      continue;
    }
    std::vector<Reply>& elements = part.as_array();
    if (at[shard] == elements.size()) {
      return part;  // fewer than keys: whoever reads it will say so
    }
    all.push_back(std::move(elements[at[shard]++]));
  }
  return Reply::array(std::move(all));
}

Reply page_of(std::span<Reply* const> of_shard, std::vector<std::string> cursors) {
  const auto present = present_of(of_shard);
  if (!can_join(present, Reply::Type::array)) {
    return first_of(present);
  }
  std::vector<Reply> keys;
  std::string cursor;
  bool through = true;
  for (std::size_t shard = 0; shard < of_shard.size(); ++shard) {
    std::string& its = cursors[shard];
    if (Reply* const page = of_shard[shard]) {
      if (page->is_unanswered()) {
        its = "!";
      } else {
        std::vector<Reply>& parts = page->as_array();
        const bool is_page = parts.size() == 2 && parts[0].type() == Reply::Type::text &&
                             parts[1].type() == Reply::Type::array;
        if (!is_page) {
          return std::move(*page);  // the reader of the reply reports it
        }
        its = parts[0].take_text();
        if (its == "0") {
          its = "-";
        }
        std::move(parts[1].as_array().begin(), parts[1].as_array().end(), std::back_inserter(keys));
      }
    }
    through = through && (its == "-" || its == "!");
    cursor += (shard == 0 ? "" : ",") + its;
  }
  std::vector<Reply> page;
  page.push_back(Reply::text(through ? "0" : cursor));
  page.push_back(Reply::array(std::move(keys)));
  return Reply::array(std::move(page));
}

}  // namespace rediscache::proto
