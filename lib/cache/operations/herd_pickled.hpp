// Operations that look at the end of an entry's timeout where it is part of a pickle. The server does not see
// it there, so it is read and changed here, and written if the entry still is what was read.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <rediscache/reply.hpp>
#include <rediscache/result.hpp>
#include <rediscache/timeout.hpp>

#include "base/result.hpp"
#include "cache/drive.hpp"
#include "cache/herd.hpp"
#include "cache/operations/scripts.hpp"
#include "cache/stored_form.hpp"

namespace rediscache::cache {

/// If the entry is ARGV[1]: replaces it by its first ARGV[2] bytes and ARGV[3], and runs ARGV[4] with
/// ARGV[5]. Nil when it is something else by now.
inline constexpr Script herd_replace_script{
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end "
    "local new = string.sub(ARGV[1], 1, tonumber(ARGV[2])) .. ARGV[3] "
    "if ARGV[4] == 'PERSIST' then "
    "local had_expiry = redis.call('PERSIST', KEYS[1]) "
    "redis.call('SET', KEYS[1], new) return had_expiry "
    "end "
    "redis.call('SET', KEYS[1], new) "
    "return redis.call(ARGV[4], KEYS[1], ARGV[5])",
    "cd846fc6ce3fff7b4a655fe4176d075a9c9bc5c7"};

/// PTTL, and the entry up to the byte ARGV[1].
inline constexpr Script herd_look_script{
    "local stored = redis.pcall('GETRANGE', KEYS[1], 0, ARGV[1]) "
    "return {redis.call('PTTL', KEYS[1]), type(stored) == 'string' and stored or ''}",
    "5031e95720d50a632f1afb83fd5e461c59985fc5"};

/// Replaces an entry that was read, unless it has changed.
class HerdReplacement {
 public:
  /// What is to be stored, and the command, with its argument, that says for how long.
  HerdReplacement(CommandKind kind, std::string_view key, std::string old, std::string_view stored,
                  std::string_view command, const std::string& argument);

  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] const Reply& reply() const noexcept { return run_.reply(); }

 private:
  ScriptRun run_;
};

/// touch, expire, persist and their like: another end, and another expiry.
class PickledExpire {
 public:
  using Result = bool;
  static constexpr bool reads_errors = true;

  struct Change {
    std::string_view command;  ///< PEXPIRE, PEXPIREAT or PERSIST
    std::int64_t time = 0;     ///< its argument for an entry without an end
    std::int64_t kept = 0;     ///< and for one with an end, which then is
    Herd::Time over{};         ///< this; zero: never
    bool tells_there = false;  ///< whether the entry was there is told, and not what the command said
  };

  /// `name` is the key as the caller gave it, for the DecodeError of step().
  PickledExpire(const StoredForm& form, std::string_view key, std::string_view name, const Change& change)
      : form_{&form}, key_{key}, name_{name}, change_{change} {}

  Step step(std::span<Reply> replies, Commands& next);
  [[nodiscard]] base::Result<bool> result() const;
  static bool omitted() { return false; }

 private:
  void look(Commands& next);
  Step change(Reply& found, Commands& next);

  const StoredForm* form_;
  std::string_view key_;
  std::string_view name_;
  Change change_;
  bool looked_ = false;
  std::optional<HerdReplacement> replacement_;
  Reply reply_;
};

/// `add`, to which an entry whose timeout is over is none.
class PickledAdd {
 public:
  using Result = bool;
  static constexpr bool reads_errors = true;

  /// `stored` lives until it is done, and is kept for `kept`.
  PickledAdd(const StoredForm& form, std::string_view key, std::string_view stored, Timeout kept)
      : form_{&form}, key_{key}, stored_{stored}, kept_{kept} {}

  Step step(std::span<Reply> replies, Commands& next);
  [[nodiscard]] base::Result<bool> result() const;
  static bool omitted() { return false; }

 private:
  enum class State : std::uint8_t { beginning, adding, looking, replacing };

  Step add(Commands& next);
  Step done(bool added);

  const StoredForm* form_;
  std::string_view key_;
  std::string_view stored_;
  Timeout kept_;
  State state_ = State::beginning;
  std::optional<HerdReplacement> replacement_;
  bool added_ = false;
  Reply error_;
};

/// What is left of the timeout.
class PickledLife {
 public:
  using Result = Pttl;
  static constexpr bool reads_errors = true;

  PickledLife(const StoredForm& form, std::string_view key);

  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<Pttl> result() const;
  static Pttl omitted() { return {}; }

  /// The script by its text, for a pipeline, and what its reply means.
  void build(Commands& out) const;
  [[nodiscard]] static Pttl read(const StoredForm& form, Reply& reply);

 private:
  const StoredForm* form_;
  std::string_view key_;
  ScriptRun run_;
};

}  // namespace rediscache::cache
