#include "cache/operations/holds.hpp"

#include <algorithm>
#include <chrono>

#include <rediscache/error.hpp>

#include "base/text.hpp"

namespace rediscache::cache {

base::Result<Attempt> AcquireHold::result() const {
  const Reply& reply = run_.reply();
  if (reply.is_error()) {
    return failure_of(reply, "EVALSHA");
  }
  Attempt attempt;
  if (reply.type() == Reply::Type::text) {
    attempt.acquired = true;
    const auto token = base::parse_integer(reply.as_text());
    attempt.fencing_token = token ? static_cast<std::uint64_t>(*token) : 0;
    return attempt;
  }
  const std::vector<Reply>& answer = reply.as_array();
  if (answer.size() != 3) {
    throw ValueError{"the script answered with another number of parts than it has"};
  }
  // A waiter adds it to the time of day; a longer wait is as good as this one.
  constexpr std::int64_t longest_ms = std::chrono::milliseconds{std::chrono::hours{24 * 365}}.count();
  if (const std::int64_t left = answer[1].as_integer(); left >= 0) {
    attempt.left = std::chrono::milliseconds{std::min(left, longest_ms)};
  }
  attempt.holder = answer[2].as_text();
  return attempt;
}

Step AskManyHolds::step(std::span<Reply> replies, Commands& next) {
  std::vector<std::size_t> again;
  if (replies.empty()) {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      again.push_back(i);
    }
  }
  for (std::size_t i = 0; i < replies.size(); ++i) {
    Reply& reply = replies[i];
    if (reply.type() == Reply::Type::integer) {
      all_[sent_[i]].answer = reply.as_integer();
    } else if (!by_text_ && reply.is_error() && reply.as_text().starts_with("NOSCRIPT")) {
      again.push_back(sent_[i]);
    }
  }
  if (again.empty()) {
    return Step::done;
  }
  by_text_ = by_text_ || !replies.empty();
  for (const std::size_t index : again) {
    const One& one = all_[index];
    next.begin(by_text_ ? "EVAL" : "EVALSHA", CommandKind::idempotent_write, 3 + one.call.arguments.size())
        .arg(by_text_ ? one.call.script->text : one.call.script->sha1)
        .arg(1)
        .key(one.name);
    for (const std::string& argument : one.call.arguments) {
      next.arg(argument);
    }
  }
  sent_ = std::move(again);
  return Step::send;
}

}  // namespace rediscache::cache
