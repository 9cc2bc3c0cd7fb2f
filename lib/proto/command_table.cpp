#include "proto/command_table.hpp"

#include <algorithm>
#include <array>

#include "proto/command_name.hpp"

namespace rediscache::proto {
namespace {

constexpr auto reads = std::to_array<std::string_view>({"BITCOUNT",
                                                        "BITPOS",
                                                        "DBSIZE",
                                                        "DUMP",
                                                        "ECHO",
                                                        "EVALSHA_RO",
                                                        "EVAL_RO",
                                                        "EXISTS",
                                                        "EXPIRETIME",
                                                        "GEODIST",
                                                        "GEOHASH",
                                                        "GEOPOS",
                                                        "GEOSEARCH",
                                                        "GET",
                                                        "GETBIT",
                                                        "GETRANGE",
                                                        "HEXISTS",
                                                        "HGET",
                                                        "HGETALL",
                                                        "HKEYS",
                                                        "HLEN",
                                                        "HMGET",
                                                        "HRANDFIELD",
                                                        "HSCAN",
                                                        "HSTRLEN",
                                                        "HVALS",
                                                        "INFO",
                                                        "KEYS",
                                                        "LCS",
                                                        "LINDEX",
                                                        "LLEN",
                                                        "LPOS",
                                                        "LRANGE",
                                                        "MEMORY",
                                                        "MGET",
                                                        "OBJECT",
                                                        "PEXPIRETIME",
                                                        "PFCOUNT",
                                                        "PING",
                                                        "PTTL",
                                                        "RANDOMKEY",
                                                        "SCAN",
                                                        "SCARD",
                                                        "SDIFF",
                                                        "SINTER",
                                                        "SINTERCARD",
                                                        "SISMEMBER",
                                                        "SMEMBERS",
                                                        "SMISMEMBER",
                                                        "SORT_RO",
                                                        "SRANDMEMBER",
                                                        "SSCAN",
                                                        "STRLEN",
                                                        "SUBSTR",
                                                        "SUNION",
                                                        "TIME",
                                                        "TTL",
                                                        "TYPE",
                                                        "XINFO",
                                                        "XLEN",
                                                        "XPENDING",
                                                        "XRANGE",
                                                        "XREVRANGE",
                                                        "ZCARD",
                                                        "ZCOUNT",
                                                        "ZDIFF",
                                                        "ZINTER",
                                                        "ZINTERCARD",
                                                        "ZLEXCOUNT",
                                                        "ZMSCORE",
                                                        "ZRANDMEMBER",
                                                        "ZRANGE",
                                                        "ZRANGEBYLEX",
                                                        "ZRANGEBYSCORE",
                                                        "ZRANK",
                                                        "ZREVRANGE",
                                                        "ZREVRANGEBYLEX",
                                                        "ZREVRANGEBYSCORE",
                                                        "ZREVRANK",
                                                        "ZSCAN",
                                                        "ZSCORE",
                                                        "ZUNION"});

// Those whose second answer is the first's. DEL, SADD and their like would answer that nothing changed.
constexpr auto idempotent_writes =
    std::to_array<std::string_view>({"HMSET", "LSET", "MSET", "PSETEX", "SETEX", "SETRANGE", "TOUCH"});
constexpr auto never_resent = std::to_array<std::string_view>({"FLUSHALL", "FLUSHDB"});

/// Beside those above: what does not change a connection either.
constexpr auto other_harmless = std::to_array<std::string_view>({"ACL",
                                                                 "APPEND",
                                                                 "BGREWRITEAOF",
                                                                 "BGSAVE",
                                                                 "BITFIELD",
                                                                 "BITFIELD_RO",
                                                                 "BITOP",
                                                                 "BLMOVE",
                                                                 "BLMPOP",
                                                                 "BLPOP",
                                                                 "BRPOP",
                                                                 "BRPOPLPUSH",
                                                                 "BZMPOP",
                                                                 "BZPOPMAX",
                                                                 "BZPOPMIN",
                                                                 "CLUSTER",
                                                                 "COMMAND",
                                                                 "CONFIG",
                                                                 "COPY",
                                                                 "DECR",
                                                                 "DECRBY",
                                                                 "DEL",
                                                                 "EVAL",
                                                                 "EVALSHA",
                                                                 "EXPIRE",
                                                                 "EXPIREAT",
                                                                 "FCALL",
                                                                 "FCALL_RO",
                                                                 "FUNCTION",
                                                                 "GEOADD",
                                                                 "GEORADIUS",
                                                                 "GEORADIUSBYMEMBER",
                                                                 "GEORADIUSBYMEMBER_RO",
                                                                 "GEORADIUS_RO",
                                                                 "GEOSEARCHSTORE",
                                                                 "GETDEL",
                                                                 "GETEX",
                                                                 "GETSET",
                                                                 "HDEL",
                                                                 "HINCRBY",
                                                                 "HINCRBYFLOAT",
                                                                 "HSET",
                                                                 "HSETNX",
                                                                 "INCR",
                                                                 "INCRBY",
                                                                 "INCRBYFLOAT",
                                                                 "LASTSAVE",
                                                                 "LATENCY",
                                                                 "LINSERT",
                                                                 "LMOVE",
                                                                 "LMPOP",
                                                                 "LOLWUT",
                                                                 "LPOP",
                                                                 "LPUSH",
                                                                 "LPUSHX",
                                                                 "LREM",
                                                                 "LTRIM",
                                                                 "MIGRATE",
                                                                 "MODULE",
                                                                 "MOVE",
                                                                 "MSETNX",
                                                                 "PERSIST",
                                                                 "PEXPIRE",
                                                                 "PEXPIREAT",
                                                                 "PFADD",
                                                                 "PFMERGE",
                                                                 "PUBLISH",
                                                                 "PUBSUB",
                                                                 "RENAME",
                                                                 "RENAMENX",
                                                                 "RESTORE",
                                                                 "ROLE",
                                                                 "RPOP",
                                                                 "RPOPLPUSH",
                                                                 "RPUSH",
                                                                 "RPUSHX",
                                                                 "SADD",
                                                                 "SDIFFSTORE",
                                                                 "SET",
                                                                 "SETBIT",
                                                                 "SETNX",
                                                                 "SINTERSTORE",
                                                                 "SLOWLOG",
                                                                 "SMOVE",
                                                                 "SORT",
                                                                 "SPOP",
                                                                 "SPUBLISH",
                                                                 "SREM",
                                                                 "SUNIONSTORE",
                                                                 "UNLINK",
                                                                 "WAIT",
                                                                 "WAITAOF",
                                                                 "XACK",
                                                                 "XADD",
                                                                 "XAUTOCLAIM",
                                                                 "XCLAIM",
                                                                 "XDEL",
                                                                 "XGROUP",
                                                                 "XREAD",
                                                                 "XREADGROUP",
                                                                 "XSETID",
                                                                 "XTRIM",
                                                                 "ZADD",
                                                                 "ZDIFFSTORE",
                                                                 "ZINCRBY",
                                                                 "ZINTERSTORE",
                                                                 "ZMPOP",
                                                                 "ZPOPMAX",
                                                                 "ZPOPMIN",
                                                                 "ZRANGESTORE",
                                                                 "ZREM",
                                                                 "ZREMRANGEBYLEX",
                                                                 "ZREMRANGEBYRANK",
                                                                 "ZREMRANGEBYSCORE",
                                                                 "ZUNIONSTORE"});

struct Refusal {
  std::string_view name;
  std::string_view instead;
};

constexpr std::string_view use_options = "set it in Options or in the URL, for all connections of the cache";
constexpr std::string_view use_pipeline = "use pipeline(), set_many with atomic, or a script";
constexpr std::string_view no_subscriptions = "use cache.subscribe(), which has one of its own";

constexpr auto refusals = std::to_array<Refusal>({{"SELECT", use_options},
                                                  {"AUTH", use_options},
                                                  {"HELLO", use_options},
                                                  {"MULTI", use_pipeline},
                                                  {"EXEC", use_pipeline},
                                                  {"DISCARD", use_pipeline},
                                                  {"WATCH", use_pipeline},
                                                  {"UNWATCH", use_pipeline},
                                                  {"SUBSCRIBE", no_subscriptions},
                                                  {"PSUBSCRIBE", no_subscriptions},
                                                  {"SSUBSCRIBE", no_subscriptions},
                                                  {"UNSUBSCRIBE", no_subscriptions},
                                                  {"PUNSUBSCRIBE", no_subscriptions},
                                                  {"SUNSUBSCRIBE", no_subscriptions},
                                                  {"MONITOR", "use redis-cli for it"},
                                                  {"QUIT", "use close()"},
                                                  {"RESET", "use close()"},
                                                  {"SYNC", "this is for replicas"},
                                                  {"REPLCONF", "this is for replicas"},
                                                  {"PSYNC", "this is for replicas"},
                                                  {"ASKING", "this is for clients of a cluster"},
                                                  {"READONLY", "this is for clients of a cluster"},
                                                  {"READWRITE", "this is for clients of a cluster"}});

}  // namespace

CommandKind kind_of(std::string_view name) noexcept {
  if (is_among(name, reads)) {
    return CommandKind::read;
  }
  if (is_among(name, never_resent)) {
    return CommandKind::never_again;
  }
  return is_among(name, idempotent_writes) ? CommandKind::idempotent_write : CommandKind::accumulating_write;
}

bool has_cursor(std::string_view name) noexcept {
  constexpr auto names = std::to_array<std::string_view>({"SCAN", "SSCAN", "HSCAN", "ZSCAN"});
  return !name.empty() && upper(name.back()) == 'N' && is_among(name, names);
}

bool answers_at_length(std::string_view name) noexcept {
  constexpr auto names = std::to_array<std::string_view>(
      {"BLMOVE",   "BLMPOP",     "BLPOP",      "BRPOP",         "BRPOPLPUSH",  "BZMPOP",
       "BZPOPMAX", "BZPOPMIN",   "DUMP",       "FLUSHALL",      "FLUSHDB",     "HGETALL",
       "HKEYS",    "HSCAN",      "HVALS",      "KEYS",          "LRANGE",      "RESTORE",
       "SCAN",     "SDIFF",      "SDIFFSTORE", "SINTER",        "SINTERSTORE", "SMEMBERS",
       "SORT",     "SSCAN",      "SUNION",     "SUNIONSTORE",   "WAIT",        "WAITAOF",
       "XREAD",    "XREADGROUP", "ZRANGE",     "ZRANGEBYSCORE", "ZREVRANGE",   "ZREVRANGEBYSCORE",
       "ZSCAN"});
  return is_among(name, names);
}

bool leaves_connection_alone(std::string_view name, std::span<const std::string_view> arguments) noexcept {
  constexpr auto of_client =
      std::to_array<std::string_view>({"GETNAME", "GETREDIR", "HELP", "ID", "INFO", "KILL", "LIST", "PAUSE",
                                       "TRACKINGINFO", "UNBLOCK", "UNPAUSE"});
  constexpr auto of_script = std::to_array<std::string_view>({"EXISTS", "FLUSH", "HELP", "KILL", "LOAD"});
  if (same_name(name, "CLIENT")) {
    return !arguments.empty() && is_among(arguments.front(), of_client);
  }
  if (same_name(name, "SCRIPT")) {
    return !arguments.empty() && is_among(arguments.front(), of_script);
  }
  return is_among(name, reads) || is_among(name, idempotent_writes) || is_among(name, never_resent) ||
         is_among(name, other_harmless);
}

std::optional<std::string> refused(std::string_view name, std::span<const std::string_view> arguments) {
  const auto why = [&](std::string_view what, std::string_view instead) {
    return std::string{what} + " would change a connection that other calls share; " + std::string{instead};
  };
  const auto found = std::find_if(refusals.begin(), refusals.end(),
                                  [&](const Refusal& refusal) { return same_name(name, refusal.name); });
  if (found != refusals.end()) {
    return why(found->name, found->instead);
  }
  constexpr std::array<std::string_view, 7> of_client{"REPLY",    "TRACKING", "CACHING", "SETNAME",
                                                      "NO-EVICT", "NO-TOUCH", "SETINFO"};
  if (same_name(name, "SCRIPT") && !arguments.empty() && same_name(arguments.front(), "DEBUG")) {
    return why("SCRIPT DEBUG", "use redis-cli --ldb");
  }
  if (same_name(name, "CLIENT") && !arguments.empty() && is_among(arguments.front(), of_client)) {
    return why("CLIENT " + std::string{arguments.front()}, "leave it to the cache");
  }
  return std::nullopt;
}

}  // namespace rediscache::proto
