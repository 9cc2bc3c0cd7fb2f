#include "cache/operations/scripts.hpp"

#include "proto/error_reply.hpp"

namespace rediscache::cache {
namespace {

Failure failure_of(const Reply& reply, std::string_view command) {
  Failure failure = proto::failure_of_reply(reply.as_text());
  failure.command = command;
  return failure;
}

bool begins_with(const Reply& reply, std::string_view words) {
  return reply.is_error() && reply.as_text().starts_with(words);
}

}  // namespace

Step ScriptRun::step(std::span<Reply> replies, Commands& next) {
  if (replies.empty()) {
    add(next, "EVALSHA", script_.sha1);
    return Step::send;
  }
  if (begins_with(replies[0], "NOSCRIPT")) {
    add(next, "EVAL", script_.text);
    return Step::send;
  }
  reply_ = std::move(replies[0]);
  return Step::done;
}

void ScriptRun::add(Commands& out, std::string_view command, std::string_view script) const {
  out.begin(command, kind_, argument_.empty() ? 3 : 4).arg(script).arg(1).key(key_);
  if (!argument_.empty()) {
    out.arg(argument_);
  }
}

base::Result<bool> Persist::result() {
  const Reply& reply = run_.reply();
  return reply.is_error() ? base::Result<bool>{failure_of(reply, "EVALSHA")}
                          : base::Result<bool>{reply.as_integer() > 0};
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
    next.begin("INCRBY", CommandKind::accumulating_write, 2).key(key_).arg(delta_);
    return Step::send;
  }
  reply_ = std::move(replies[0]);
  return Step::done;
}

base::Result<Increment> IncrementBy::result() {
  using Outcome = Increment::Outcome;
  if (reply_.is_nil()) {
    return Increment{.outcome = Outcome::missing, .message = {}};
  }
  const bool refused = begins_with(reply_, "ERR value is not an integer") ||
                       begins_with(reply_, "ERR increment or decrement would overflow");
  if (refused) {
    return Increment{.outcome = Outcome::not_an_integer, .message = reply_.as_text().substr(4)};
  }
  if (reply_.is_error()) {
    return failure_of(reply_, create_ ? "INCRBY" : "EVALSHA");
  }
  return Increment{.outcome = Outcome::counted, .value = reply_.as_integer(), .message = {}};
}

}  // namespace rediscache::cache
