#include "cache/operations/permits.hpp"

#include "cache/operations/fencing.hpp"

namespace rediscache::cache {
namespace {

/// How long who waits to hold it alone keeps others out after it last asked. It asks about once a second.
constexpr std::string_view mark_time_ms = "3000";

// Forgets whose time is over, and lets the member in if there is room: nobody else for one that is to be
// alone; less than the capacity, nobody alone and nobody waiting for that for others. ARGV: member, life or
// 0, the key of the last fencing token, the mark, capacity, how long to keep others out by the mark or 0.
constexpr std::string_view take_permit{
    "local time = redis.call('TIME') "
    "local now = math.floor(time[1] * 1000 + time[2] / 1000) "
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. now) "
    "local alone = string.sub(ARGV[1], 1, 1) == 'x' "
    "local held = redis.call('ZCARD', KEYS[1]) "
    "local first = redis.call('ZRANGE', KEYS[1], '0', '0', 'WITHSCORES') "
    "local fence = redis.call('GET', ARGV[3]) "
    "if redis.call('ZSCORE', KEYS[1], ARGV[1]) then "
    "if ARGV[2] ~= '0' then redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) end "
    "else "
    "local free "
    "if alone then free = held == 0 "
    "else free = held < tonumber(ARGV[5]) and (held == 0 or string.sub(first[1], 1, 1) ~= 'x') "
    "and redis.call('EXISTS', ARGV[4]) == 0 end "
    "if not free then "
    "if alone and ARGV[6] ~= '0' then redis.call('SET', ARGV[4], ARGV[1], 'PX', ARGV[6]) end "
    "if held == 0 then return {0, redis.call('PTTL', ARGV[4]), 'rc:waiting'} end "
    "local ends = first[2] "
    "if alone then ends = redis.call('ZREVRANGE', KEYS[1], '0', '0', 'WITHSCORES')[2] end "
    "return {0, ends == 'inf' and -1 or ends - now + 1, string.sub(first[1], 2)} "
    "end "
    "redis.call('ZADD', KEYS[1], ARGV[2] ~= '0' and now + ARGV[2] or 'inf', ARGV[1]) "
    "if alone then redis.call('DEL', ARGV[4]) end "
    "end "};
// The key goes with the last of its holders.
constexpr std::string_view expire_with_last{
    "local ends_last = redis.call('ZREVRANGE', KEYS[1], '0', '0', 'WITHSCORES')[2] "
    "if ends_last == 'inf' then redis.call('PERSIST', KEYS[1]) "
    "else redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', tonumber(ends_last))) end "};
constexpr std::string_view answer_of_permit{
    "if failure then redis.call('ZREM', KEYS[1], ARGV[1]) return failure end "
    "return fence"};

// What a member that was lost is told: 0 when it is just gone, -1 when others have taken what it held. ARGV:
// member, capacity.
constexpr std::string_view find_permit{
    "local time = redis.call('TIME') "
    "local now = math.floor(time[1] * 1000 + time[2] / 1000) "
    "local ends = redis.call('ZSCORE', KEYS[1], ARGV[1]) "
    "if not ends or (ends ~= 'inf' and tonumber(ends) < now) then "
    "redis.call('ZREM', KEYS[1], ARGV[1]) "
    "local held = redis.call('ZCOUNT', KEYS[1], now, '+inf') "
    "if held == 0 then return 0 end "
    "if string.sub(ARGV[1], 1, 1) == 'x' or held >= tonumber(ARGV[2]) then return -1 end "
    "return string.sub(redis.call('ZREVRANGE', KEYS[1], '0', '0')[1], 1, 1) == 'x' and -1 or 0 "
    "end "};

// Lets go, and tells who waits: who has left a mark, when nobody holds anything now; all, of one that was
// alone; else any one. 1, or what find_permit says. ARGV further: channel, mark.
constexpr std::string_view release_permit{
    "redis.call('ZREM', KEYS[1], ARGV[1]) "
    "local mark = redis.call('GET', ARGV[4]) "
    "if not mark then redis.pcall('PUBLISH', ARGV[3], string.sub(ARGV[1], 1, 1) == 'x' and '*' or '') "
    "elseif redis.call('ZCOUNT', KEYS[1], now, '+inf') == 0 then "
    "redis.pcall('PUBLISH', ARGV[3], string.sub(mark, 2)) end "
    "return 1"};

// As renew_lock_script. ARGV further: time, 0 to add, 1 to replace, 2 to lengthen.
constexpr std::string_view renew_permit{
    "if ends == 'inf' then return -2 end "
    "local from = ARGV[4] == '0' and tonumber(ends) or now "
    "if ARGV[4] == '2' and tonumber(ends) >= now + ARGV[3] then return 1 end "
    "redis.call('ZADD', KEYS[1], from + ARGV[3], ARGV[1]) "};
constexpr std::string_view done{"return 1"};

}  // namespace

