#include "cache/locking.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include "base/timer_thread.hpp"

namespace rediscache::cache {

// Renewals and rooms have locks of their own that a fork takes: they are made and destroyed without ours.

std::shared_ptr<Renewals> Locking::renewals(const std::shared_ptr<Timer>& timer) {
  const std::shared_ptr<Timer> asked = timer ? timer : base::process_timer();
  std::vector<std::shared_ptr<Renewals>> unused;
  std::shared_ptr<Renewals> made;
  while (true) {
    {
      const std::scoped_lock lock{mutex_};
      for (const auto& each : renewals_) {
        if (each->timer() == asked) {
          return each;
        }
      }
      if (made) {
        const auto used = std::partition(renewals_.begin(), renewals_.end(),
                                         [](const auto& each) { return each.use_count() > 1; });
        unused.assign(std::make_move_iterator(used), std::make_move_iterator(renewals_.end()));
        renewals_.erase(used, renewals_.end());
        renewals_.push_back(made);
        return made;
      }
    }
    made = Renewals::make(asked);
  }
}

std::shared_ptr<WaitingRoom> Locking::room(const std::string& channel) {
  std::shared_ptr<WaitingRoom> closed;
  std::shared_ptr<WaitingRoom> made;
  while (true) {
    {
      const std::scoped_lock lock{mutex_};
      std::weak_ptr<WaitingRoom>& known = rooms_[channel];
      auto room = known.lock();
      if (room && !room->is_closed()) {
        return room;
      }
      closed = std::move(room);
      if (made) {
        known = made;
        std::erase_if(rooms_, [](const auto& each) { return each.second.expired(); });
        return made;
      }
    }
    closed.reset();
    made = std::make_shared<WaitingRoom>();
  }
}

LockStatistics Locking::statistics() const noexcept {
  return {.acquired = counts_.acquired,
          .contended = counts_.contended,
          .timed_out = counts_.timed_out,
          .released = counts_.released,
          .renewed = counts_.renewed,
          .renewals_failed = counts_.renewals_failed,
          .lost = counts_.lost,
          .woken = counts_.woken,
          .polls = counts_.polls};
}

}  // namespace rediscache::cache
