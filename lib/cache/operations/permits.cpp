#include "cache/operations/permits.hpp"

#include <random>
#include <utility>
#include <vector>

namespace rediscache::cache {

// Forgets whose time is over, and lets the token in if there is room: nobody else for one that is to be alone
// (they begin with x), and less than the capacity, nobody alone and nobody waiting for that, for others. The
// fencing token is beyond every other one, and beyond the clock; the key it is kept under ends when the clock
// is past it, for then the clock alone makes a larger one. {1, fencing token, room for more}, or {0,
// milliseconds until that may change, or -1}.
const Script acquire_permit_script{
    "local time = redis.call('TIME')\n"
    "local micros = time[1] * 1000000 + time[2]\n"
    "local now = math.floor(micros / 1000)\n"
    "local token, capacity, timeout, mark = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), "
    "tonumber(ARGV[4])\n"
    "local fence, waiting = ARGV[5], ARGV[6]\n"
    "local alone = string.sub(token, 1, 1) == 'x'\n"
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)\n"
    "local held = redis.call('ZCARD', KEYS[1])\n"
    "local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')\n"
    "local free = false\n"
    "if redis.call('ZSCORE', KEYS[1], token) then free = true\n"
    "elseif alone then free = held == 0\n"
    "else free = held < capacity and (held == 0 or string.sub(first[1], 1, 1) ~= 'x') and "
    "redis.call('EXISTS', waiting) == 0 end\n"
    "if not free then\n"
    "if alone and mark > 0 then redis.call('SET', waiting, token, 'PX', mark) end\n"
    "if held == 0 then return {0, redis.call('PTTL', waiting)} end\n"
    "if first[2] == 'inf' then return {0, -1} end\n"
    "return {0, first[2] - now} end\n"
    "local number = math.max((tonumber(redis.call('GET', fence)) or 0) + 1, micros)\n"
    "redis.call('SET', fence, string.format('%.0f', number))\n"
    "redis.call('PEXPIREAT', fence, math.max(math.floor(number / 1000), now) + 60000)\n"
    "redis.call('ZADD', KEYS[1], timeout > 0 and now + timeout or 'inf', token)\n"
    "local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]\n"
    "if last == 'inf' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIREAT', KEYS[1], last) end\n"
    "if alone then redis.call('DEL', waiting) end\n"
    "return {1, number, (not alone and held + 1 < capacity) and 1 or 0}",
    "4e241ef180e7b3b400396e5007cc02548e48dcdc"};

const Script release_permit_script{
    "local time = redis.call('TIME') local now = math.floor(time[1] * 1000 + time[2] / 1000) local ends = "
    "redis.call('ZSCORE', KEYS[1], ARGV[1])\n"
    "redis.call('ZREM', KEYS[1], ARGV[1])\n"
    "if not ends or (ends ~= 'inf' and tonumber(ends) <= now) then return 0 end\n"
    "redis.call('PUBLISH', ARGV[2], '')\n"
    "return 1",
    "4414c0988ab13b42d458651e179959678af40d6b"};

const Script renew_permit_script{
    "local time = redis.call('TIME') local now = math.floor(time[1] * 1000 + time[2] / 1000) local ends = "
    "redis.call('ZSCORE', KEYS[1], ARGV[1])\n"
    "if ends == 'inf' then return -1 end\n"
    "if not ends or tonumber(ends) <= now then return 0 end\n"
    "local from = now\n"
    "if ARGV[3] == '0' then from = tonumber(ends) end\n"
    "redis.call('ZADD', KEYS[1], from + ARGV[2], ARGV[1])\n"
    "local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]\n"
    "if last ~= 'inf' then redis.call('PEXPIREAT', KEYS[1], last) end\n"
    "return 1",
    "98d5c3e9a486d5196cede68f28084c09bca3ffbc"};

const Script withdraw_permit_script{
    "if redis.call('GET', ARGV[2]) ~= ARGV[1] then return 0 end\n"
    "redis.call('DEL', ARGV[2])\n"
    "redis.call('PUBLISH', ARGV[3], '')\n"
    "return 1",
    "a0f161d6670de7c547ea92a0ab8ddd84229000f5"};

