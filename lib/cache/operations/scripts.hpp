// Operations that must be one step on the server, and so are scripts there.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/result.hpp>

#include "base/result.hpp"
#include "cache/drive.hpp"

namespace rediscache::cache {

/// Texts that scripts share, one after the other.
template <const std::string_view&... Parts>
inline constexpr auto joined_characters = [] {
  std::array<char, (Parts.size() + ...)> text{};
  auto end = text.begin();
  ((end = std::copy(Parts.begin(), Parts.end(), end)), ...);
  return text;
}();
template <const std::string_view&... Parts>
inline constexpr std::string_view joined{joined_characters<Parts...>.data(),
                                         joined_characters<Parts...>.size()};

/// A script of one key. The server knows it by the SHA-1 of its text, from its first run on.
struct Script {
  std::string_view text;
  std::string_view sha1;

  /// Adds a run of it by its text, for a pipeline: there is no second try for a digest not known.
  template <class... Arguments>
  void add_eval(Commands& out, CommandKind kind, std::string_view key, const Arguments&... arguments) const {
    out.begin("EVAL", kind, 3 + sizeof...(arguments)).arg(text).arg(1).key(key);
    (out.arg(arguments), ...);
  }
};

/// What the reply of a script says when it ran twice.
enum class ScriptReply : std::uint8_t {
  as_it_is,
  changes,  ///< 0 or nil: nothing was left to change, as Commands::changes_at_most(1)
};

/// Adds to a key that exists; the new value as text, for numbers in Lua have only 53 bits. Nil when there is
/// no such key.
inline constexpr Script increment_script{
    "if redis.call('EXISTS', KEYS[1]) == 0 then return false end "
    "local counted = redis.pcall('INCRBY', KEYS[1], ARGV[1]) "
    "if type(counted) == 'table' then return counted end "
    "return redis.call('GET', KEYS[1])",
    "f496058d1e3f47841890393ea8cd857be26ae65d"};
/// Takes the expiry from a key; 1 when it exists, whether or not it had one.
inline constexpr Script persist_script{
    "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end redis.call('PERSIST', KEYS[1]) return 1",
    "c518d6704211cd0ed52fec343baaae8acc33f462"};

/// Runs a script by its digest, and by its text when the server does not know it yet.
class ScriptRun {
 public:
  ScriptRun(const Script& script, CommandKind kind, std::string_view key, std::vector<std::string> arguments,
            ScriptReply says = ScriptReply::as_it_is)
      : script_{&script}, kind_{kind}, says_{says}, key_{key}, arguments_{std::move(arguments)} {}

  Step step(std::span<Reply> replies, Commands& next);
  [[nodiscard]] const Reply& reply() const noexcept { return reply_; }
  /// The reply of a script that answers with a number.
  [[nodiscard]] base::Result<std::int64_t> integer() const;

 private:
  void add(Commands& out, std::string_view command, std::string_view script) const;

  const Script* script_;
  CommandKind kind_;
  ScriptReply says_;
  std::string_view key_;
  std::vector<std::string> arguments_;
  bool by_text_ = false;
  Reply reply_;
};

/// Gives a key no expiry; whether it was there.
class Persist {
 public:
  using Result = bool;
  static constexpr bool reads_errors = true;

  explicit Persist(std::string_view key)
      : key_{key}, run_{persist_script, CommandKind::idempotent_write, key, {}, ScriptReply::changes} {}

  /// The script by its text, for a pipeline.
  void build(Commands& out) const {
    persist_script.add_eval(out, CommandKind::idempotent_write, key_);
    out.changes_at_most(1);
  }

  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<bool> result() const;
  static bool omitted() { return false; }

 private:
  std::string_view key_;
  ScriptRun run_;
};

/// Adds an INCRBY, which creates a key that is not there.
inline void build_increment(Commands& out, std::string_view key, std::int64_t delta) {
  out.begin("INCRBY", CommandKind::accumulating_write, 2).key(key).arg(delta);
}

/// The delta of an incr that does what a decr by `delta` does; InvalidArgument when 64 bits have none.
[[nodiscard]] std::int64_t negated(std::int64_t delta);

/// What became of an increment that the server answered.
struct Increment {
  enum class Outcome { counted, missing, not_an_integer, omitted };
  Outcome outcome = Outcome::omitted;
  std::int64_t value = 0;
  std::string message;  ///< of the server, when not_an_integer

  /// What the caller gets; throws KeyNotFound or NotAnInteger.
  [[nodiscard]] Counter counter(std::string_view key) const;
};
[[nodiscard]] base::Result<Increment> read_increment(const Reply& reply, std::string_view command);

/// Adds to a counter, by a script when a missing key is not to be created.
class IncrementBy {
 public:
  using Result = Increment;
  static constexpr bool reads_errors = true;

  IncrementBy(std::string_view key, std::int64_t delta, bool create)
      : key_{key},
        delta_{delta},
        create_{create},
        run_{increment_script, CommandKind::accumulating_write, key, {std::to_string(delta)}} {}

  Step step(std::span<Reply> replies, Commands& next);
  [[nodiscard]] base::Result<Increment> result() const;
  static Increment omitted() { return {}; }

 private:
  std::string_view key_;
  std::int64_t delta_;
  bool create_;
  ScriptRun run_;
  Reply reply_;
};

}  // namespace rediscache::cache
