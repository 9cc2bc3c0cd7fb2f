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

std::optional<Message> Subscription::next(Milliseconds timeout) {
  return state().next(base::Deadline::in(timeout));
}

std::optional<Message> Subscription::next_until(std::chrono::steady_clock::time_point deadline) {
  return state().next(base::Deadline{deadline});
}

void Subscription::Messages::advance() {
  auto message = subscription_->next_until(deadline_);
  over_ = !message;
  if (message) {
    current_ = std::move(*message);
  }
}

bool Subscription::wait_until_active(Milliseconds timeout) {
  return state().wait_until_active(base::Deadline::in(timeout));
}

Subscription::Messages Subscription::messages(Milliseconds time) & {
  return Messages{*this, base::Deadline::in(time).at()};
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
