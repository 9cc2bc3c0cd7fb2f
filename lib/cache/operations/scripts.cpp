#include "cache/operations/scripts.hpp"

#include <limits>

#include "base/text.hpp"

namespace rediscache::cache {
namespace {

bool begins_with(const Reply& reply, std::string_view words) {
  return reply.is_error() && reply.as_text().starts_with(words);
}

}  // namespace

Step ScriptRun::step(std::span<Reply> replies, Commands& next) {
  if (replies.empty()) {
    add(next, "EVALSHA", script_->sha1);
    return Step::send;
  }
  if (!by_text_ && begins_with(replies[0], "NOSCRIPT")) {
    by_text_ = true;
    add(next, "EVAL", script_->text);
    return Step::send;
  }
  reply_ = std::move(replies[0]);
  return Step::done;
}

base::Result<std::int64_t> ScriptRun::integer() const {
  if (reply_.is_error()) {
    return failure_of(reply_, by_text_ ? "EVAL" : "EVALSHA");
  }
  return reply_.as_integer();
}

void ScriptRun::add(Commands& out, std::string_view command, std::string_view script) const {
  out.begin(command, kind_, 3 + arguments_.size()).arg(script).arg(1).key(key_);
  for (const std::string& argument : arguments_) {
    out.arg(argument);
  }
  if (says_ == ScriptReply::changes) {
    out.changes_at_most(1);
  }
}

base::Result<bool> Persist::result() const {
  auto answer = run_.integer();
  return answer ? base::Result<bool>{answer.value() > 0} : base::Result<bool>{std::move(answer.failure())};
}

Step IncrementBy::step(std::span<Reply> replies, Commands& next) {
  if (!create_) {
    const Step step = run_.step(replies, next);
    if (step == Step::done) {
      reply_ = run_.reply();
    }
    return step;
  }
  if (replies.empty()) {
    build_increment(next, key_, delta_);
    return Step::send;
  }
  reply_ = std::move(replies[0]);
  return Step::done;
}

std::int64_t negated(std::int64_t delta) {
  if (delta == std::numeric_limits<std::int64_t>::min()) {
    throw InvalidArgument{"decr: delta is " + std::to_string(delta) +
                          ", which cannot be negated in 64 bits; use incr twice"};
  }
  return -delta;
}

base::Result<Increment> IncrementBy::result() const {
  return read_increment(reply_, create_ ? "INCRBY" : "EVALSHA");
}

base::Result<Increment> read_increment(const Reply& reply, std::string_view command) {
  using Outcome = Increment::Outcome;
  if (reply.is_nil()) {
    return Increment{.outcome = Outcome::missing, .message = {}};
  }
  const bool refused = begins_with(reply, "ERR value is not an integer") ||
                       begins_with(reply, "ERR increment or decrement would overflow");
  if (refused) {
    return Increment{.outcome = Outcome::not_an_integer, .message = reply.as_text().substr(4)};
  }
  if (reply.is_error()) {
    return failure_of(reply, command);
  }
  if (reply.type() == Reply::Type::text) {
    if (const auto value = base::parse_integer(reply.as_text())) {
      return Increment{.outcome = Outcome::counted, .value = *value, .message = {}};
    }
  }
  return Increment{.outcome = Outcome::counted, .value = reply.as_integer(), .message = {}};
}

Counter Increment::counter(std::string_view key) const {
  switch (outcome) {
    case Outcome::counted:
      return value;
    case Outcome::missing:
      throw KeyNotFound{key};
    case Outcome::not_an_integer:
      throw NotAnInteger{key, message};
    case Outcome::omitted:
      break;
  }
  return {};
}

}  // namespace rediscache::cache