const Script acquire_permit_script{
    joined<take_permit, expire_with_last, next_fencing_token, answer_of_permit>,
    "15533c2e2e3d73809eaa3e846922fcec8daf5e3c"};
const Script release_permit_script{joined<find_permit, release_permit>,
                                   "fce444b1ffb3a8965ba1681e01897097f16497af"};
const Script renew_permit_script{joined<find_permit, renew_permit, expire_with_last, done>,
                                 "7273084149e335bb9d6b703be627cd09d6201fc9"};

// Gives up what the member holds, and its mark. ARGV: member, channel, mark.
const Script leave_permit_script{
    "local time = redis.call('TIME') local now = math.floor(time[1] * 1000 + time[2] / 1000) local gone "
    "= redis.call('ZREM', KEYS[1], ARGV[1]) local mark = redis.call('GET', ARGV[3]) if mark == ARGV[1] "
    "then redis.call('DEL', ARGV[3]) mark = false redis.pcall('PUBLISH', ARGV[2], '*') elseif gone == 1 "
    "and (not mark or redis.call('ZCOUNT', KEYS[1], now, '+inf') == 0) then "
    "redis.pcall('PUBLISH', ARGV[2], mark and string.sub(mark, 2) or '*') end return gone",
    "a598b63f5d5cc19313c2b49598215b15f90117c7"};

// How many hold it, or whether that member does. ARGV: member or nothing.
const Script count_permits_script{
    "local time = redis.call('TIME') local now = math.floor(time[1] * 1000 + time[2] / 1000) if ARGV[1] "
    "== '' then return redis.call('ZCOUNT', KEYS[1], now, '+inf') end local ends = "
    "redis.call('ZSCORE', KEYS[1], ARGV[1]) return ends and (ends == 'inf' or tonumber(ends) >= now) and "
    "1 or 0",
    "a66cf1b651c641a723871c42eeda7d382e765394"};

PermitScripts::PermitScripts(std::string_view name, std::int64_t capacity, Way way)
    : way_{way},
      is_limited_{capacity != unlimited},
      capacity_{std::to_string(capacity)},
      fence_{key_beside(name, "fence")},
      waiting_{key_beside(name, "waiting")},
      channel_{std::string{name} + ":released"} {}

std::string PermitScripts::member(std::string_view token) const {
  std::string named{way_ == Way::alone ? "x" : "s"};
  return named.append(token);
}

ScriptCall PermitScripts::acquire(const Claim& claim) const {
  return {&acquire_permit_script,
          {member(claim.token), claim.timeout ? std::to_string(claim.timeout->count()) : "0", fence_,
           waiting_, capacity_, std::string{claim.waits ? mark_time_ms : "0"}}};
}

ScriptCall PermitScripts::release(std::string_view token) const {
  return {&release_permit_script, {member(token), capacity_, channel_, waiting_}};
}

ScriptCall PermitScripts::renew(std::string_view token, std::chrono::milliseconds time, Life life) const {
  const char* const how = life == Life::add ? "0" : life == Life::replace ? "1" : "2";
  return {&renew_permit_script, {member(token), capacity_, std::to_string(time.count()), how}};
}

ScriptCall PermitScripts::leave(std::string_view token, bool /*fair*/) const {
  return {&leave_permit_script, {member(token), channel_, waiting_}};
}

ScriptCall PermitScripts::count() const {
  return {&count_permits_script, {""}};
}

ScriptCall PermitScripts::is_held(std::string_view token) const {
  return {&count_permits_script, {member(token)}};
}

}  // namespace rediscache::cache
