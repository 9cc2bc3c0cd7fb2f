#include "cache/operations/many.hpp"

#include <functional>
#include <utility>

#include <rediscache/error.hpp>

#include "base/saturating_sum.hpp"
#include "cache/operations/entries.hpp"
#include "proto/refusals.hpp"

namespace rediscache::cache {

namespace {

bool is_part_of(std::string_view part, const std::string& whole) {
  const std::less<> before;  // the built-in one is for pointers into the same thing only
  return !before(part.data(), whole.data()) && !before(whole.data() + whole.size(), part.data());
}

}  // namespace

GetMany::Result GetMany::read(std::span<Reply> replies) const {
  if (replies[0].is_unanswered()) {
    return std::vector<Reply>{};
  }
  std::vector<Reply> found = std::move(replies[0].as_array());
  if (found.size() != list.keys.size()) {
    throw ValueError{"asked for " + std::to_string(list.keys.size()) + " keys, the server answered with " +
                     std::to_string(found.size())};
  }
  return found;
}

void SetMany::build(Commands& out) const {
  std::string scratch;
  if (atomic) {
    out.begin("MULTI", CommandKind::idempotent_write, 0);
  }
  for (std::size_t i = 0; i < list.keys.size(); ++i) {
    const MadeKey key = list.maker.make(list.keys[i], list.version);
    if (timeout.is_over()) {
      out.begin("DEL", CommandKind::idempotent_write, 1).key(key.view());
      continue;
    }
    Timeout kept = timeout;
    const std::string_view stored = form.encode(list.keys[i], values[i], kept, scratch);
    // What was built in scratch is gone with the next value, so only the caller's own bytes stay in place.
    const bool in_place = !is_part_of(stored, scratch);
    build_set(out, key.view(), stored, kept, Condition::none, in_place);
  }
  if (atomic) {
    out.begin("EXEC", CommandKind::idempotent_write, 0);
  }
}

base::Result<SetMany::Result> SetMany::read(std::span<Reply> replies) const {
  if (atomic) {
    // Between the replies to MULTI and EXEC each command was only queued; what it did stands in the last one.
    Reply& executed = replies.back();
    if (executed.is_error()) {
      // EXECABORT says nothing; what could not be queued does.
      Failure failure =
          failure_of(proto::reason_of_abort(replies.first(replies.size() - 1), executed), command());
      failure.maybe_executed = replies.front().is_error();  // without MULTI each was executed alone
      return failure;
    }
    replies = executed.as_array();
    if (replies.size() != list.keys.size()) {
      throw ValueError{"the transaction answered with another number of results than it has commands"};
    }
  }
  Result failed;
  const Reply* error = nullptr;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].is_error()) {
      error = &replies[i];
    }
    if (replies[i].is_error() || replies[i].is_unanswered()) {
      failed.emplace_back(list.keys[i]);
    }
  }
  if (error != nullptr && failed.size() == replies.size()) {
    return failure_of(*error, command());
  }
  return failed;
}

Keys::Result Keys::read(std::span<Reply> replies) {
  Result keys;
  keys.reserve(replies[0].as_array().size());
  for (Reply& key : replies[0].as_array()) {
    keys.push_back(key.take_text());
  }
  return keys;
}

void ScanPage::build(Commands& out) const {
  out.begin("SCAN", CommandKind::read, 5)
      .arg(cursor)
      .arg("MATCH")
      .arg(pattern)
      .arg("COUNT")
      .arg(static_cast<std::int64_t>(itersize))
      .answers_at_length();
}

ScanPage::Page ScanPage::parse(Reply& reply) {
  std::vector<Reply>& parts = reply.as_array();
  if (parts.size() != 2) {
    throw ValueError{"a page of SCAN has a cursor and keys"};
  }
  return {.cursor = parts[0].take_text(), .keys = Keys::read(std::span{&parts[1], 1})};
}

Step DeletePattern::step(std::span<Reply> replies, Commands& next) {
  if (replies.empty()) {
    ScanPage{"0", pattern_, itersize_}.build(next);
    return Step::send;
  }
  if (unlinking_) {
    Reply& unlinked = replies.front();
    if (unlinked.is_error()) {
      failure_ = failure_of(unlinked, "UNLINK");
      return Step::done;
    }
    removed_ = base::saturating_sum(removed_, unlinked.is_unanswered() ? 0 : unlinked.as_integer());
    replies = replies.subspan(1);
  }
  if (replies.empty() || replies.front().is_unanswered()) {
    return Step::done;
  }
  if (replies.front().is_error()) {
    failure_ = failure_of(replies.front(), "SCAN");
    return Step::done;
  }
  const ScanPage::Page page = ScanPage::parse(replies.front());
  unlinking_ = !page.keys.empty();
  if (unlinking_) {
    next.begin("UNLINK", CommandKind::idempotent_write, page.keys.size());
    for (const std::string& key : page.keys) {
      next.key(key);
    }
    next.changes_at_most(page.keys.size());
  }
  if (page.cursor != "0") {
    ScanPage{page.cursor, pattern_, itersize_}.build(next);
  }
  return next.empty() ? Step::done : Step::send;
}

}  // namespace rediscache::cache
