// Every call on sets, hashes, sorted sets and lists, with what happens when it is sent twice and what it
// gives when it is omitted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rediscache/rediscache.hpp>

namespace rediscache::test {

struct StructureCall {
  std::string_view name;
  CommandKind kind;
  /// Makes the call. True when its result is the one documented as omitted.
  bool (*omitted)(RedisCache& cache);
};

[[nodiscard]] inline const std::vector<StructureCall>& every_structure_call() {
  using enum CommandKind;
  using Cache = RedisCache;
  static const std::vector<StructureCall> calls{
      {"sadd", accumulating_write, [](Cache& cache) { return cache.sadd("s", {1, 9}) == 0; }},
      {"srem", accumulating_write, [](Cache& cache) { return cache.srem("s", 1) == 0; }},
      {"scard", read, [](Cache& cache) { return cache.scard("s") == 0; }},
      {"sismember", read, [](Cache& cache) { return !cache.sismember("s", 1); }},
      {"smismember", read, [](Cache& cache) { return cache.smismember("s", {1, 2}).empty(); }},
      {"smembers", read, [](Cache& cache) { return cache.smembers<int>("s").empty(); }},
      {"smove", accumulating_write, [](Cache& cache) { return !cache.smove("s", "t", 1); }},
      {"spop", accumulating_write, [](Cache& cache) { return !cache.spop<int>("s"); }},
      {"spop many", accumulating_write, [](Cache& cache) { return cache.spop<int>("s", 2).empty(); }},
      {"srandmember", read, [](Cache& cache) { return !cache.srandmember<int>("s"); }},
      {"srandmember many", read, [](Cache& cache) { return cache.srandmember<int>("s", 2).empty(); }},
      {"sdiff", read, [](Cache& cache) { return cache.sdiff<int>({"s", "t"}).empty(); }},
      {"sinter", read, [](Cache& cache) { return cache.sinter<int>({"s", "s"}).empty(); }},
      {"sunion", read, [](Cache& cache) { return cache.sunion<int>({"s", "t"}).empty(); }},
      {"sdiffstore", accumulating_write, [](Cache& cache) { return cache.sdiffstore("u", {"s", "t"}) == 0; }},
      {"sinterstore", idempotent_write, [](Cache& cache) { return cache.sinterstore("u", {"s", "s"}) == 0; }},
      {"sunionstore", idempotent_write, [](Cache& cache) { return cache.sunionstore("u", {"s", "t"}) == 0; }},
      {"sscan", read, [](Cache& cache) { return cache.sscan<int>("s").empty(); }},
      {"sscan_iter", read,
       [](Cache& cache) {
         auto scan = cache.sscan_iter<int>("s");
         return scan.begin() == scan.end() && !scan.complete();
       }},

      {"hset", idempotent_write, [](Cache& cache) { return cache.hset("h", "new", 1) == 0; }},
      {"hdel", idempotent_write, [](Cache& cache) { return cache.hdel("h", "f") == 0; }},
      {"hlen", read, [](Cache& cache) { return cache.hlen("h") == 0; }},
      {"hkeys", read, [](Cache& cache) { return cache.hkeys("h").empty(); }},
      {"hexists", read, [](Cache& cache) { return !cache.hexists("h", "f"); }},
      {"hget", read, [](Cache& cache) { return !cache.hget<int>("h", "f"); }},
      {"hmget", read, [](Cache& cache) { return cache.hmget<int>("h", {"f", "g"}).empty(); }},
      {"hgetall", read, [](Cache& cache) { return cache.hgetall<int>("h").empty(); }},
      {"hincrby", accumulating_write, [](Cache& cache) { return cache.hincrby("h", "f").omitted(); }},
      {"hscan_iter", read,
       [](Cache& cache) {
         auto scan = cache.hscan_iter<int>("h");
         return scan.begin() == scan.end() && !scan.complete();
       }},

      {"zadd", accumulating_write, [](Cache& cache) { return cache.zadd("z", {{"new", 1}}) == 0; }},
      {"zadd xx", accumulating_write,
       [](Cache& cache) { return cache.zadd("z", {{"a", 9}}, {.xx = true, .ch = true}) == 0; }},
      {"zadd nx", accumulating_write,
       [](Cache& cache) { return cache.zadd("z", {{"new", 1}}, {.nx = true}) == 0; }},
      {"zadd incr", accumulating_write,
       [](Cache& cache) { return !cache.zadd("z", {{"a", 1}}, {.incr = true}).score(); }},
      {"zincrby", accumulating_write, [](Cache& cache) { return cache.zincrby("z", 1, "a").omitted(); }},
      {"zrem", accumulating_write, [](Cache& cache) { return cache.zrem("z", "a") == 0; }},
      {"zremrangebyscore", accumulating_write,
       [](Cache& cache) { return cache.zremrangebyscore("z", 0, 9) == 0; }},
      {"zcard", read, [](Cache& cache) { return cache.zcard("z") == 0; }},
      {"zcount", read, [](Cache& cache) { return cache.zcount("z", "-inf", "+inf") == 0; }},
      {"zscore", read, [](Cache& cache) { return !cache.zscore("z", "a"); }},
      {"zmscore", read, [](Cache& cache) { return cache.zmscore("z", {"a", "b"}).empty(); }},
      {"zrank", read, [](Cache& cache) { return !cache.zrank("z", "a"); }},
      {"zrevrank", read, [](Cache& cache) { return !cache.zrevrank("z", "a"); }},
      {"zrange", read, [](Cache& cache) { return cache.zrange<std::string>("z", 0, -1).empty(); }},
      {"zrevrange", read, [](Cache& cache) { return cache.zrevrange<std::string>("z", 0, -1).empty(); }},
      {"zrangebyscore", read,
       [](Cache& cache) { return cache.zrangebyscore<std::string>("z", 0, 9).empty(); }},
      {"zrevrangebyscore", read,
       [](Cache& cache) { return cache.zrevrangebyscore<Scored<std::string>>("z", 9, 0).empty(); }},
      {"zpopmax", accumulating_write, [](Cache& cache) { return !cache.zpopmax<std::string>("z"); }},
      {"zpopmax many", accumulating_write,
       [](Cache& cache) { return cache.zpopmax<std::string>("z", 1).empty(); }},
      {"zpopmin", accumulating_write, [](Cache& cache) { return !cache.zpopmin<std::string>("z"); }},
      {"zpopmin many", accumulating_write,
       [](Cache& cache) { return cache.zpopmin<std::string>("z", 1).empty(); }},

      {"lpush", accumulating_write, [](Cache& cache) { return cache.lpush("l", {1, 2}) == 0; }},
      {"rpush", accumulating_write, [](Cache& cache) { return cache.rpush("l", 1) == 0; }},
      {"lpop", accumulating_write, [](Cache& cache) { return !cache.lpop<int>("l"); }},
      {"lpop many", accumulating_write, [](Cache& cache) { return cache.lpop<int>("l", 2).empty(); }},
      {"rpop", accumulating_write, [](Cache& cache) { return !cache.rpop<int>("l"); }},
      {"rpop many", accumulating_write, [](Cache& cache) { return cache.rpop<int>("l", 2).empty(); }},
      {"llen", read, [](Cache& cache) { return cache.llen("l") == 0; }},
      {"lrange", read, [](Cache& cache) { return cache.lrange<int>("l", 0, -1).empty(); }},
      {"lindex", read, [](Cache& cache) { return !cache.lindex<int>("l", 0); }},
      {"lset", idempotent_write, [](Cache& cache) { return !cache.lset("l", 0, 5); }},
      {"lrem", accumulating_write, [](Cache& cache) { return cache.lrem("l", 1, 1) == 0; }},
      {"lrem all", accumulating_write, [](Cache& cache) { return cache.lrem("l", 0, 1) == 0; }},
      {"ltrim", accumulating_write, [](Cache& cache) { return !cache.ltrim("l", 0, 0); }},
  };
  return calls;
}

/// What these calls are about, so that each of them gives something else than when it is omitted.
inline void prepare_structures(RedisCache& cache) {
  cache.delete_many({"s", "t", "u", "z", "l"});
  cache.execute("DEL", "h");
  cache.sadd("s", {1, 2});
  cache.sadd("t", 3);
  cache.hset("h", "f", 1);
  cache.zadd("z", {{"a", 1}, {"b", 2}});
  cache.rpush("l", {1, 2});
}

}  // namespace rediscache::test
