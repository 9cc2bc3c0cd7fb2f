#include <algorithm>
#include <chrono>
#include <utility>

#include <rediscache/detail/moved_from.hpp>
#include <rediscache/error.hpp>
#include <rediscache/redis_cache.hpp>
#include <rediscache/subscription.hpp>

#include "cache/core.hpp"
#include "cache/operations/publish.hpp"
#include "cache/subscription_state.hpp"

namespace rediscache {
namespace {

/// So far from now, and no further than the clock goes: a time may be as long as can be.
base::Deadline deadline_in(std::chrono::milliseconds time) {
  const auto now = base::Clock::now();
  const auto longest =
      std::chrono::duration_cast<std::chrono::milliseconds>(base::Clock::time_point::max() - now);
  return base::Deadline{now + std::clamp(time, std::chrono::milliseconds{0}, longest)};
}

}  // namespace

std::int64_t RedisCache::publish(std::string_view channel, std::string_view payload) {
  return core().run(cache::Publish{"PUBLISH", channel, payload}, mode_);
}

std::int64_t RedisCache::spublish(std::string_view channel, std::string_view payload) {
  return core().run(cache::Publish{"SPUBLISH", channel, payload}, mode_);
}

Subscription RedisCache::subscribe(const SubscribeOptions& options) const {
  static_cast<void>(core());
  return Subscription{core_, mode_, options, {}};
}

Subscription RedisCache::subscribe(const SubscribeOptions& options, Subscription::Callback callback) const {
  static_cast<void>(core());
  return Subscription{core_, mode_, options, std::move(callback)};
}

std::ostream& operator<<(std::ostream& out, const ChannelName& name) {
  return out << name.view();
}

Subscription::Subscription(std::shared_ptr<cache::Core> core, const detail::CallMode& mode,
                           const SubscribeOptions& options, Callback callback)
    : state_{std::make_shared<cache::SubscriptionState>(std::move(core), mode, options)} {
  if (callback) {
    cache::SubscriptionState::call_back(state_, std::move(callback));
  }
}

Subscription::Subscription(Subscription&& other) noexcept = default;
Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    if (state_) {
      state_->end();
    }
    state_ = std::move(other.state_);
  }
  return *this;
}
Subscription::~Subscription() {
  if (state_) {
    state_->end();
  }
}

cache::SubscriptionState& Subscription::state() const {
  return detail::owned_by(state_, "Subscription");
}

std::optional<Message> Subscription::next(std::chrono::milliseconds timeout) {
  return state().next(deadline_in(timeout));
}

std::optional<Message> Subscription::next_until(std::chrono::steady_clock::time_point deadline) {
  return state().next(base::Deadline{std::max(deadline, base::Clock::time_point{})});
}

void Subscription::Messages::advance() {
  auto message = subscription_->next_until(deadline_);
  over_ = !message;
  if (message) {
    current_ = std::move(*message);
  }
}

bool Subscription::wait_until_active(std::chrono::milliseconds timeout) {
  return state().wait_until_active(deadline_in(timeout));
}

Subscription::Messages Subscription::messages(std::chrono::milliseconds time) & {
  return Messages{*this, deadline_in(time).at()};
}

void Subscription::add(const SubscribeOptions& topics) {
  state().add(topics);
}

void Subscription::remove(const SubscribeOptions& topics) {
  state().remove(topics);
}

SubscriptionStatistics Subscription::statistics() const {
  return state().queue().statistics();
}

void Subscription::close() noexcept {
  if (state_) {
    state_->close();
  }
}

bool Subscription::closed() const noexcept {
  return !state_ || state_->queue().closed();
}

}  // namespace rediscache
