#include "proto/refusals.hpp"

#include <algorithm>
#include <string_view>

#include "proto/command_name.hpp"
#include "proto/error_reply.hpp"

namespace rediscache::proto {
namespace {

bool is_transaction(const Commands& commands) noexcept {
  return commands.size() > 1 && same_name(commands.name(0), "MULTI");
}

/// MULTI itself was accepted, so that what followed was only queued.
bool was_discarded(std::span<const Reply> replies) noexcept {
  return !replies.front().is_error() && replies.back().is_error();
}

}  // namespace

bool is_refusal(const Reply& reply) noexcept {
  return reply.is_error() && says_not_now(reply.as_text());
}

const Reply& reason_of_abort(std::span<const Reply> queued, const Reply& executed) noexcept {
  const auto reason =
      std::find_if(queued.begin(), queued.end(), [](const Reply& reply) { return reply.is_error(); });
  return reason == queued.end() ? executed : *reason;
}

Refusals refusals_among(const Commands& commands, std::span<const Reply> replies) noexcept {
  Refusals found;
  const auto first = std::find_if(replies.begin(), replies.end(), is_refusal);
  if (first == replies.end()) [[likely]] {
    return found;
  }
  found.first = static_cast<std::size_t>(first - replies.begin());
  found.is_wrong_server = std::any_of(first, replies.end(), [](const Reply& reply) {
    return reply.is_error() && says_wrong_server(reply.as_text());
  });
  found.all = is_transaction(commands) ? was_discarded(replies)
                                       : std::all_of(replies.begin(), replies.end(), is_refusal);
  return found;
}

Failure Refusals::failure(const Commands& commands, std::span<const Reply> replies) const {
  Failure failure = failure_of_reply(replies[first].as_text());
  failure.command = commands.name(first);
  return failure;
}

}  // namespace rediscache::proto
