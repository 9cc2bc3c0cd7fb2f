// Operations that must be one step on the server, and so are scripts there.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/result.hpp>

#include "base/result.hpp"
#include "cache/drive.hpp"

namespace rediscache::cache {

/// A script of one key. The server knows it by the SHA-1 of its text, from its first run on.
struct Script {
  std::string_view text;
  std::string_view sha1;
};

/// Adds to a key that exists; nil when it does not.
inline constexpr Script increment_script{
    "if redis.call('EXISTS', KEYS[1]) == 0 then return false end return redis.pcall('INCRBY', KEYS[1], "
    "ARGV[1])",
    "c1befccfdaffd8c4c531e7c0bbec5dd90eb83b35"};
/// Takes the expiry from a key; 1 when it exists, whether or not it had one.
inline constexpr Script persist_script{
    "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end redis.call('PERSIST', KEYS[1]) return 1",
    "c518d6704211cd0ed52fec343baaae8acc33f462"};

/// Runs a script by its digest, and by its text when the server does not know it yet.
class ScriptRun {
 public:
  ScriptRun(const Script& script, CommandKind kind, std::string_view key, std::string_view argument)
      : script_{script}, kind_{kind}, key_{key}, argument_{argument} {}

  Step step(std::span<Reply> replies, Commands& next);
  [[nodiscard]] const Reply& reply() const noexcept { return reply_; }

 private:
  void add(Commands& out, std::string_view command, std::string_view script) const;

  const Script& script_;
  CommandKind kind_;
  std::string_view key_;
  std::string argument_;
  Reply reply_;
};

/// Gives a key no expiry; whether it was there.
class Persist {
 public:
  using Result = bool;
  static constexpr bool reads_errors = true;

  explicit Persist(std::string_view key) : run_{persist_script, CommandKind::idempotent_write, key, {}} {}

  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<bool> result();
  static bool omitted() { return false; }

 private:
  ScriptRun run_;
};

/// What became of an increment that the server answered.
struct Increment {
  enum class Outcome { counted, missing, not_an_integer, omitted };
  Outcome outcome = Outcome::omitted;
  std::int64_t value = 0;
  std::string message;  ///< of the server, when not_an_integer
};

/// Adds to a counter, by a script when a missing key is not to be created.
class IncrementBy {
 public:
  using Result = Increment;
  static constexpr bool reads_errors = true;

  IncrementBy(std::string_view key, std::int64_t delta, bool create)
      : key_{key},
        delta_{delta},
        create_{create},
        run_{increment_script, CommandKind::accumulating_write, key, std::to_string(delta)} {}

  Step step(std::span<Reply> replies, Commands& next);
  [[nodiscard]] base::Result<Increment> result();
  static Increment omitted() { return {}; }

 private:
  std::string_view key_;
  std::int64_t delta_;
  bool create_;
  ScriptRun run_;
  Reply reply_;
};

}  // namespace rediscache::cache
