// What is done when renewals are due.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "cache/core.hpp"
#include "cache/deferred_release.hpp"
#include "cache/hurried_link.hpp"
#include "cache/locking.hpp"
#include "cache/operations/holds.hpp"
#include "cache/renewal_times.hpp"
#include "cache/renewals.hpp"

namespace rediscache::cache {
namespace {

using base::Clock;
using std::chrono::milliseconds;

/// One request is not to keep the server from others for long.
constexpr std::size_t most_in_a_batch = 256;
/// So many batches wait for one server at once. The others' locks must not wait for it, nor use up threads.
constexpr int most_for_a_server = 4;
/// So long after one batch is on its way the next is sent by another thread.
constexpr milliseconds time_of_a_good_answer{5};
/// When there is no memory, and when all who may ask a server are asking it.
constexpr milliseconds short_pause{20};
/// So long work is done without a timer that throws.
constexpr milliseconds time_without_timer{1000};

Clock::duration time_for(const Holding& holding, Clock::time_point now) noexcept {
  return time_of_try(holding.valid_until() - now, holding.answer_time());
}

LockCounts& counts_of(const Holding& holding) {
  return holding.terms().core->locking().counts();
}

}  // namespace

/// Counts a batch while it is under way.
class Renewals::UnderWay {
 public:
  UnderWay(Renewals& owner, const std::shared_ptr<Holding>& one) : owner_{owner}, one_{one} {
    const std::scoped_lock lock{owner_.mutex_};
    owner_.under_way_.push_back(one);
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  ~UnderWay() {
    const std::scoped_lock lock{owner_.mutex_};
    auto& all = owner_.under_way_;
    all.erase(std::find(all.begin(), all.end(), one_));
  }

 private:
  Renewals& owner_;
  const std::shared_ptr<Holding> one_;
};

void Renewals::work() noexcept {
  std::optional<Clock::time_point> without_timer;
  while (true) {
    while (work_once()) {
    }
    if (arm()) {
      return;
    }
    const auto now = Clock::now();
    without_timer = without_timer.value_or(now);
    if (now - *without_timer > time_without_timer) {
      lose_all();
      return;
    }
    std::this_thread::sleep_for(short_pause);
  }
}

bool Renewals::work_once() noexcept {
  const auto now = Clock::now();
  if (const Due lost = take_lost(now); !lost.empty()) {
    arm();  // being told may take as long as it likes
    for (const auto& [when, holding] : lost) {
      holding->lose(holding->terms().renew ? LostReason::unreachable : LostReason::gone, true);
    }
    return true;
  }
  Batch batch;
  try {
    batch.reserve(most_in_a_batch);
  } catch (const std::bad_alloc&) {
    postpone_due(now);
    return false;
  }
  take_due(now, batch);
  if (batch.empty()) {
    return false;
  }
  const auto all_failed = [&](const char* why) noexcept {
    base::log_error(batch.front().holding->terms().core->logger(), why);
    for (const Taken& each : batch) {
      failed(each, Clock::now());
    }
  };
  try {
    keep_one_server(batch, now);
    if (!batch.empty()) {
      const UnderWay under_way{*this, batch.front().holding};
      arm(now + time_of_a_good_answer);
      renew(batch);
    }
  } catch (const std::exception& error) {
    all_failed(error.what());
  } catch (...) {
    all_failed("a renewal of locks threw something");
  }
  return true;
}

Renewals::Due Renewals::take_lost(Clock::time_point now) noexcept {
  Due lost;
  const std::scoped_lock lock{mutex_};
  for (auto next = due_.begin(); next != due_.end();) {
    const auto each = next++;
    Holding& holding = *each->second;
    if (holding.is_ours() && each->first > now) {
      break;
    }
    if (!holding.stands() || holding.valid_until() <= now) {
      places_.erase(&holding);
      lost.insert(due_.extract(each));
    } else if (!holding.terms().renew || places_.at(&holding).asking) {
      move(places_.at(&holding), holding.valid_until());  // it was extended
    }
  }
  return lost;
}

void Renewals::take_due(Clock::time_point now, Batch& batch) noexcept {
  const std::scoped_lock lock{mutex_};
  bool any = false;
  for (const auto& [when, holding] : due_) {
    if (batch.size() == batch.capacity() || when > now + renewal_slack(*holding->terms().timeout)) {
      break;
    }
    if (holding->stands() && holding->terms().renew && !places_.at(holding.get()).asking) {
      any = any || when <= now;
      batch.push_back({holding, holding->revision()});
    }
  }
  if (!any) {
    batch.clear();
  }
  for (const Taken& each : batch) {
    Place& place = places_.at(each.holding.get());
    place.asking = true;
    move(place, each.holding->valid_until());
  }
}

void Renewals::keep_one_server(Batch& batch, Clock::time_point now) {
  struct Server {
    const Holding* one;
    int batches;
  };
  std::vector<std::shared_ptr<Holding>> under_way;
  {
    const std::scoped_lock lock{mutex_};
    under_way = under_way_;
  }
  Core& core = *batch.front().holding->terms().core;
  std::vector<Server> servers;
  const auto server_of = [&](const Holding& holding) {
    const auto known = std::find_if(servers.begin(), servers.end(), [&](const Server& server) {
      return core.same_server(server.one->terms().name, holding.terms().name);
    });
    const auto index = known - servers.begin();
    if (known == servers.end()) {
      servers.push_back({&holding, 0});
    }
    return static_cast<std::size_t>(index);
  };
  for (const auto& each : under_way) {
    if (each->is_ours()) {
      ++servers[server_of(*each)].batches;
    }
  }
  std::vector<std::size_t> places;
  places.reserve(batch.size());
  std::optional<std::size_t> chosen;
  for (const Taken& each : batch) {
    const std::size_t server = places.emplace_back(server_of(*each.holding));
    if (!chosen && servers[server].batches < most_for_a_server) {
      chosen = server;
    }
  }
  // Those with little time left are not to take it from the others.
  auto shortest = Clock::duration::max();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (places[i] == chosen) {
      shortest = std::min(shortest, time_for(*batch[i].holding, now));
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Holding& holding = *batch[i].holding;
    if (places[i] != chosen) {
      const bool is_busy = servers[places[i]].batches >= most_for_a_server;
      look_at(holding, is_busy ? std::min(holding.valid_until(), now + short_pause) : now);
    } else if (time_for(holding, now) / 4 > shortest) {
      look_at(holding, now);
    } else {
      std::swap(batch[kept++], batch[i]);
    }
  }
  batch.erase(batch.begin() + static_cast<std::ptrdiff_t>(kept), batch.end());
}

void Renewals::renew(const Batch& batch) {
  Core& core = *batch.front().holding->terms().core;
  std::vector<AskManyHolds::One> asked;
  asked.reserve(batch.size());
  const auto sent = Clock::now();
  auto time = Clock::duration::max();
  for (const Taken& each : batch) {
    const Holding::Terms& terms = each.holding->terms();
    asked.push_back({terms.name, terms.scripts->renew(terms.token, *terms.timeout, Life::at_least), {}});
    time = std::min(time, time_for(*each.holding, sent));
  }
  AskManyHolds operation{std::move(asked), !knows_scripts_.load()};
  HurriedLink link{core, sent + time};
  const auto answers = drive(link, operation);
  const auto now = Clock::now();
  const auto answer_of = [&](std::size_t i) { return answers ? answers.value()[i].answer : std::nullopt; };
  const auto is_lost = [](const std::optional<std::int64_t>& answer) { return answer == 0 || answer == -1; };
  bool all = true;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto answer = answer_of(i);
    all = all && answer;
    if (!answer) {
      failed(batch[i], now);
    } else if (!is_lost(answer)) {
      answered(batch[i], *answer, sent, now);
    }
  }
  knows_scripts_ = all;
  for (std::size_t i = 0; i < batch.size(); ++i) {  // last: being told may take long
    if (const auto answer = answer_of(i); is_lost(answer)) {
      remove(*batch[i].holding);
      batch[i].holding->lose(*answer == 0 ? LostReason::gone : LostReason::taken, true);
    }
  }
}

void Renewals::answered(const Taken& taken, std::int64_t answer, Clock::time_point sent,
                        Clock::time_point now) noexcept {
  Holding& holding = *taken.holding;
  const auto timeout = *holding.terms().timeout;
  if (!holding.stands()) {
    if (answer == 1 && holding.lost() && holding.is_ours()) {  // too late: nobody is to wait for its end
      const Holding::Terms& terms = holding.terms();
      defer_release(terms.core, timer_, terms.scripts, terms.name, terms.token);
    }
    remove(holding);
    return;
  }
  holding.note_answer(now - sent);
  auto next = next_try(now, holding.valid_until(), timeout, base::random_share());
  if (holding.revision() == taken.revision) {
    counts_of(holding).renewed.fetch_add(1, std::memory_order_relaxed);
    holding.set_valid_until(std::max(holding.valid_until(), sent + timeout));
    next = next_renewal(now, holding.valid_until(), timeout, holding.answer_time());
  }
  look_at(holding, next);
}

void Renewals::failed(const Taken& taken, Clock::time_point now) noexcept {
  Holding& holding = *taken.holding;
  counts_of(holding).renewals_failed.fetch_add(1, std::memory_order_relaxed);
  look_at(holding, next_try(now, holding.valid_until(), *holding.terms().timeout, base::random_share()));
}

void Renewals::postpone_due(Clock::time_point now) noexcept {
  const std::scoped_lock lock{mutex_};
  while (!due_.empty() && due_.begin()->first <= now) {
    const Holding& holding = *due_.begin()->second;
    move(places_.at(&holding),
         std::max(now + milliseconds{1}, std::min(holding.valid_until(), now + short_pause)));
  }
}

void Renewals::lose_all() noexcept {
  Due all;
  {
    const std::scoped_lock lock{mutex_};
    while (!due_.empty() && due_.begin()->first < Clock::time_point::max()) {
      places_.erase(due_.begin()->second.get());
      all.insert(due_.extract(due_.begin()));
    }
  }
  for (const auto& [when, holding] : all) {
    base::log_error(holding->terms().core->logger(),
                    "the timer of a lock takes no work: the lock is given up, for nothing renews it");
    holding->lose(LostReason::unreachable, true);
  }
}

}  // namespace rediscache::cache
