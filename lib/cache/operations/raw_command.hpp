// Any command, as the caller spells it.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

namespace rediscache::cache {

/// `command` is split at its spaces: "CONFIG GET" is one word and the first argument. Throws InvalidArgument
/// for what no connection of a cache may be told, and for a command that would block for ever.
class RawCommand {
 public:
  using Result = std::optional<Reply>;

  RawCommand(std::string_view command, std::span<const std::string_view> arguments);

  void build(Commands& out) const;
  /// Of several commands the last one is the caller's.
  static Result read(std::span<Reply> replies) { return std::move(replies.back()); }
  static Result omitted() { return std::nullopt; }

 private:
  std::vector<std::string_view> words_;  // the name, and the arguments
  std::chrono::milliseconds blocking_time_{0};
};

}  // namespace rediscache::cache
