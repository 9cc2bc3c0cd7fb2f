#include "cache/holder.hpp"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/times.hpp"
#include "cache/locking.hpp"
#include "cache/new_token.hpp"
#include "cache/polling.hpp"

namespace rediscache::cache {
namespace {

using base::saturating_add;
using std::chrono::milliseconds;

LockOptions with_limits(LockOptions options) {
  if (options.timeout) {
    options.timeout = base::limited(*options.timeout);
  }
  options.sleep = base::limited(options.sleep);
  options.blocking_timeout = base::limited(options.blocking_timeout);
  return options;
}

}  // namespace

Holder::Holder(std::shared_ptr<Core> core, const CallMode& mode, std::string_view key, std::string name,
               const LockOptions& options, std::shared_ptr<const HoldScripts> scripts)
    : core_{std::move(core)},
      mode_{mode},
      key_{key},
      name_{std::move(name)},
      options_{with_limits(options)},
      scripts_{std::move(scripts)} {
  if (options.timeout && options.timeout->count() <= 0) {
    throw InvalidArgument{std::string{wording().function} + ": timeout is " +
                          std::to_string(options.timeout->count()) +
                          " ms; it must be more than 0, or nothing for one that does not run out"};
  }
  if (options.sleep.count() <= 0) {
    throw InvalidArgument{std::string{wording().function} + ": sleep must be more than 0 ms"};
  }
}

bool Holder::acquire() {
  return options_.blocking ? acquire_until(saturating_add(Clock::now(), options_.blocking_timeout), mode_)
                           : try_once();
}

void Holder::lock() {
  if (!acquire_until(saturating_add(Clock::now(), options_.blocking_timeout), mode_.strictly())) {
    throw LockError{key_, the_noun() + " was not free within blocking_timeout (" +
                              std::to_string(options_.blocking_timeout.count()) + " ms)"};
  }
}

bool Holder::acquire_until(Clock::time_point until, const CallMode& mode) {
  if (holding_ && holding_->stands()) {
    throw LockError{key_, held_already(wording())};
  }
  holding_.reset();  // lost, or the parent's
  release_.reset();
  Trying trying = prepare(mode);
  const bool waits = until > Clock::now();
  try {
    Attempt attempt = try_now(trying, waits);
    bool acquired = attempt.acquired;
    if (!acquired && !attempt.omitted) {
      core_->locking().counts().contended.fetch_add(1, std::memory_order_relaxed);
    }
    if (!acquired && waits) {
      acquired = wait(trying, std::move(attempt), until);
    }
    if (!acquired) {
      clean_up(trying, waits);
    }
    return acquired;
  } catch (...) {
    if (holding_ != trying.holding) {
      clean_up(trying, waits);
    }
    throw;
  }
}

Holder::Trying Holder::prepare(const CallMode& mode) {
  Trying trying{.holding = std::make_shared<Holding>(Holding::Terms{.core = core_,
                                                                    .scripts = scripts_,
                                                                    .name = name_,
                                                                    .token = new_token(),
                                                                    .timeout = options_.timeout,
                                                                    .renew = options_.renew,
                                                                    .on_lost = options_.on_lost}),
                .release = {},
                .mode = mode};
  trying.release = std::make_shared<DeferredRelease>(DeferredRelease::What{.core = core_,
                                                                           .timer = options_.timer,
                                                                           .scripts = scripts_,
                                                                           .name = name_,
                                                                           .token = trying.token(),
                                                                           .fair = options_.fair});
  if (is_kept(*trying.holding)) {
    if (!renewals_) {
      renewals_ = core_->locking().renewals(options_.timer);
    }
    renewals_->reserve(trying.holding);
  }
  return trying;
}

void Holder::clean_up(const Trying& trying, bool waits) noexcept {
  if (is_kept(*trying.holding)) {
    renewals_->remove(*trying.holding);
  }
  if (trying.uncertain || (waits && options_.fair)) {
    trying.release->begin();
  }
}

bool Holder::wait(Trying& trying, Attempt attempt, Clock::time_point until) {
  /// In the room and subscribed while it exists.
  struct Stay {
    Stay(Holder& its_holder, const std::string& token)
        : holder{its_holder}, waiter{token}, topic{net::Topic::Kind::channel, holder.scripts_->channel()} {
      do {
        room = holder.core_->locking().room(topic.name);
      } while (!room->enter(waiter));
      try {
        subscribers = holder.subscribers();
      } catch (...) {
        leave();
        throw;
      }
    }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;
    ~Stay() { leave(); }
    void leave() noexcept {
      if (room->leave(waiter)) {
        for (const auto& each : subscribers) {
          each->remove(topic, room.get());
        }
      }
    }
    /// Whether the server surely tells of releases. Waits for that a little, the first time.
    [[nodiscard]] bool is_told(base::Deadline deadline) {
      if (subscribers.empty()) {
        return false;
      }
      try {
        for (const auto& each : subscribers) {
          each->add(topic, room);
          if (!each->wait_confirmed(topic, deadline)) {
            return false;
          }
        }
      } catch (const std::system_error& error) {
        base::log_warning(holder.core_->logger(), error.what());
        return false;  // no thread to be had: who is not told looks more often
      }
      return true;
    }

    Holder& holder;
    Waiter waiter;
    net::Topic topic;
    std::shared_ptr<WaitingRoom> room{};
    std::vector<std::shared_ptr<net::Subscriber>> subscribers{};
  };

  Stay stay{*this, trying.token()};
  LockCounts& counts = core_->locking().counts();
  Polling polling{.sleep = options_.sleep};
  const auto patience = base::Deadline::in(milliseconds{500}).earlier(base::Deadline{until});
  bool is_told = stay.is_told(patience);
  if (is_told) {  // it may have been released before anybody would have told us
    attempt = try_now(trying, true);
  }
  while (!attempt.acquired) {
    const auto now = Clock::now();
    if (now >= until) {
      break;
    }
    is_told = stay.is_told(base::Deadline{now});
    auto next = saturating_add(now, polling.wait(attempt, is_told, base::random_share()));
    WaitingRoom::Woken woken{};
    while (true) {
      // One looks for all of this process; who is fair also has to be seen by the server.
      const bool looks = options_.fair || !is_told || stay.room->is_first(stay.waiter);
      woken = stay.room->sleep(stay.waiter, base::Deadline{looks ? std::min(next, until) : until});
      if (woken != WaitingRoom::Woken::as_first) {
        break;
      }
      next =
          std::max(next, saturating_add(Clock::now(), polling.wait(attempt, is_told, base::random_share())));
    }
    if (woken != WaitingRoom::Woken::by_message && Clock::now() >= until) {
      break;
    }
    (woken == WaitingRoom::Woken::by_message ? counts.woken : counts.polls)
        .fetch_add(1, std::memory_order_relaxed);
    attempt = try_now(trying, true);
  }
  if (!attempt.acquired) {
    counts.timed_out.fetch_add(1, std::memory_order_relaxed);
  }
  return attempt.acquired;
}

Attempt Holder::try_now(Trying& trying, bool waits) {
  const auto sent = Clock::now();
  const Claim claim{
      .token = trying.token(), .timeout = options_.timeout, .fair = options_.fair, .waits = waits};
  Attempt attempt;
  try {
    attempt = core_->account(trying.mode.strict, &AcquireHold::omitted, [&] {
      AcquireHold operation{name_, scripts_->acquire(claim)};
      CallLink link{*core_, trying.mode};
      auto result = drive(link, operation);
      if (!result && result.failure().maybe_executed) {
        trying.uncertain = true;
      }
      return result;
    });
  } catch (const Error&) {
    throw;
  } catch (...) {  // no memory, perhaps only for the answer
    trying.uncertain = true;
    throw;
  }
  if (attempt.acquired) {
    hold(trying, attempt, sent);
  }
  return attempt;
}

void Holder::hold(const Trying& trying, const Attempt& attempt, Clock::time_point sent) noexcept {
  trying.holding->grant(attempt.fencing_token,
                        options_.timeout ? saturating_add(sent, *options_.timeout) : Clock::time_point::max(),
                        Clock::now() - sent);
  holding_ = trying.holding;
  release_ = trying.release;
  uncertain_ = trying.uncertain;
  core_->locking().counts().acquired.fetch_add(1, std::memory_order_relaxed);
  if (is_kept(*holding_)) {
    renewals_->watch(*holding_);
  }
}

bool Holder::is_kept(const Holding& holding) const noexcept {
  return holding.terms().timeout && (options_.renew || options_.on_lost);
}

std::int64_t Holder::release_now(Holding& holding) {
  if (is_kept(holding)) {
    renewals_->remove(holding);
  }
  const auto in_background = std::exchange(release_, nullptr);
  try {
    // Sent twice, the second answer would say that it had not been ours.
    AskHold operation{name_, scripts_->release(holding.terms().token), CommandKind::accumulating_write};
    const auto answer = core_->run(std::move(operation), mode_.strictly()).value_or(0);
    if (answer == 1) {
      core_->locking().counts().released.fetch_add(1, std::memory_order_relaxed);
      if (uncertain_) {
        in_background->begin();
      }
    } else {
      core_->locking().counts().lost.fetch_add(1, std::memory_order_relaxed);
    }
    return answer;
  } catch (...) {  // not told, or nobody knows, or no memory to tell it
    in_background->begin();
    throw;
  }
}

void Holder::unlock() noexcept {
  const auto holding = std::exchange(holding_, nullptr);
  if (!holding || !holding->is_ours()) {
    return;
  }
  if (!holding->begin_release()) {
    holding->wait_until_told();
    return;
  }
  try {
    if (const auto answer = release_now(*holding); answer != 1) {
      base::log_error(
          core_->logger(),
          LockNotOwnedError{key_, the_noun() + " was found to be lost when it was unlocked"}.what());
      holding->tell(answer == 0 ? LostReason::gone : LostReason::taken);
    }
  } catch (const ConnectionInterrupted& error) {
    core_->note(error.failure());
  } catch (const std::exception& error) {
    base::log_error(core_->logger(), error.what());
  }
}

void Holder::release() {
  const auto holding = std::exchange(holding_, nullptr);  // whatever the answer will be: not a second time
  if (!holding || !holding->is_ours()) {
    throw_not_owned();
  }
  if (!holding->begin_release()) {
    holding->wait_until_told();
    throw_not_owned();
  }
  if (release_now(*holding) != 1) {
    throw_not_owned();
  }
}

bool Holder::extend(milliseconds time, bool replace) {
  time = base::limited(time);
  if (!holding_ || !holding_->stands()) {
    throw_not_owned();
  }
  if (!options_.timeout) {
    throw LockError{key_, the_noun() + " has no timeout, so it cannot be extended"};
  }
  const auto holding = holding_;
  const auto sent = Clock::now();
  holding->revise();
  if (replace && saturating_add(sent, time) < holding->valid_until()) {  // so it is, even if no answer comes
    holding->set_valid_until(saturating_add(sent, time));
    if (is_kept(*holding)) {
      renewals_->watch(*holding);
    }
  }
  AskHold operation{name_, scripts_->renew(holding->terms().token, time, replace ? Life::replace : Life::add),
                    replace ? CommandKind::idempotent_write : CommandKind::accumulating_write};
  const auto answer = core_->run(std::move(operation), mode_);
  if (!answer) {
    return false;
  }
  if (*answer == 0 || *answer == -1) {
    holding->lose(*answer == 0 ? LostReason::gone : LostReason::taken, false);
    throw_not_owned();
  }
  if (*answer == 1) {
    holding->set_valid_until(saturating_add(replace ? sent : holding->valid_until(), time));
    holding->revise();
    if (is_kept(*holding)) {
      renewals_->watch(*holding);
    }
  }
  return *answer == 1;
}

bool Holder::reacquire() {
  if (!options_.timeout) {
    throw LockError{key_, the_noun() + " has no timeout to go back to"};
  }
  return extend(*options_.timeout, true);
}

bool Holder::held() const noexcept {
  return holding_ && holding_->stands() && Clock::now() < holding_->valid_until();
}

Holder::Clock::time_point Holder::valid_until() const noexcept {
  return holding_ && holding_->stands() ? holding_->valid_until() : Clock::time_point::min();
}

std::uint64_t Holder::fencing_token() const {
  if (!holding_ || !holding_->stands()) {
    throw_not_owned();
  }
  return holding_->fencing_token();
}

std::string_view Holder::token() const noexcept {
  return holding_ && holding_->stands() ? std::string_view{holding_->terms().token} : std::string_view{};
}

std::vector<std::shared_ptr<net::Subscriber>> Holder::subscribers() const {
  try {
    return core_->subscribers(SubscriberUse::locks, name_, mode_);
  } catch (const ConnectionInterrupted&) {
    return {};  // the tries will say why
  }
}

void Holder::throw_not_owned() const {
  throw LockNotOwnedError{
      key_,
      the_noun() + " is not held by this object, or not any more: its timeout passed, or it was deleted"};
}

}  // namespace rediscache::cache
