#include "cache/renewals.hpp"

#include <algorithm>
#include <exception>
#include <mutex>

#include "base/log.hpp"
#include "base/random.hpp"
#include "cache/core.hpp"
#include "cache/hurried_link.hpp"
#include "cache/locking.hpp"
#include "cache/operations/holds.hpp"
#include "cache/renewal_times.hpp"

namespace rediscache::cache {
namespace {

using base::Clock;

/// One request is not to keep the server from others for long.
constexpr std::size_t most_in_a_batch = 256;

}  // namespace

Clock::time_point Renewals::first_look(const Holding& holding, Clock::time_point now) {
  return holding.terms().renew ? next_renewal(now, holding.valid_until(), *holding.terms().timeout)
                               : holding.valid_until();
}

void Renewals::add(const std::shared_ptr<Holding>& holding) noexcept {
  try {
    put(first_look(*holding, Clock::now()), holding);
    arm();
  } catch (const std::exception& error) {
    base::log_error(holding->terms().core->logger(), error.what());
  }
}

void Renewals::changed(const std::shared_ptr<Holding>& holding) noexcept {
  remove(*holding);
  add(holding);
}

void Renewals::put(Clock::time_point when, const std::shared_ptr<Holding>& holding) {
  const std::scoped_lock lock{mutex_};
  if (holding->stands() && !places_.contains(holding.get())) {
    places_.emplace(holding.get(), due_.emplace(when, holding));
  }
}

void Renewals::remove(const Holding& holding) noexcept {
  std::shared_ptr<Holding> last;  // let go of without the lock
  const std::scoped_lock lock{mutex_};
  if (const auto place = places_.find(&holding); place != places_.end()) {
    last = std::move(place->second->second);
    due_.erase(place->second);
    places_.erase(place);
  }
}

void Renewals::arm() noexcept {
  Clock::time_point when;
  {
    const std::scoped_lock lock{mutex_};
    const auto generation = base::fork_generation();
    if (due_.empty() || (armed_generation_ == generation && armed_ <= due_.begin()->first)) {
      return;
    }
    when = armed_ = due_.begin()->first;
    armed_generation_ = generation;
  }
  try {
    timer_->call_at(when, [mine = weak_from_this(), when] {
      if (const auto self = mine.lock()) {
        {
          const std::scoped_lock lock{self->mutex_};
          if (self->armed_ == when) {
            self->armed_ = Clock::time_point::max();
          }
        }
        self->work();
      }
    });
  } catch (const std::exception& error) {
    const std::scoped_lock lock{mutex_};
    armed_ = Clock::time_point::max();
  }
}

std::vector<Renewals::Taken> Renewals::take_due(Clock::time_point now) {
  std::vector<Taken> taken;
  const std::scoped_lock lock{mutex_};
  while (!due_.empty()) {
    const auto first = due_.begin();
    const Holding& holding = *first->second;
    const auto slack =
        holding.terms().renew ? renewal_slack(*holding.terms().timeout) : std::chrono::milliseconds{0};
    if (holding.is_ours() && first->first > now + slack) {
      break;
    }
    places_.erase(&holding);
    taken.push_back({std::move(first->second), holding.revision()});
    due_.erase(first);
  }
  return taken;
}

void Renewals::work() noexcept {
  try {
    std::vector<Taken> taken = take_due(Clock::now());
    std::erase_if(taken, [](const Taken& each) { return !each.holding->stands(); });
    const auto over = std::partition(taken.begin(), taken.end(), [](const Taken& each) {
      return each.holding->terms().renew && each.holding->valid_until() > Clock::now();
    });
    for (auto each = over; each != taken.end(); ++each) {
      each->holding->lose(each->holding->terms().renew ? LostReason::unreachable : LostReason::gone, true);
    }
    taken.erase(over, taken.end());
    for (std::size_t at = 0; at < taken.size(); at += most_in_a_batch) {
      const auto begin = taken.begin() + static_cast<std::ptrdiff_t>(at);
      const auto end = begin + static_cast<std::ptrdiff_t>(std::min(most_in_a_batch, taken.size() - at));
      std::vector<Taken> batch{begin, end};
      renew(batch);
    }
  } catch (const std::exception&) {
    // No memory: what was taken out runs out, as held() tells.
  }
  arm();
}

void Renewals::renew(std::vector<Taken>& taken) {
  Core& core = *taken.front().holding->terms().core;
  LockCounts& counts = core.locking().counts();
  std::vector<AskManyHolds::One> asked;
  asked.reserve(taken.size());
  auto shortest = *taken.front().holding->terms().timeout;
  auto first_end = Clock::time_point::max();
  for (const Taken& each : taken) {
    const Holding::Terms& terms = each.holding->terms();
    asked.push_back({terms.name, terms.scripts->renew(terms.token, *terms.timeout, Life::at_least), {}});
    shortest = std::min(shortest, *terms.timeout);
    first_end = std::min(first_end, each.holding->valid_until());
  }
  const auto sent = Clock::now();
  AskManyHolds operation{std::move(asked)};
  HurriedLink link{core, std::min(first_end, sent + renewal_time(shortest))};
  auto answers = drive(link, operation);
  const auto now = Clock::now();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const auto& holding = taken[i].holding;
    const auto timeout = *holding->terms().timeout;
    const auto answer = answers ? answers.value()[i].answer : std::nullopt;
    auto again = next_try(now, holding->valid_until(), timeout, base::random_share());
    if (!answer) {
      counts.renewals_failed.fetch_add(1, std::memory_order_relaxed);
    } else if (*answer == 0 || *answer == -1) {
      holding->lose(*answer == 0 ? LostReason::gone : LostReason::taken, true);
      continue;
    } else if (holding->revision() == taken[i].revision) {
      counts.renewed.fetch_add(1, std::memory_order_relaxed);
      holding->set_valid_until(std::max(holding->valid_until(), sent + timeout));
      again = next_renewal(now, holding->valid_until(), timeout);
    }
    put(again, holding);
  }
}

}  // namespace rediscache::cache
