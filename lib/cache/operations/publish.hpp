// Sending a message to whoever is subscribed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

namespace rediscache::cache {

/// How many got it.
struct Publish {
  using Result = std::int64_t;
  std::string_view command;  ///< PUBLISH, or SPUBLISH
  std::string_view channel;
  std::string_view payload;

  void build(Commands& out) const {
    // Sent twice it would be received twice. The channel stands for a key: it tells the shard.
    out.begin(command, CommandKind::accumulating_write, 2).key(channel).in_place(payload);
  }
  static std::int64_t read(std::span<Reply> replies) { return replies[0].as_integer(); }
  static std::int64_t omitted() { return 0; }
};

}  // namespace rediscache::cache
