// What semaphores and shared locks send. Their key is a sorted set of who holds them: a token, and when its
// time is over by the server's clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

#include "base/result.hpp"
#include "cache/operations/scripts.hpp"

namespace rediscache::cache {

/// The keys and the channel of one semaphore or shared lock. All are on the server, and in the slot, of its
/// key.
struct PermitNames {
  explicit PermitNames(std::string_view key);

  std::string holders;   ///< the key itself
  std::string fence;     ///< the last fencing token
  std::string waiting;   ///< the mark of who waits to hold it alone
  std::string released;  ///< the channel of releases
};

/// What is wanted, and by whom.
struct PermitWish {
  std::string token;  ///< exclusive_token() of who wants it alone
  std::int64_t capacity = 1;
  std::optional<std::chrono::milliseconds> timeout{};
  /// How long to hold back others from now on, if this has to wait and wants it alone. Zero: not at all.
  std::chrono::milliseconds mark{0};
};

/// What the server said to a wish.
struct PermitAnswer {
  bool granted = false;
  std::uint64_t fencing_token = 0;
  bool has_room = false;  ///< for another one beside the one just granted
  /// If not granted, what is left of the time of the holder who has least; nothing: they have no timeouts.
  std::optional<std::chrono::milliseconds> left{};
};

/// A token that nobody else has; by its form the server knows whether it is one of who holds it alone.
[[nodiscard]] std::string new_permit_token(bool alone);

extern const Script acquire_permit_script;
extern const Script release_permit_script;
extern const Script renew_permit_script;
extern const Script withdraw_permit_script;
extern const Script count_permits_script;

/// Takes a permit if there is room; again the same one if it has been taken with that token.
class AcquirePermit {
 public:
  using Result = PermitAnswer;
  static constexpr bool reads_errors = true;

  AcquirePermit(const PermitNames& names, const PermitWish& wish);
  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<Result> result() const;
  static Result omitted() { return {}; }

 private:
  ScriptRun run_;
};

/// A script that answers with a number; nothing when omitted.
class PermitScript {
 public:
  using Result = std::optional<std::int64_t>;
  static constexpr bool reads_errors = true;

  /// 1; 0 when the permit was not held any more. Tells who waits.
  static PermitScript release(const PermitNames& names, const std::string& token);
  /// Sets what is left of its time, or adds to it: 1; 0 when it was not held any more, -1 when it never ends.
  static PermitScript renew(const PermitNames& names, const std::string& token,
                            std::chrono::milliseconds time, bool replace);
  /// Takes back the mark of a waiter who gives up, and tells who was held back.
  static PermitScript withdraw(const PermitNames& names, const std::string& token);
  /// How many hold one.
  static PermitScript count(const PermitNames& names);
  /// 1 when that token holds one, else 0.
  static PermitScript is_held(const PermitNames& names, const std::string& token);

  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<Result> result() const;
  static Result omitted() { return std::nullopt; }

 private:
  explicit PermitScript(ScriptRun run) : run_{std::move(run)} {}
  ScriptRun run_;
};

}  // namespace rediscache::cache
