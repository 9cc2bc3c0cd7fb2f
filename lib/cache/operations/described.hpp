// The operation behind all calls on sets, hashes, sorted sets and lists: what they send and how their replies
// are read stands in their public headers.
#pragma once

#include <span>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/detail/call.hpp>
#include <rediscache/reply.hpp>

#include "cache/core.hpp"

namespace rediscache::cache {

/// The key or name that a call is about, as its caller gave it: the first one.
[[nodiscard]] std::string_view key_of(const detail::Call& call) noexcept;
/// Whether one of its lists is empty, so that there is nothing to ask.
[[nodiscard]] bool asks_nothing(const detail::Call& call) noexcept;
/// Adds the command. EncodeError for a value that cannot be stored, InvalidArgument for NaN as a score.
void build_call(const Core& core, const detail::Call& call, Commands& out);

/// Runs a call that was described. The result is false when omitted; otherwise `read` has filled `result`.
struct Described {
  using Result = bool;
  const Core& core;
  const detail::Call& call;
  detail::ReadReply read_reply;
  void* result;

  void build(Commands& out) const { build_call(core, call, out); }
  [[nodiscard]] bool read(std::span<Reply> replies) const {
    read_reply(replies[0], detail::Decoder{core, key_of(call)}, result);
    return true;
  }
  static bool omitted() { return false; }
};

}  // namespace rediscache::cache
