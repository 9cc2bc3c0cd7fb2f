#include "proto/key_places.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "proto/command_name.hpp"

namespace rediscache::proto {
namespace {

constexpr auto without_keys = std::to_array<std::string_view>(
    {"ACL",     "BGREWRITEAOF", "BGSAVE",    "CLIENT",  "CLUSTER",  "COMMAND",  "CONFIG",  "DBSIZE",
     "DEBUG",   "DISCARD",      "ECHO",      "EXEC",    "FAILOVER", "FLUSHALL", "FLUSHDB", "FUNCTION",
     "INFO",    "KEYS",         "LASTSAVE",  "LATENCY", "LOLWUT",   "MODULE",   "MULTI",   "PING",
     "PUBSUB",  "RANDOMKEY",    "REPLICAOF", "ROLE",    "SAVE",     "SCAN",     "SCRIPT",  "SHUTDOWN",
     "SLAVEOF", "SLOWLOG",      "SWAPDB",    "TIME",    "UNWATCH",  "WAIT",     "WAITAOF"});
constexpr auto all_are_keys = std::to_array<std::string_view>(
    {"DEL", "EXISTS", "MGET", "PFCOUNT", "PFMERGE", "SDIFF", "SDIFFSTORE", "SINTER", "SINTERSTORE", "SUNION",
     "SUNIONSTORE", "TOUCH", "UNLINK", "WATCH"});
constexpr auto two_keys =
    std::to_array<std::string_view>({"COPY", "GEOSEARCHSTORE", "LMOVE", "BLMOVE", "BRPOPLPUSH", "RENAME",
                                     "RENAMENX", "RPOPLPUSH", "SMOVE", "ZRANGESTORE"});
constexpr auto pairs = std::to_array<std::string_view>({"MSET", "MSETNX"});
constexpr auto counted_first = std::to_array<std::string_view>(
    {"LMPOP", "SINTERCARD", "ZDIFF", "ZINTER", "ZINTERCARD", "ZMPOP", "ZUNION"});
constexpr auto counted_second =
    std::to_array<std::string_view>({"EVAL", "EVALSHA", "EVALSHA_RO", "EVAL_RO", "FCALL", "FCALL_RO"});
constexpr auto after_subcommand = std::to_array<std::string_view>({"MEMORY", "OBJECT", "XGROUP", "XINFO"});

/// As many keys as the argument before them says.
KeyPlaces counted(std::span<const std::string_view> arguments, std::size_t at) noexcept {
  std::size_t count = 0;
  if (at < arguments.size()) {
    const std::string_view text = arguments[at];
    static_cast<void>(std::from_chars(text.data(), text.data() + text.size(), count));
  }
  return {.first = at + 1, .count = std::min(count, arguments.size() - std::min(arguments.size(), at + 1))};
}

}  // namespace

KeyPlaces key_places(std::string_view name, std::span<const std::string_view> arguments) noexcept {
  const std::size_t size = arguments.size();
  if (size == 0 || is_among(name, without_keys)) {
    return {};
  }
  if (is_among(name, all_are_keys)) {
    return {.count = size};
  }
  if (is_among(name, two_keys)) {
    return {.count = std::min<std::size_t>(size, 2)};
  }
  if (is_among(name, pairs)) {
    return {.count = (size + 1) / 2, .step = 2};
  }
  if (is_among(name, counted_first)) {
    return counted(arguments, 0);
  }
  if (is_among(name, counted_second)) {
    return counted(arguments, 1);
  }
  if (is_among(name, after_subcommand)) {
    return {.first = 1, .count = size > 1 ? 1U : 0U};
  }
  return {.count = 1};
}

}  // namespace rediscache::proto
