// What differs between a lock, a semaphore and a shared lock: the scripts that the server runs for them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/operations/scripts.hpp"

namespace rediscache::cache {

/// One run of a script on the key of what is held.
struct ScriptCall {
  const Script* script = nullptr;
  std::vector<std::string> arguments{};
};

/// What every token of ours begins with. Whoever holds by such a token publishes when it lets go.
inline constexpr std::string_view own_form = "rc:";

/// What a holder wants of the server.
struct Claim {
  std::string_view token;
  std::optional<std::chrono::milliseconds> timeout{};
  bool fair = false;
  bool waits = false;  ///< it will come again, so it may stand in the queue
};

/// How a life is set anew.
enum class Life { add, replace, at_least };

/// How errors speak of what can be held.
struct Wording {
  std::string_view function;  ///< of the cache, that makes one
  std::string_view noun;
};
inline constexpr Wording lock_wording{"lock", "lock"};
inline constexpr Wording semaphore_wording{"semaphore", "permit"};
inline constexpr Wording shared_lock_wording{"shared_lock", "shared lock"};

/// What is wrong with holding something twice by one object.
[[nodiscard]] std::string held_already(const Wording& wording);

/// The scripts of one kind of thing that can be held. All work on one key, know holders by their tokens, and
/// may be sent twice without harm but for release().
class HoldScripts {
 public:
  HoldScripts() = default;
  HoldScripts(const HoldScripts&) = delete;
  HoldScripts& operator=(const HoldScripts&) = delete;
  virtual ~HoldScripts() = default;

  [[nodiscard]] virtual const Wording& wording() const noexcept = 0;
  /// Answers the fencing token as text when the token holds it now or did already; else {0, milliseconds
  /// until the next holder's life ends or -1, a text that is another one when the holders are others, and
  /// begins with own_form when whoever lets go will publish}.
  [[nodiscard]] virtual ScriptCall acquire(const Claim& claim) const = 0;
  /// Answers 1 when released, 0 when there is no such holder, -1 when somebody else is there instead.
  [[nodiscard]] virtual ScriptCall release(std::string_view token) const = 0;
  /// Answers 1 when done, 0 and -1 as release(), -2 when that life never ends. Life::at_least never shortens.
  [[nodiscard]] virtual ScriptCall renew(std::string_view token, std::chrono::milliseconds time,
                                         Life life) const = 0;
  /// Lets go of whatever the token may have: what it holds, and its place in the queue. Answers 1 when it
  /// held something, else 0.
  [[nodiscard]] virtual ScriptCall leave(std::string_view token, bool fair) const = 0;
  /// Where releases are published. A message names the waiter to be woken, or all of them by `*`, or is
  /// empty: any one.
  [[nodiscard]] virtual const std::string& channel() const noexcept = 0;
};

/// A key beside `name`, where the same server, shard and slot has it.
[[nodiscard]] std::string key_beside(std::string_view name, std::string_view what);

}  // namespace rediscache::cache