const Script count_permits_script{
    "local time = redis.call('TIME') local now = math.floor(time[1] * 1000 + time[2] / 1000) if ARGV[1] == "
    "'' then return redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf') end\n"
    "local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])\n"
    "return ends and (ends == 'inf' or tonumber(ends) > now) and 1 or 0",
    "453ce057a5c38d240b024ae4691965293de9002b"};

namespace {

/// A name in the slot of `key`: within braces is what a cluster makes the slot of, and the key may have some.
std::string beside(std::string_view key, std::string_view suffix) {
  const std::size_t open = key.find('{');
  const std::size_t close = open == std::string_view::npos ? open : key.find('}', open);
  const bool has_tag = close != std::string_view::npos && close > open + 1;
  std::string name{has_tag ? "" : "{"};
  name += key;
  name += has_tag ? "" : "}";
  name += suffix;
  return name;
}

}  // namespace

PermitNames::PermitNames(std::string_view key)
    : holders{key},
      fence{beside(key, ":fence")},
      waiting{beside(key, ":waiting")},
      released{beside(key, ":released")} {}

std::string new_permit_token(bool alone) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device random;  // not a generator: a fork must not repeat its numbers
  std::string token{alone ? "x" : "s"};
  for (int word = 0; word < 4; ++word) {
    for (std::uint32_t bits = random(), nibble = 0; nibble < 8; ++nibble, bits >>= 4U) {
      token += digits[bits & 0xfU];
    }
  }
  return token;
}

AcquirePermit::AcquirePermit(const PermitNames& names, const PermitWish& wish)
    : run_{acquire_permit_script,
           CommandKind::accumulating_write,
           names.holders,
           {wish.token, std::to_string(wish.capacity),
            std::to_string(wish.timeout.value_or(std::chrono::milliseconds{0}).count()),
            std::to_string(wish.mark.count()), names.fence, names.waiting}} {}

base::Result<PermitAnswer> AcquirePermit::result() const {
  const Reply& reply = run_.reply();
  if (reply.is_error()) {
    return failure_of(reply, "EVALSHA");
  }
  const std::span<const Reply> parts = reply.as_array();
  PermitAnswer answer;
  answer.granted = parts[0].as_integer() == 1;
  if (answer.granted) {
    answer.fencing_token = static_cast<std::uint64_t>(parts[1].as_integer());
    answer.has_room = parts[2].as_integer() == 1;
  } else if (const std::int64_t left = parts[1].as_integer(); left >= 0) {
    answer.left = std::chrono::milliseconds{left};
  }
  return answer;
}

PermitScript PermitScript::release(const PermitNames& names, const std::string& token) {
  // Sent twice, the second answer would say that it had not been held.
  return PermitScript{
      {release_permit_script, CommandKind::accumulating_write, names.holders, {token, names.released}}};
}

PermitScript PermitScript::renew(const PermitNames& names, const std::string& token,
                                 std::chrono::milliseconds time, bool replace) {
  return PermitScript{{renew_permit_script,
                       replace ? CommandKind::idempotent_write : CommandKind::accumulating_write,
                       names.holders,
                       {token, std::to_string(time.count()), replace ? "1" : "0"}}};
}

PermitScript PermitScript::withdraw(const PermitNames& names, const std::string& token) {
  return PermitScript{{withdraw_permit_script,
                       CommandKind::idempotent_write,
                       names.holders,
                       {token, names.waiting, names.released}}};
}

PermitScript PermitScript::count(const PermitNames& names) {
  return is_held(names, {});
}

PermitScript PermitScript::is_held(const PermitNames& names, const std::string& token) {
  return PermitScript{{count_permits_script, CommandKind::idempotent_write, names.holders, {token}}};
}

base::Result<PermitScript::Result> PermitScript::result() const {
  auto answer = run_.integer();
  return answer ? base::Result<Result>{answer.value()} : base::Result<Result>{std::move(answer.failure())};
}

}  // namespace rediscache::cache
