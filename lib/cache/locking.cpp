#include "cache/locking.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <mutex>
#include <utility>

#include "base/log.hpp"
#include "base/timer_thread.hpp"
#include "cache/core.hpp"
#include "cache/hurried_link.hpp"
#include "cache/operations/holds.hpp"

namespace rediscache::cache {
namespace {

using std::chrono::milliseconds;

/// What is to be let go of, and how often the server was asked.
struct Leftover {
  std::weak_ptr<Core> core;  // without the cache there is nobody to do it
  std::shared_ptr<Timer> timer;
  std::shared_ptr<const HoldScripts> scripts;
  std::string name;
  std::string token;
  bool fair = false;
  std::size_t failed = 0;
  std::size_t answered = 0;
};

// A request that nobody waits for any more may reach the server after the one that lets go: it is asked
// again.
constexpr std::array<milliseconds, 2> asked_again{milliseconds{1000}, milliseconds{5000}};
constexpr std::size_t most_failures = 30;

void call_at(const std::shared_ptr<Leftover>& leftover, milliseconds wait);

void let_go(const std::shared_ptr<Leftover>& leftover) {
  const auto core = leftover->core.lock();
  if (!core) {
    return;
  }
  AskHold operation{leftover->name, leftover->scripts->leave(leftover->token, leftover->fair),
                    CommandKind::idempotent_write};
  HurriedLink link{*core, base::Clock::now() + milliseconds{1000}};
  const auto answer = drive(link, operation);
  if (!answer) {
    if (++leftover->failed < most_failures) {
      call_at(leftover,
              std::min<milliseconds>(milliseconds{100} * (1 << std::min<std::size_t>(leftover->failed, 6)),
                                     milliseconds{5000}));
    }
  } else if (answer.value().value_or(0) != 1 && leftover->answered < asked_again.size()) {
    call_at(leftover, asked_again.at(leftover->answered++));
  }
}

void call_at(const std::shared_ptr<Leftover>& leftover, milliseconds wait) {
  leftover->timer->call_at(base::Clock::now() + wait, [leftover] {
    try {
      let_go(leftover);
    } catch (const std::exception&) {
      // No memory or no thread: what has a timeout runs out.
    }
  });
}

const std::shared_ptr<Timer>& or_ours(const std::shared_ptr<Timer>& timer) {
  static const std::shared_ptr<Timer> ours = base::process_timer();
  return timer ? timer : ours;
}

}  // namespace

// Renewals and rooms have locks of their own that a fork takes: they are made and destroyed without ours.

std::shared_ptr<Renewals> Locking::renewals(const std::shared_ptr<Timer>& timer) {
  const std::shared_ptr<Timer>& asked = or_ours(timer);
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
    made = std::make_shared<Renewals>(asked);
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

void let_go_later(const std::shared_ptr<Core>& core, const std::shared_ptr<Timer>& timer,
                  std::shared_ptr<const HoldScripts> scripts, std::string name, std::string token,
                  bool fair) {
  try {
    call_at(std::make_shared<Leftover>(Leftover{.core = core,
                                                .timer = or_ours(timer),
                                                .scripts = std::move(scripts),
                                                .name = std::move(name),
                                                .token = std::move(token),
                                                .fair = fair}),
            milliseconds{0});
  } catch (const std::exception& error) {
    base::log_error(core->logger(), error.what());
  }
}

}  // namespace rediscache::cache
