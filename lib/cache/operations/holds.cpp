#include "cache/operations/holds.hpp"

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
  if (const std::int64_t left = answer.at(1).as_integer(); left >= 0) {
    attempt.left = std::chrono::milliseconds{left};
  }
  attempt.holder = answer.at(2).as_text();
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
