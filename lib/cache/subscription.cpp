#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/redis_cache.hpp>
#include <rediscache/subscription.hpp>

#include "cache/core.hpp"
#include "cache/operations/publish.hpp"
#include "cache/subscription_state.hpp"

namespace rediscache {

std::int64_t RedisCache::publish(std::string_view channel, std::string_view payload) {
  return core_->run(cache::Publish{"PUBLISH", channel, payload}, strict_);
}

std::int64_t RedisCache::spublish(std::string_view channel, std::string_view payload) {
  return core_->run(cache::Publish{"SPUBLISH", channel, payload}, strict_);
}

Subscription RedisCache::subscribe(const SubscribeOptions& options) const {
  return Subscription{core_, strict_, options, {}};
}

Subscription RedisCache::subscribe(const SubscribeOptions& options, Subscription::Callback callback) const {
  return Subscription{core_, strict_, options, std::move(callback)};
}

std::ostream& operator<<(std::ostream& out, const ChannelName& name) {
  return out << name.view();
}

Subscription::Subscription(std::shared_ptr<cache::Core> core, bool strict, const SubscribeOptions& options,
                           Callback callback)
    : state_{std::make_shared<cache::SubscriptionState>(std::move(core), strict, options)} {
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

std::optional<Message> Subscription::next(std::chrono::milliseconds timeout) {
  return state_->next(base::Deadline::in(timeout));
}

std::optional<Message> Subscription::next_until(std::chrono::steady_clock::time_point deadline) {
  return state_->next(base::Deadline{deadline});
}

Subscription::Messages Subscription::messages(std::chrono::milliseconds time) & {
  return Messages{*this, std::chrono::steady_clock::now() + time};
}

void Subscription::Messages::advance() {
  auto message = subscription_->next_until(deadline_);
  over_ = !message;
  if (message) {
    current_ = std::move(*message);
  }
}

bool Subscription::wait_until_active(std::chrono::milliseconds timeout) {
  return state_->wait_until_active(base::Deadline::in(timeout));
}

void Subscription::add(const SubscribeOptions& topics) {
  state_->add(topics);
}

void Subscription::remove(const SubscribeOptions& topics) {
  state_->remove(topics);
}

SubscriptionStatistics Subscription::statistics() const {
  return state_->queue().statistics();
}

void Subscription::close() noexcept {
  state_->close();
}

bool Subscription::closed() const noexcept {
  return state_->queue().closed();
}

}  // namespace rediscache
