// Renewing what is held.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include <rediscache/timer.hpp>

#include "base/deadline.hpp"
#include "base/fork_mutex.hpp"
#include "base/timer_thread.hpp"
#include "cache/holding.hpp"

namespace rediscache::cache {

/// Renews what one cache holds, by one timer: what is due on one server about the same time in one batch.
///
/// What is held stays in the list from reserve() to remove(), only the time changes at which something is to
/// be done about it. While a renewal is under way that is the end of its life. So nothing that goes wrong,
/// be it a server that does not answer, no memory or a timer that throws, leaves it unwatched: it is tried
/// again, and when its life is over it is found lost.
///
/// A batch waits for one server only. While it does, the timer calls for the others, in parallel if it can.
///
/// Thread-safe.
class Renewals final : public std::enable_shared_from_this<Renewals> {
 public:
  [[nodiscard]] static std::shared_ptr<Renewals> make(std::shared_ptr<Timer> timer);
  explicit Renewals(std::shared_ptr<Timer> timer);  // for make()
  Renewals(const Renewals&) = delete;
  Renewals& operator=(const Renewals&) = delete;
  ~Renewals() = default;

  [[nodiscard]] const std::shared_ptr<Timer>& timer() const noexcept { return timer_; }

  /// Gets ready to renew what the server will be asked for now, so that nothing can fail once it is granted.
  /// Throws without memory, and whatever the timer throws.
  void reserve(const std::shared_ptr<Holding>& holding);
  /// It was granted, or its life was changed by the caller: from now on it is renewed, or, when it is not to
  /// be, found lost when its time is over.
  void watch(const Holding& holding) noexcept;
  void remove(const Holding& holding) noexcept;
  /// Does what is due, for the timer.
  void work() noexcept;

 private:
  using Due = std::multimap<base::Clock::time_point, std::shared_ptr<Holding>>;
  struct Taken {
    std::shared_ptr<Holding> holding;
    std::uint32_t revision = 0;
  };
  using Batch = std::vector<Taken>;
  struct Place {
    Due::iterator at;
    bool asking = false;  // a renewal is under way
  };
  class Alarm;
  class UnderWay;

  /// One pass; false when nothing is due.
  [[nodiscard]] bool work_once() noexcept;
  /// What is over leaves the list.
  [[nodiscard]] Due take_lost(base::Clock::time_point now) noexcept;
  /// What is to be renewed now, as far as there is room for it.
  void take_due(base::Clock::time_point now, Batch& batch) noexcept;
  /// Leaves what may share a batch with the first whose server has time for one. The rest is due again.
  void keep_one_server(Batch& batch, base::Clock::time_point now);
  void renew(const Batch& batch);
  void answered(const Taken& taken, std::int64_t answer, base::Clock::time_point sent,
                base::Clock::time_point now) noexcept;
  void failed(const Taken& taken, base::Clock::time_point now) noexcept;
  void postpone_due(base::Clock::time_point now) noexcept;
  void lose_all() noexcept;

  /// Nothing is being asked about it any more; the next thing is to be done then.
  void look_at(const Holding& holding, base::Clock::time_point when) noexcept;
  void move(Place& place, base::Clock::time_point when) noexcept;  // the lock is held
  /// Has the timer call at the time of the first, but not before `earliest`. False when the timer throws.
  bool arm(base::Clock::time_point earliest = base::Clock::time_point::min()) noexcept;
  void arm_at(base::Clock::time_point when);

  const std::shared_ptr<Timer> timer_;
  const std::shared_ptr<base::TimerThread> thread_;  // the same, when it is ours: then arming cannot fail
  const std::shared_ptr<Alarm> alarm_;
  base::ForkMutex mutex_;
  Due due_;
  std::map<const Holding*, Place> places_;
  std::vector<std::shared_ptr<Holding>> under_way_;  // one of each batch
  base::Clock::time_point armed_ = base::Clock::time_point::max();
  std::uint64_t armed_generation_ = 0;
  std::atomic<bool> knows_scripts_{false};  // the server, as of its last answer
};

}  // namespace rediscache::cache
