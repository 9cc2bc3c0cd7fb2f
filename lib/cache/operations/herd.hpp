// Operations that look at the end of an entry's timeout, under the herd policy; the server does, in scripts.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <rediscache/result.hpp>
#include <rediscache/timeout.hpp>

#include "base/result.hpp"
#include "cache/drive.hpp"
#include "cache/herd.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/scripts.hpp"

namespace rediscache::cache {

/// Stores ARGV[1] unless there is an entry whose timeout is not over at ARGV[2]; ARGV[3] is how long it is
/// kept.
inline constexpr Script herd_add_script{
    "local head = redis.pcall('GETRANGE', KEYS[1], 0, 22) "
    "if type(head) ~= 'string' then return false end "
    "if head ~= '' or redis.call('EXISTS', KEYS[1]) == 1 then "
    "local over = string.sub(head, 8) "
    "if string.sub(head, 1, 7) ~= '\\1herd1:' or over == '0000000000000000' or over > ARGV[2] then return "
    "false end "
    "end "
    "if ARGV[3] == '' then return redis.call('SET', KEYS[1], ARGV[1]) end "
    "return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])",
    "d81f5699352b6ac08e8704d0486ad2196f6cd1bc"};

/// The command ARGV[1] with ARGV[2], or with ARGV[4] for an entry whose timeout then ends at ARGV[3].
inline constexpr Script herd_expire_script{
    "local head = redis.pcall('GETRANGE', KEYS[1], 0, 6) "
    "if head ~= '\\1herd1:' then "
    "if ARGV[1] == 'PERSIST' then return redis.call('PERSIST', KEYS[1]) end "
    "return redis.call(ARGV[1], KEYS[1], ARGV[2]) "
    "end "
    "if ARGV[3] ~= '' then redis.call('SETRANGE', KEYS[1], 7, ARGV[3]) end "
    "if ARGV[1] == 'PERSIST' then return redis.call('PERSIST', KEYS[1]) end "
    "return redis.call(ARGV[1], KEYS[1], ARGV[4])",
    "dbbd9926b3fff049c85849a5525fabfb035d7c7a"};

/// Takes the expiry from a key, and the end of its timeout; 1 when it exists.
inline constexpr Script herd_touch_never_script{
    "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end "
    "if redis.pcall('GETRANGE', KEYS[1], 0, 6) == '\\1herd1:' then redis.call('SETRANGE', KEYS[1], 7, "
    "'0000000000000000') end "
    "redis.call('PERSIST', KEYS[1]) return 1",
    "437ca4a012a3ba286d1c5516844fa17b632d8f71"};

/// PTTL, less the ARGV[1] that an entry is kept for longer than its timeout.
inline constexpr Script herd_pttl_script{
    "local left = redis.call('PTTL', KEYS[1]) "
    "if left < 0 or redis.pcall('GETRANGE', KEYS[1], 0, 6) ~= '\\1herd1:' then return left end "
    "return math.max(left - tonumber(ARGV[1]), 0)",
    "11d53790b47c7d12bcd5677dc1e5df24d4fe4ce3"};

/// A script whose reply another operation reads.
template <class Operation>
class HerdOperation {
 public:
  using Result = typename Operation::Result;

  HerdOperation(const Script& script, CommandKind kind, std::string_view key,
                std::vector<std::string> arguments)
      : script_{&script},
        kind_{kind},
        key_{key},
        run_{script, kind, key, arguments, says},
        arguments_{std::move(arguments)} {}

  static constexpr bool reads_errors = true;
  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<Result> result() const {
    Reply reply = run_.reply();
    if (reply.is_error()) {
      return failure_of(reply, "EVALSHA");
    }
    return Operation::read({&reply, 1});
  }
  static Result omitted() { return Operation::omitted(); }

  /// The script by its text, for a pipeline.
  void build(Commands& out) const {
    out.begin("EVAL", kind_, 3 + arguments_.size()).arg(script_->text).arg(1).key(key_);
    for (const std::string& argument : arguments_) {
      out.arg(argument);
    }
    if (says == ScriptReply::changes) {
      out.changes_at_most(1);
    }
  }

 private:
  /// An entry's expiry is a state.
  static constexpr ScriptReply says =
      std::is_same_v<Operation, Expire> || std::is_same_v<Operation, RemoveExpiry> ? ScriptReply::changes
                                                                                   : ScriptReply::as_it_is;

  const Script* script_;
  CommandKind kind_;
  std::string_view key_;
  ScriptRun run_;
  std::vector<std::string> arguments_;
};

/// `add`, to which an entry whose timeout is over is none. `kept` is how long the new one is.
[[nodiscard]] HerdOperation<Set> herd_add(std::string_view key, std::string_view stored, Timeout kept);
/// touch, expire, pexpire: `time` from now.
[[nodiscard]] HerdOperation<Expire> herd_expire(const Herd& herd, std::string_view key,
                                                std::chrono::milliseconds time);
[[nodiscard]] HerdOperation<Expire> herd_expire_at(const Herd& herd, std::string_view key, Herd::Time time);
/// touch without a timeout; whether the key was there.
[[nodiscard]] HerdOperation<Expire> herd_touch_never(std::string_view key);
/// Whether the key had an expiry.
[[nodiscard]] HerdOperation<RemoveExpiry> herd_persist(std::string_view key);
[[nodiscard]] HerdOperation<RemainingLife> herd_pttl(const Herd& herd, std::string_view key);

}  // namespace rediscache::cache
