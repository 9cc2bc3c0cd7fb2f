// How calls on sets, hashes, sorted sets and lists may be written, what they give back, and how not to write
// them.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <rediscache/rediscache.hpp>

namespace rediscache::spelling {
namespace {

using Strings = std::vector<std::string>;
using Numbers = std::vector<int>;

// What a call gives back, without calling it; queued, it is the same with Pending around it.
#define RETURNS(expression, ...)                                                                \
  static_assert(std::is_same_v<decltype(std::declval<RedisCache&>().expression), __VA_ARGS__>); \
  static_assert(std::is_same_v<decltype(std::declval<Pipeline&>().expression), Pending<__VA_ARGS__>>)

RETURNS(sadd("s", 1), std::int64_t);
RETURNS(sadd("s", "text"), std::int64_t);
RETURNS(sadd("s", {1, 2}), std::int64_t);
RETURNS(sadd("s", {"a", "b"}), std::int64_t);
RETURNS(sadd("s", Strings{}), std::int64_t);
RETURNS(sadd("s", Numbers{}, {.version = 2}), std::int64_t);
RETURNS(sismember("s", "a"), bool);
RETURNS(smismember("s", {1, 2}), std::vector<bool>);
RETURNS(smembers<int>("s"), Numbers);
RETURNS(smembers<std::string>("s", {.version = 2}), Strings);
RETURNS(spop<int>("s"), std::optional<int>);
RETURNS(spop<int>("s", 2), Numbers);
RETURNS(spop<int>("s", 2U), Numbers);
RETURNS(sinter<int>({"a", "b"}), Numbers);
RETURNS(sinter<int>("a"), Numbers);
RETURNS(sinter<int>(Strings{}), Numbers);
RETURNS(sunionstore("d", {"a", "b"}, {.version = 2, .version_dest = 3}), std::int64_t);

RETURNS(hset("h", "f", 1), std::int64_t);
RETURNS(hget<int>("h", "f"), std::optional<int>);
RETURNS(hdel("h", {"f", "g"}), std::int64_t);
RETURNS(hkeys("h"), Strings);
RETURNS(hincrby("h", "f", 2), Counter);

RETURNS(zadd("z", {{"a", 1}, {"b", 0.5}}), ZaddResult);
RETURNS(zadd("z", {{"a", 1}}, {.nx = true, .ch = true}), ZaddResult);
RETURNS(zrange<int>("z", 0, -1), Numbers);
RETURNS(zrange<Scored<std::string>>("z", 0, -1, {.desc = true}), std::vector<Scored<std::string>>);
RETURNS(zrangebyscore<int>("z", 1, 2.5), Numbers);
RETURNS(zrangebyscore<int>("z", "(1", "+inf"), Numbers);
RETURNS(zcount("z", "-inf", 5), std::int64_t);
RETURNS(zscore("z", "a"), std::optional<double>);
RETURNS(zpopmax<int>("z"), std::optional<Scored<int>>);
RETURNS(zpopmin<int>("z", 3), std::vector<Scored<int>>);

RETURNS(lpush("l", {1, 2}), std::int64_t);
RETURNS(rpush("l", "text"), std::int64_t);
RETURNS(lpop<int>("l"), std::optional<int>);
RETURNS(lpop<int>("l", 2), Numbers);
RETURNS(lrange<std::string>("l", 0, -1), Strings);

// And how not.
template <class T>
concept can_add_member = requires(RedisCache& cache, T member) { cache.sadd("s", member); };
template <class T>
concept can_look_for = requires(RedisCache& cache, T member) { cache.sismember("s", member); };
template <class T>
concept can_read_members = requires(RedisCache& cache) { cache.smembers<T>("s"); };
template <class T>
concept can_read_scored = requires(RedisCache& cache) { cache.zrange<T>("z", 0, -1); };
template <class T>
concept can_pop_so_many = requires(RedisCache& cache, T count) { cache.spop<int>("s", count); };
template <class T>
concept can_bound_by = requires(RedisCache& cache, T bound) { cache.zcount("z", bound, bound); };

// The concepts themselves work.
static_assert(can_add_member<int> && can_look_for<int> && can_read_members<int> && can_read_scored<int> &&
              can_pop_so_many<int> && can_bound_by<int>);

// Scores come with whatever can be read, and with nothing else.
static_assert(can_read_scored<Scored<int>> && can_read_scored<Scored<std::string>>);
static_assert(!can_read_scored<Scored<char>> && !can_read_scored<Scored<std::string_view>> &&
              !can_read_scored<Scored<Scored<int>>>);

static_assert(!can_add_member<char> && !can_look_for<char>);
static_assert(!can_add_member<int*> && !can_look_for<int*>);
static_assert(!can_add_member<std::unique_ptr<int>> && !can_look_for<std::unique_ptr<int>>);
static_assert(!can_look_for<long double>);
static_assert(!can_read_members<std::string_view>);
static_assert(!can_read_members<const char*>);
static_assert(!can_read_members<int&>);
static_assert(!can_read_members<void>);
static_assert(!can_read_members<Scored<int>>);  // a set has no scores
static_assert(!can_pop_so_many<double>);
static_assert(!can_pop_so_many<bool>);
static_assert(!can_pop_so_many<std::string>);
static_assert(!can_bound_by<std::nullptr_t>);
static_assert(!can_bound_by<void*>);

}  // namespace
}  // namespace rediscache::spelling
