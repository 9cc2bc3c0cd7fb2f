// The scripts of locks.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cache/hold_scripts.hpp"
#include "cache/operations/fencing.hpp"
#include "cache/operations/scripts.hpp"

namespace rediscache::cache {

/// Sets the token unless there is one. ARGV: token, life or 0, the key of the last fencing token.
inline constexpr std::string_view take_lock{
    "local fence = redis.call('GET', ARGV[3]) "
    "local taken "
    "if ARGV[2] == '0' then taken = redis.call('SET', KEYS[1], ARGV[1], 'NX') "
    "else taken = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) end "
    "if not taken then "
    "local holder = redis.pcall('GET', KEYS[1]) "
    "if holder ~= ARGV[1] then "
    "return {0, redis.call('PTTL', KEYS[1]), type(holder) == 'string' and holder or '?'} end "
    "if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end "
    "if fence then return fence end "
    "end "
    "local time = redis.call('TIME') "};
/// The same, but not before those who came earlier. ARGV further: the queue, when its waiters were last seen,
/// where releases are published, 1 to stand in the queue.
inline constexpr std::string_view take_lock_in_turn{
    "local time = redis.call('TIME') "
    "local now = math.floor(time[1] * 1000 + time[2] / 1000) "
    "local fence = redis.call('GET', ARGV[3]) "
    "local holder = redis.pcall('GET', KEYS[1]) "
    "if type(holder) == 'table' then holder = '?' end "
    "local pruned = false "
    "local head = redis.call('ZRANGE', ARGV[4], 0, 0)[1] "
    "while head and head ~= ARGV[1] do "
    "local seen = tonumber(redis.call('HGET', ARGV[5], head)) "
    "if seen and seen > now then "
    "seen = now "
    "redis.call('HSET', ARGV[5], head, now) "
    "end "
    "if seen and now - seen <= 6000 then break end "
    "redis.call('ZREM', ARGV[4], head) "
    "redis.call('HDEL', ARGV[5], head) "
    "pruned = true "
    "head = redis.call('ZRANGE', ARGV[4], 0, 0)[1] "
    "end "
    "if holder ~= ARGV[1] and (holder or (head and head ~= ARGV[1])) then "
    "if ARGV[7] == '1' then "
    "if not redis.call('ZSCORE', ARGV[4], ARGV[1]) then "
    "local last = redis.call('ZREVRANGE', ARGV[4], 0, 0, 'WITHSCORES')[2] "
    "redis.call('ZADD', ARGV[4], (tonumber(last) or 0) + 1, ARGV[1]) "
    "end "
    "redis.call('HSET', ARGV[5], ARGV[1], now) "
    "redis.call('PEXPIRE', ARGV[4], 60000) "
    "redis.call('PEXPIRE', ARGV[5], 60000) "
    "end "
    "if holder then return {0, redis.call('PTTL', KEYS[1]), holder} end "
    "if pruned then redis.pcall('PUBLISH', ARGV[6], head) end "
    "return {0, -1, 'rc:queue'} "
    "end "
    "redis.call('ZREM', ARGV[4], ARGV[1]) "
    "redis.call('HDEL', ARGV[5], ARGV[1]) "
    "if not holder then redis.call('SET', KEYS[1], ARGV[1]) end "
    "if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end "
    "if holder and fence then return fence end "};
/// Who has no token to show has not got it.
inline constexpr std::string_view answer_of_lock{
    "if failure then redis.call('DEL', KEYS[1]) return failure end "
    "return fence"};

inline constexpr Script acquire_lock_script{joined<take_lock, next_fencing_token, answer_of_lock>,
                                            "589c2da11ed2f2c6baae11b0bbe7dd65e50097f1"};
inline constexpr Script acquire_fair_lock_script{
    joined<take_lock_in_turn, next_fencing_token, answer_of_lock>,
    "ed081fa6cb3a3b83e06738cc36ce80f99fac7919"};

/// Deletes the token if it is still ours and tells who waits: 1; 0 when there is none, -1 when there is
/// another. ARGV: token, where releases are published, the queue.
inline constexpr Script release_lock_script{
    "local holder = redis.pcall('GET', KEYS[1]) "
    "if holder ~= ARGV[1] then return holder and -1 or 0 end "
    "redis.call('DEL', KEYS[1]) "
    "local first = redis.pcall('ZRANGE', ARGV[3], '0', '0') "
    "redis.pcall('PUBLISH', ARGV[2], first[1] or '') "
    "return 1",
    "9c98cba6c5210917ea0dcdc925531c8e12f5c944"};

/// Leaves the queue, and the lock if it is ours, and tells who waits. ARGV: token, where releases are
/// published, the queue, when its waiters were last seen.
inline constexpr Script leave_fair_lock_script{
    "redis.call('ZREM', ARGV[3], ARGV[1]) "
    "redis.call('HDEL', ARGV[4], ARGV[1]) "
    "local holder = redis.pcall('GET', KEYS[1]) "
    "if holder and holder ~= ARGV[1] then return 0 end "
    "if holder then redis.call('DEL', KEYS[1]) end "
    "local first = redis.call('ZRANGE', ARGV[3], 0, 0)[1] "
    "if first or holder then redis.pcall('PUBLISH', ARGV[2], first or '') end "
    "return holder and 1 or 0",
    "8147f24a8304f3c63a9ddd7ffb2c623e8e08f988"};

/// Sets what is left of the token's life, adds to it, or only lengthens it: 1; 0 and -1 as above, -2 when it
/// never ends. ARGV: token, time, 0 to add, 1 to replace, 2 to lengthen.
inline constexpr Script renew_lock_script{
    "local holder = redis.pcall('GET', KEYS[1]) "
    "if holder ~= ARGV[1] then return holder and -1 or 0 end "
    "local left = redis.call('PTTL', KEYS[1]) "
    "if left < 0 then return -2 end "
    "local time = tonumber(ARGV[2]) "
    "if ARGV[3] == '0' then time = time + left "
    "elseif ARGV[3] == '2' and left >= time then return 1 end "
    "redis.call('PEXPIRE', KEYS[1], string.format('%.0f', time)) "
    "return 1",
    "e0f01eeb88f18c347dd111086869fd349d1e2206"};

/// A lock: the key holds its holder's token.
class LockScripts final : public HoldScripts {
 public:
  explicit LockScripts(std::string_view name);

  [[nodiscard]] const Wording& wording() const noexcept override { return lock_wording; }
  [[nodiscard]] ScriptCall acquire(const Claim& claim) const override;
  [[nodiscard]] ScriptCall release(std::string_view token) const override;
  [[nodiscard]] ScriptCall renew(std::string_view token, std::chrono::milliseconds time,
                                 Life life) const override;
  [[nodiscard]] ScriptCall leave(std::string_view token, bool fair) const override;
  [[nodiscard]] const std::string& channel() const noexcept override { return channel_; }

 private:
  std::string fence_;
  std::string queue_;
  std::string seen_;
  std::string channel_;
};

}  // namespace rediscache::cache
