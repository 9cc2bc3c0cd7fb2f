// Whether a call was answered only in form.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "proto/error_reply.hpp"

namespace rediscache::client {

/// The failure behind replies that all say "not now". A single other reply, and the call has been answered.
[[nodiscard]] inline std::optional<Failure> not_now(const Commands& commands,
                                                    std::span<const Reply> replies) {
  const bool all = !replies.empty() && std::all_of(replies.begin(), replies.end(), [](const Reply& reply) {
    return reply.is_error() && proto::says_not_now(reply.as_text());
  });
  if (!all) {
    return std::nullopt;
  }
  Failure failure = proto::failure_of_reply(replies.front().as_text());
  failure.command = commands.name(0);
  return failure;
}

}  // namespace rediscache::client
