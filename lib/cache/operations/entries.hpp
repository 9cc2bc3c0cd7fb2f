// Operations on one entry: what is sent, and what the reply means.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/result.hpp>
#include <rediscache/timeout.hpp>

#include "base/result.hpp"
#include "cache/drive.hpp"

namespace rediscache::cache {

enum class Condition { none, absent, present };

/// Adds one SET. With `in_place` a large value is sent from where it is.
inline void build_set(Commands& out, std::string_view key, std::string_view value, Timeout timeout,
                      Condition condition, bool in_place) {
  const bool expires = !timeout.is_never();
  const std::size_t arguments = 2U + (expires ? 2U : 0U) + (condition == Condition::none ? 0U : 1U);
  // A second SET NX fails because the first succeeded.
  const auto kind =
      condition == Condition::absent ? CommandKind::accumulating_write : CommandKind::idempotent_write;
  out.begin("SET", kind, arguments).key(key);
  if (in_place) {
    out.in_place(value);
  } else {
    out.arg(value);
  }
  if (expires) {
    out.arg("PX").arg(timeout.time().count());
  }
  if (condition != Condition::none) {
    out.arg(condition == Condition::absent ? "NX" : "XX");
  }
}

struct Set {
  using Result = bool;
  std::string_view key;
  std::string_view value;
  Timeout timeout;
  Condition condition = Condition::none;

  void build(Commands& out) const { build_set(out, key, value, timeout, condition, true); }
  static bool read(std::span<Reply> replies) { return !replies[0].is_nil() && !replies[0].as_text().empty(); }
  static bool omitted() { return false; }
};

struct Get {
  using Result = std::optional<std::string>;
  std::string_view key;

  /// All but the key.
  static Commands& begin(Commands& out) { return out.begin("GET", CommandKind::read, 1); }
  void build(Commands& out) const { begin(out).key(key); }
  static Result read(std::span<Reply> replies) {
    return replies[0].is_nil() ? std::nullopt : std::optional{replies[0].take_text()};
  }
  static Result omitted() { return std::nullopt; }
};

struct Delete {
  using Result = bool;
  std::string_view key;

  void build(Commands& out) const {
    out.begin("DEL", CommandKind::idempotent_write, 1).key(key).changes_at_most(1);
  }
  static bool read(std::span<Reply> replies) { return replies[0].as_integer() > 0; }
  static bool omitted() { return false; }
};

struct Exists {
  using Result = bool;
  std::string_view key;

  void build(Commands& out) const { out.begin("EXISTS", CommandKind::read, 1).key(key); }
  static bool read(std::span<Reply> replies) { return replies[0].as_integer() > 0; }
  static bool omitted() { return false; }
};

/// Exists the other way round: what an omitted call returns differs.
struct Absent {
  using Result = bool;
  std::string_view key;

  void build(Commands& out) const { Exists{key}.build(out); }
  static bool read(std::span<Reply> replies) { return !Exists::read(replies); }
  static bool omitted() { return false; }
};

/// A time to live, or with PEXPIREAT the time to live until.
struct Expire {
  using Result = bool;
  std::string_view key;
  std::chrono::milliseconds time;
  std::string_view command = "PEXPIRE";

  void build(Commands& out) const {
    out.begin(command, CommandKind::idempotent_write, 2).key(key).arg(time.count()).changes_at_most(1);
  }
  static bool read(std::span<Reply> replies) { return replies[0].as_integer() > 0; }
  static bool omitted() { return false; }
};

struct RemoveExpiry {
  using Result = bool;
  std::string_view key;

  void build(Commands& out) const {
    out.begin("PERSIST", CommandKind::idempotent_write, 1).key(key).changes_at_most(1);
  }
  static bool read(std::span<Reply> replies) { return replies[0].as_integer() > 0; }
  static bool omitted() { return false; }
};

/// Moves an entry with its expiry; what became of it.
struct Rename {
  enum class Outcome : std::uint8_t { moved, missing, omitted };
  using Result = Outcome;
  static constexpr bool reads_errors = true;
  std::string_view from;
  std::string_view to;

  // Sent twice, the second would say that the key is missing.
  void build(Commands& out) const {
    out.begin("RENAME", CommandKind::accumulating_write, 2).key(from).key(to);
  }
  static base::Result<Outcome> read(std::span<Reply> replies) {
    if (!replies[0].is_error()) {
      return Outcome::moved;
    }
    if (replies[0].as_text().starts_with("ERR no such key")) {
      return Outcome::missing;
    }
    return failure_of(replies[0], "RENAME");
  }
  static Outcome omitted() { return Outcome::omitted; }
};

/// A command that the caller spelt out.
struct RemainingLife {
  using Result = Pttl;
  std::string_view key;

  void build(Commands& out) const { out.begin("PTTL", CommandKind::read, 1).key(key); }
  static Pttl read(std::span<Reply> replies) {
    constexpr std::int64_t no_such_key = -2;
    const std::int64_t left = replies[0].as_integer();
    if (left >= 0) {
      return Pttl::of(std::chrono::milliseconds{left});
    }
    return left == no_such_key ? Pttl::missing() : Pttl::no_expiry();
  }
  static Pttl omitted() { return {}; }
};

}  // namespace rediscache::cache
