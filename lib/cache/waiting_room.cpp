#include "cache/waiting_room.hpp"

#include <algorithm>
#include <mutex>

#include "base/futex.hpp"
#include "cache/hold_scripts.hpp"

namespace rediscache::cache {

bool WaitingRoom::enter(Waiter& waiter) {
  const std::scoped_lock lock{mutex_};
  forget_ancestors();
  if (is_closed_) {
    return false;
  }
  waiters_.push_back(&waiter);
  return true;
}

bool WaitingRoom::leave(Waiter& waiter) noexcept {
  const std::scoped_lock lock{mutex_};
  forget_ancestors();
  const auto place = std::find(waiters_.begin(), waiters_.end(), &waiter);
  if (place != waiters_.end()) {
    const bool was_first = place == waiters_.begin();
    waiters_.erase(place);
    if ((waiter.signals_.load() & Waiter::wake) != 0) {
      wake_one();
    }
    if (was_first && !waiters_.empty()) {
      signal(*waiters_.front(), Waiter::nudge);
    }
  }
  is_closed_ = waiters_.empty();
  return waiters_.empty();
}

bool WaitingRoom::is_first(const Waiter& waiter) const noexcept {
  const std::scoped_lock lock{mutex_};
  return !waiters_.empty() && waiters_.front() == &waiter;
}

WaitingRoom::Woken WaitingRoom::sleep(Waiter& waiter, base::Deadline until) noexcept {
  {
    const std::scoped_lock lock{mutex_};
    waiter.sleeps_ = true;
  }
  while (waiter.signals_.load() == Waiter::none && !until.passed()) {
    base::futex_wait(waiter.signals_, Waiter::none, until);
  }
  const std::scoped_lock lock{mutex_};
  waiter.sleeps_ = false;
  const std::uint32_t signals = waiter.signals_.exchange(Waiter::none);
  return (signals & Waiter::wake) != 0    ? Woken::by_message
         : (signals & Waiter::nudge) != 0 ? Woken::as_first
                                          : Woken::by_time;
}

void WaitingRoom::message(const net::Topic& /*topic*/, std::string_view /*channel*/,
                          std::string& payload) noexcept {
  const std::scoped_lock lock{mutex_};
  forget_ancestors();
  if (payload == "*") {
    for (Waiter* const waiter : waiters_) {
      signal(*waiter, Waiter::wake);
    }
    return;
  }
  if (!payload.starts_with(own_form)) {
    wake_one();
    return;
  }
  for (Waiter* const waiter : waiters_) {
    if (waiter->id_ == payload) {
      signal(*waiter, Waiter::wake);
    }
  }
}

void WaitingRoom::gap() noexcept {
  const std::scoped_lock lock{mutex_};
  forget_ancestors();
  wake_one();
}

void WaitingRoom::forget_ancestors() noexcept {
  if (const auto now = base::fork_generation(); generation_ != now) {
    generation_ = now;
    waiters_.clear();
  }
}

void WaitingRoom::wake_one() noexcept {
  if (waiters_.empty()) {
    return;
  }
  // Who is trying just now may have tried too early, and will do it again, if nobody else is there to.
  const auto sleeper = std::find_if(waiters_.begin(), waiters_.end(), [](const Waiter* waiter) {
    return waiter->sleeps_ && (waiter->signals_.load() & Waiter::wake) == 0;
  });
  signal(sleeper != waiters_.end() ? **sleeper : *waiters_.front(), Waiter::wake);
}

void WaitingRoom::signal(Waiter& waiter, Waiter::Signal what) noexcept {
  waiter.signals_.fetch_or(what);
  base::futex_wake(waiter.signals_);
}

}  // namespace rediscache::cache
