// What of a call a server refused to do.
#pragma once

#include <cstddef>
#include <span>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

namespace rediscache::proto {

/// Which replies to a call say "not now" or "not here" (error_reply.hpp): those commands were certainly not
/// executed. A transaction is refused as a whole: one command that cannot be queued has EXEC refused.
struct Refusals {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t first = none;      ///< the first reply that says so
  bool all = false;              ///< nothing of the call was executed
  bool is_wrong_server = false;  ///< at least one of them says "not here"

  [[nodiscard]] bool any() const noexcept { return first != none; }
  /// What the first one says.
  [[nodiscard]] Failure failure(const Commands& commands, std::span<const Reply> replies) const;
};

/// Nearly all calls need no closer look.
[[nodiscard]] inline bool any_error(std::span<const Reply> replies) noexcept {
  for (const Reply& reply : replies) {
    if (reply.is_error()) [[unlikely]] {
      return true;
    }
  }
  return false;
}

/// Looks at every reply.
[[nodiscard]] Refusals refusals_among(const Commands& commands, std::span<const Reply> replies) noexcept;

/// Whether a reply alone says so.
[[nodiscard]] bool is_refusal(const Reply& reply) noexcept;

/// Why a transaction was not executed. `queued` are the replies to MULTI and to the commands in it,
/// `executed` is the error reply to EXEC.
[[nodiscard]] const Reply& reason_of_abort(std::span<const Reply> queued, const Reply& executed) noexcept;

}  // namespace rediscache::proto
