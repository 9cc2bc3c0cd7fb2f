// What of a call is still to be sent.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

#include "proto/refusals.hpp"

namespace rediscache::client {

/// All of a call at first. After a server has refused some of its commands and executed others, only the
/// refused ones, with the reads behind the first of them, which may depend on it. Not thread-safe; refers to
/// the call.
class Resend {
 public:
  Resend(const Commands& all, std::span<Reply> replies) noexcept : all_{all}, all_replies_{replies} {}
  Resend(const Resend&) = delete;
  Resend& operator=(const Resend&) = delete;

  /// What is sent now, and where the replies to that belong.
  [[nodiscard]] const Commands& commands() const noexcept { return some_ ? *some_ : all_; }
  [[nodiscard]] std::span<Reply> replies() noexcept {
    return some_ ? std::span<Reply>{some_replies_} : all_replies_;
  }
  /// Whether it is less than all.
  [[nodiscard]] bool in_part() const noexcept { return some_.has_value(); }

  /// Puts the replies to what was sent where they belong in the call.
  void collect();
  /// Chooses what is sent next, of what all replies of the call say; collect() came before. False: a
  /// transaction that was executed in part cannot be sent again, and a walk cannot go on at another server.
  [[nodiscard]] bool narrow(const proto::Refusals& refusals);
  /// Marks the replies that are still missing, when what was sent last will not be answered.
  void give_up() noexcept;

 private:
  const Commands& all_;
  std::span<Reply> all_replies_;
  std::optional<Commands> some_;
  std::vector<std::size_t> places_;  // of some_, in all_
  std::vector<Reply> some_replies_;
};

/// Of commands that were sent again although the first sending may have been executed: a reply that nothing
/// was left to change becomes "done" (Commands::changes_at_most()). How many there were.
[[nodiscard]] std::size_t presume_done(const Commands& commands, std::span<Reply> replies) noexcept;

}  // namespace rediscache::client
