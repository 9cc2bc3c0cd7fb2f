// What a lock sends.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

#include "base/result.hpp"
#include "cache/operations/scripts.hpp"

namespace rediscache::cache {

/// Sets the token unless there is one.
struct AcquireLock {
  using Result = bool;
  std::string_view key;
  std::string_view token;
  std::optional<std::chrono::milliseconds> timeout;

  void build(Commands& out) const {
    out.begin("SET", CommandKind::accumulating_write, timeout ? 5 : 3).key(key).arg(token).arg("NX");
    if (timeout) {
      out.arg("PX").arg(timeout->count());
    }
  }
  static bool read(std::span<Reply> replies) { return !replies[0].is_nil() && !replies[0].as_text().empty(); }
  static bool omitted() { return false; }
};

/// Deletes the token if it is still ours: 1, or 0.
inline constexpr Script release_lock_script{
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end redis.call('DEL', KEYS[1]) return 1",
    "801cb8369d26ea54db41991a512edca243280449"};

/// Sets what is left of the token's life, or adds to it: 1; 0 when it is not ours, -1 when it never ends.
inline constexpr Script renew_lock_script{
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end local left = redis.call('PTTL', KEYS[1]) if "
    "left < 0 "
    "then return -1 end local time = tonumber(ARGV[2]) if ARGV[3] == '0' then time = time + left end "
    "redis.call('PEXPIRE', KEYS[1], time) return 1",
    "21ce33398efbff80e1f49b05f0c5d39ca86e9941"};

/// A script of the two above; its answer, or nothing when omitted.
class LockScript {
 public:
  using Result = std::optional<std::int64_t>;
  static constexpr bool reads_errors = true;

  static LockScript release(std::string_view key, std::string_view token) {
    // Sent twice, the second answer would say that the lock had not been ours.
    return LockScript{{release_lock_script, CommandKind::accumulating_write, key, {std::string{token}}}};
  }
  static LockScript renew(std::string_view key, std::string_view token, std::chrono::milliseconds time,
                          bool replace) {
    const auto kind = replace ? CommandKind::idempotent_write : CommandKind::accumulating_write;
    return LockScript{{renew_lock_script,
                       kind,
                       key,
                       {std::string{token}, std::to_string(time.count()), replace ? "1" : "0"}}};
  }

  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<Result> result() const {
    auto answer = run_.integer();
    return answer ? base::Result<Result>{answer.value()} : base::Result<Result>{std::move(answer.failure())};
  }
  static Result omitted() { return std::nullopt; }

 private:
  explicit LockScript(ScriptRun run) : run_{std::move(run)} {}
  ScriptRun run_;
};

}  // namespace rediscache::cache
