#include "cache/operations/many.hpp"

#include <algorithm>
#include <utility>

#include <rediscache/error.hpp>

#include "cache/operations/entries.hpp"
#include "proto/error_reply.hpp"

namespace rediscache::cache {

GetMany::Result GetMany::read(std::span<Reply> replies) const {
  std::vector<Reply> found = std::move(replies[0].as_array());
  if (found.size() != list.keys.size()) {
    throw ValueError{"asked for " + std::to_string(list.keys.size()) + " keys, the server answered with " +
                     std::to_string(found.size())};
  }
  return found;
}

void SetMany::build(Commands& out) const {
  std::string scratch;
  for (std::size_t i = 0; i < list.keys.size(); ++i) {
    const MadeKey key = list.maker.make(list.keys[i], list.version);
    if (timeout.is_over()) {
      out.begin("DEL", CommandKind::idempotent_write, 1).key(key.view());
      continue;
    }
    const std::string_view stored = codec.encode(list.keys[i], values[i], scratch);
    // What was built in scratch is gone with the next value, so only the caller's own bytes stay in place.
    const bool in_place = stored.data() != scratch.data();
    build_set(out, key.view(), stored, timeout, Condition::none, in_place);
  }
}

base::Result<SetMany::Result> SetMany::read(std::span<Reply> replies) const {
  Result failed;
  const Reply* error = nullptr;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].is_error()) {
      error = &replies[i];
      failed.emplace_back(list.keys[i]);
    }
  }
  if (error != nullptr && failed.size() == replies.size()) {
    Failure failure = proto::failure_of_reply(error->as_text());
    failure.command = timeout.is_over() ? "DEL" : "SET";
    return failure;
  }
  return failed;
}

Step DeletePattern::step(std::span<Reply> replies, Commands& next) {
  if (replies.empty()) {
    add_scan(next, "0");
    return Step::send;
  }
  if (replies.front().type() == Reply::Type::integer) {
    removed_ += replies.front().as_integer();
    replies = replies.subspan(1);
  }
  if (replies.empty()) {
    return Step::done;
  }
  const std::vector<Reply>& page = replies.front().as_array();
  if (page.size() != 2) {
    throw ValueError{"a page of SCAN has a cursor and keys"};
  }
  if (const auto& keys = page[1].as_array(); !keys.empty()) {
    next.begin("UNLINK", CommandKind::idempotent_write, keys.size());
    for (const Reply& key : keys) {
      next.key(key.as_text());
    }
  }
  if (const std::string& cursor = page[0].as_text(); cursor != "0") {
    add_scan(next, cursor);
  }
  return next.empty() ? Step::done : Step::send;
}

void DeletePattern::add_scan(Commands& out, std::string_view cursor) const {
  out.begin("SCAN", CommandKind::read, 5)
      .arg(cursor)
      .arg("MATCH")
      .arg(pattern_)
      .arg("COUNT")
      .arg(static_cast<std::int64_t>(itersize_));
}

}  // namespace rediscache::cache
