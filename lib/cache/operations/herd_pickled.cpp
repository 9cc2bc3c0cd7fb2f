#include "cache/operations/herd_pickled.hpp"

#include <algorithm>
#include <utility>

#include <rediscache/error.hpp>

#include "cache/operations/entries.hpp"

namespace rediscache::cache {
namespace {

// A replica may be behind what is to be changed.
void get_from_primary(Commands& out, std::string_view key) {
  out.begin("GET", CommandKind::idempotent_write, 1).key(key);
}

bool is_no_text(const Reply& reply) {
  return reply.is_error() && reply.as_text().starts_with("WRONGTYPE");
}

std::string last_byte(const StoredForm& form) {
  const auto beginning = form.beginning();
  return beginning ? std::to_string(*beginning - 1) : "-1";
}

std::vector<std::string> arguments_of(std::string old, std::string_view stored, std::string_view command,
                                      const std::string& argument) {
  const auto differ = std::ranges::mismatch(old, stored).in1;
  const auto same = static_cast<std::size_t>(differ - old.begin());
  return {std::move(old), std::to_string(same), std::string{stored.substr(same)}, std::string{command},
          argument};
}

}  // namespace

HerdReplacement::HerdReplacement(CommandKind kind, std::string_view key, std::string old,
                                 std::string_view stored, std::string_view command,
                                 const std::string& argument)
    : run_{herd_replace_script, kind, key, arguments_of(std::move(old), stored, command, argument),
           // Once it may have been run, an entry that has changed is as good as one changed right after it.
           kind == CommandKind::idempotent_write ? ScriptReply::changes : ScriptReply::as_it_is} {}

void PickledExpire::look(Commands& next) {
  replacement_.reset();
  looked_ = true;
  get_from_primary(next, key_);
}

Step PickledExpire::step(std::span<Reply> replies, Commands& next) {
  if (replies.empty()) {
    look(next);
    return Step::send;
  }
  if (replacement_) {
    if (replacement_->step(replies, next) == Step::send) {
      return Step::send;
    }
    if (replacement_->reply().is_nil()) {  // somebody else was faster
      look(next);
      return Step::send;
    }
    reply_ = replacement_->reply();
    return Step::done;
  }
  if (std::exchange(looked_, false)) {
    return change(replies[0], next);
  }
  reply_ = std::move(replies[0]);
  return Step::done;
}

Step PickledExpire::change(Reply& found, Commands& next) {
  if (found.is_nil() || (found.is_error() && !is_no_text(found))) {
    reply_ = std::move(found);
    return Step::done;
  }
  if (!found.is_error()) {
    std::string old = found.take_text();
    if (const std::optional<std::string> stored = form_->with_end(name_, old, change_.over)) {
      replacement_.emplace(CommandKind::idempotent_write, key_, std::move(old), *stored, change_.command,
                           std::to_string(change_.kept));
      return replacement_->step({}, next);
    }
  }
  if (change_.command == "PERSIST") {
    RemoveExpiry{key_}.build(next);
  } else {
    Expire{key_, std::chrono::milliseconds{change_.time}, change_.command}.build(next);
  }
  return Step::send;
}

base::Result<bool> PickledExpire::result() const {
  if (reply_.is_error()) {
    return failure_of(reply_, change_.command);
  }
  return !reply_.is_nil() && (change_.tells_there || reply_.as_integer() > 0);
}

Step PickledAdd::add(Commands& next) {
  replacement_.reset();
  state_ = State::adding;
  build_set(next, key_, stored_, kept_, Condition::absent, true);
  return Step::send;
}

Step PickledAdd::done(bool added) {
  added_ = added;
  return Step::done;
}

Step PickledAdd::step(std::span<Reply> replies, Commands& next) {
  if (replies.empty()) {
    return add(next);
  }
  if (state_ == State::replacing) {
    if (replacement_->step(replies, next) == Step::send) {
      return Step::send;
    }
    if (replacement_->reply().is_error()) {
      error_ = replacement_->reply();
      return done(false);
    }
    return replacement_->reply().is_nil() ? add(next) : done(true);
  }
  Reply& reply = replies[0];
  if (reply.is_error()) {
    error_ = is_no_text(reply) ? Reply{} : std::move(reply);
    return done(false);
  }
  if (state_ == State::adding) {
    if (!reply.is_nil()) {
      return done(true);
    }
    state_ = State::looking;
    get_from_primary(next, key_);
    return Step::send;
  }
  if (reply.is_nil()) {  // it has gone meanwhile
    return add(next);
  }
  std::string old = reply.take_text();
  if (!form_->is_over(old)) {
    return done(false);
  }
  state_ = State::replacing;
  // Run again, it would find the entry that it added, and add nothing.
  replacement_.emplace(CommandKind::accumulating_write, key_, std::move(old), stored_,
                       kept_.is_never() ? "PERSIST" : "PEXPIRE",
                       kept_.is_never() ? "" : std::to_string(kept_.time().count()));
  return replacement_->step({}, next);
}

base::Result<bool> PickledAdd::result() const {
  return error_.is_error() ? base::Result<bool>{failure_of(error_, "SET")} : base::Result<bool>{added_};
}

PickledLife::PickledLife(const StoredForm& form, std::string_view key)
    : form_{&form}, key_{key}, run_{herd_look_script, CommandKind::read, key, {last_byte(form)}} {}

void PickledLife::build(Commands& out) const {
  herd_look_script.add_eval(out, CommandKind::read, key_, last_byte(*form_));
}

base::Result<Pttl> PickledLife::result() const {
  Reply reply = run_.reply();
  return reply.is_error() ? base::Result<Pttl>{failure_of(reply, "EVALSHA")} : read(*form_, reply);
}

Pttl PickledLife::read(const StoredForm& form, Reply& reply) {
  std::vector<Reply>& parts = reply.as_array();
  if (parts.size() != 2) {
    throw ValueError{"the script answered with another number of parts than it has"};
  }
  const Pttl left = RemainingLife::read({parts.data(), 1});
  const std::optional<std::chrono::milliseconds> kept = left.remaining();
  if (!kept || !form.has_end(parts[1].as_text())) {
    return left;
  }
  return Pttl::of(std::max(*kept - form.herd()->herd_timeout(), std::chrono::milliseconds{0}));
}

}  // namespace rediscache::cache
