#include "client/resend.hpp"

#include <cstdint>
#include <utility>

#include "proto/command_name.hpp"
#include "proto/command_table.hpp"

namespace rediscache::client {

void Resend::collect() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    all_replies_[places_[i]] = std::move(some_replies_[i]);
  }
}

bool Resend::narrow(const proto::Refusals& refusals) {
  if (refusals.all) {
    return true;  // in part, it is what it was
  }
  if (proto::same_name(all_.name(0), "MULTI")) {
    return false;
  }
  if (refusals.is_wrong_server) {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (proto::has_cursor(all_.name(i))) {
        return false;  // which means nothing to another server
      }
    }
  }
  std::vector<std::size_t> places;
  for (std::size_t i = refusals.first; i < all_.size(); ++i) {
    if (all_.kind(i) == CommandKind::read || proto::is_refusal(all_replies_[i])) {
      places.push_back(i);
    }
  }
  some_.emplace();
  for (const std::size_t place : places) {
    some_->append(all_, place);
  }
  places_ = std::move(places);
  some_replies_.assign(places_.size(), Reply{});
  return true;
}

void Resend::give_up() noexcept {
  for (const std::size_t place : places_) {
    all_replies_[place].set_unanswered();
  }
}

std::size_t presume_done(const Commands& commands, std::span<Reply> replies) noexcept {
  std::size_t presumed = 0;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const std::size_t changes = commands.changes_at_most(i);
    Reply& reply = replies[i];
    const bool nothing_changed =
        reply.is_nil() || (reply.type() == Reply::Type::integer && reply.as_integer() == 0);
    if (changes > 0 && nothing_changed) {
      reply.set_integer(static_cast<std::int64_t>(changes));
      ++presumed;
    }
  }
  return presumed;
}

}  // namespace rediscache::client
