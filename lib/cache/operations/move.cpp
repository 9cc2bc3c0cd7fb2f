#include "cache/operations/move.hpp"

#include <algorithm>

namespace rediscache::cache {

Step MoveEntry::step(std::span<Reply> replies, Commands& next) {
  if (replies.empty()) {
    next.begin("DUMP", CommandKind::read, 1).key(from_);
    next.begin("PTTL", CommandKind::read, 1).key(from_);
    return Step::send;
  }
  switch (state_) {
    case State::reading: {
      constexpr std::int64_t no_such_key = -2;
      constexpr std::int64_t no_expiry = -1;
      const std::int64_t left = replies[1].as_integer();
      if (replies[0].is_nil() || left == no_such_key) {
        outcome_ = Rename::Outcome::missing;
        return Step::done;
      }
      entry_ = replies[0].take_text();
      // To RESTORE 0 means no expiry; so an entry in its last millisecond gets one more.
      const std::int64_t expiry = left == no_expiry ? 0 : std::max<std::int64_t>(left, 1);
      next.begin("RESTORE", CommandKind::idempotent_write, 4)
          .key(to_)
          .arg(expiry)
          .in_place(entry_)
          .arg("REPLACE");
      state_ = State::writing;
      return Step::send;
    }
    case State::writing:
      next.begin("DEL", CommandKind::idempotent_write, 1).key(from_);
      state_ = State::deleting;
      return Step::send;
    case State::deleting:
      break;
  }
  return Step::done;
}

}  // namespace rediscache::cache
