#include "cache/renewals.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include "cache/renewal_times.hpp"

namespace rediscache::cache {
namespace {

using base::Clock;

Clock::time_point first_look(const Holding& holding, Clock::time_point now) noexcept {
  return holding.terms().renew
             ? next_renewal(now, holding.valid_until(), *holding.terms().timeout, holding.answer_time())
             : holding.valid_until();
}

}  // namespace

class Renewals::Alarm final : public base::TimerTask {
 public:
  void set_owner(std::weak_ptr<Renewals> owner) noexcept { owner_ = std::move(owner); }
  void run() noexcept override {
    if (const auto owner = owner_.lock()) {
      {
        const std::scoped_lock lock{owner->mutex_};
        owner->armed_ = Clock::time_point::max();
      }
      owner->work();
    }
  }

 private:
  std::weak_ptr<Renewals> owner_;
};

std::shared_ptr<Renewals> Renewals::make(std::shared_ptr<Timer> timer) {
  const auto made = std::make_shared<Renewals>(std::move(timer));
  made->alarm_->set_owner(made);
  return made;
}

Renewals::Renewals(std::shared_ptr<Timer> timer)
    : timer_{std::move(timer)},
      thread_{std::dynamic_pointer_cast<base::TimerThread>(timer_)},
      alarm_{std::make_shared<Alarm>()} {}

void Renewals::reserve(const std::shared_ptr<Holding>& holding) {
  {
    const std::scoped_lock lock{mutex_};
    const auto place = places_.try_emplace(holding.get()).first;
    try {
      place->second.at = due_.emplace(Clock::time_point::max(), holding);
    } catch (...) {
      places_.erase(place);
      throw;
    }
  }
  try {
    arm_at(Clock::now() + *holding->terms().timeout / 3);
  } catch (...) {
    remove(*holding);
    throw;
  }
}

void Renewals::watch(const Holding& holding) noexcept {
  {
    const std::scoped_lock lock{mutex_};
    if (const auto place = places_.find(&holding); place != places_.end()) {
      move(place->second, place->second.asking ? holding.valid_until() : first_look(holding, Clock::now()));
    }
  }
  arm();
}

void Renewals::remove(const Holding& holding) noexcept {
  std::shared_ptr<Holding> last;  // let go of without the lock
  const std::scoped_lock lock{mutex_};
  if (const auto place = places_.find(&holding); place != places_.end()) {
    last = std::move(place->second.at->second);
    due_.erase(place->second.at);
    places_.erase(place);
  }
}

void Renewals::look_at(const Holding& holding, Clock::time_point when) noexcept {
  const std::scoped_lock lock{mutex_};
  if (const auto place = places_.find(&holding); place != places_.end()) {
    place->second.asking = false;
    move(place->second, when);
  }
}

void Renewals::move(Place& place, Clock::time_point when) noexcept {
  auto node = due_.extract(place.at);
  node.key() = when;
  place.at = due_.insert(std::move(node));
}

bool Renewals::arm(Clock::time_point earliest) noexcept {
  auto first = Clock::time_point::max();
  {
    const std::scoped_lock lock{mutex_};
    first = due_.empty() ? first : due_.begin()->first;
  }
  if (first == Clock::time_point::max()) {
    return true;
  }
  try {
    arm_at(std::max(first, earliest));
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void Renewals::arm_at(Clock::time_point when) {
  {
    const std::scoped_lock lock{mutex_};
    const auto generation = base::fork_generation();
    if (armed_generation_ == generation && armed_ <= when) {
      return;
    }
    armed_ = when;
    armed_generation_ = generation;
  }
  if (thread_) {
    if (!thread_->schedule(alarm_, when)) {
      const std::scoped_lock lock{mutex_};
      armed_ = Clock::time_point::max();  // the next one tries again to start a thread
      throw std::system_error{EAGAIN, std::generic_category(), "no thread for the timer"};
    }
    return;
  }
  const auto disarm = [](Renewals& self, Clock::time_point at) noexcept {
    const std::scoped_lock lock{self.mutex_};
    if (self.armed_ == at) {
      self.armed_ = Clock::time_point::max();
    }
  };
  try {
    timer_->call_at(when, [mine = weak_from_this(), when, disarm] {
      if (const auto self = mine.lock()) {
        disarm(*self, when);
        self->work();
      }
    });
  } catch (...) {
    disarm(*this, when);
    throw;
  }
}

}  // namespace rediscache::cache
