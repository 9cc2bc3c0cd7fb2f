#include "cache/subscription_state.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/fork.hpp"
#include "base/keep_loaded.hpp"
#include "base/log.hpp"

namespace rediscache::cache {
namespace {

using Kind = net::Topic::Kind;

template <class Visit>
void each_topic(const SubscribeOptions& options, Visit&& visit) {
  for (const std::string& name : options.channels) {
    visit(net::Topic{Kind::channel, name});
  }
  for (const std::string& name : options.patterns) {
    visit(net::Topic{Kind::pattern, name});
  }
  for (const std::string& name : options.shard_channels) {
    visit(net::Topic{Kind::shard_channel, name});
  }
}

QueueLimits limits_of(const SubscribeOptions& options) {
  if (options.max_queued == 0 || options.max_queued_bytes == 0) {
    throw InvalidArgument{"subscribe: max_queued and max_queued_bytes must be more than 0"};
  }
  return {.messages = options.max_queued, .bytes = options.max_queued_bytes, .when_full = options.when_full};
}

/// How long whoever runs callbacks waits before it looks around.
constexpr std::chrono::minutes patience{10};
/// How long it waits for memory.
constexpr std::chrono::milliseconds without_memory{100};

}  // namespace

SubscriptionState::SubscriptionState(std::shared_ptr<Core> core, const CallMode& mode,
                                     const SubscribeOptions& options)
    : core_{std::move(core)},
      mode_{mode},
      when_full_{options.when_full},
      queue_{std::make_shared<MessageQueue>(limits_of(options))},
      generation_{base::fork_generation()} {
  try {
    add(options);
  } catch (...) {
    close();
    throw;
  }
}

void SubscriptionState::add(const SubscribeOptions& topics) {
  each_topic(topics, [&](net::Topic topic) { add(std::move(topic)); });
}

void SubscriptionState::remove(const SubscribeOptions& topics) {
  each_topic(topics, [&](const net::Topic& topic) { remove(topic); });
}

void SubscriptionState::add(net::Topic topic) {
  const auto known = [&](const Subscribed& each) { return each.topic == topic; };
  if (queue_->closed() || std::any_of(topics_.begin(), topics_.end(), known)) {
    return;
  }
  std::vector<std::size_t> sources = sources_of(topic);
  topics_.push_back({.topic = std::move(topic), .sources = std::move(sources)});
  const Subscribed& added = topics_.back();
  try {
    for (const std::size_t source : added.sources) {
      sources_[source].subscriber->add(added.topic, sources_[source].inlet);
    }
  } catch (...) {
    let_go(added);
    topics_.pop_back();
    throw;
  }
}

/// Those that there are, and new ones for servers that had none.
std::vector<std::size_t> SubscriptionState::sources_of(const net::Topic& topic) {
  const auto channel =
      topic.kind == Kind::pattern ? std::nullopt : std::optional{std::string_view{topic.name}};
  const auto servers = core_->subscribers(SubscriberUse::messages, channel, mode_);
  if (servers.empty()) {
    throw InvalidArgument{
        "subscribe: the client of this cache has no subscriptions; see Client::subscribers()"};
  }
  std::vector<std::shared_ptr<net::Subscriber>> own;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const auto same = [&](const Source& source) { return source.server == servers[i].get(); };
    const auto at = std::find_if(sources_.begin(), sources_.end(), same);
    found.push_back(static_cast<std::size_t>(at - sources_.begin()));
    if (at != sources_.end()) {
      continue;
    }
    if (when_full_ == WhenFull::wait && own.empty()) {
      own = core_->subscribers(SubscriberUse::alone, channel, mode_);
    }
    Source source{.server = servers[i].get(),
                  .subscriber = when_full_ == WhenFull::wait ? own.at(i) : servers[i],
                  .inlet = std::make_shared<Inlet>(queue_)};
    const std::scoped_lock lock{growing_};
    sources_.push_back(std::move(source));
  }
  return found;
}

void SubscriptionState::remove(const net::Topic& topic) noexcept {
  const auto found = std::find_if(topics_.begin(), topics_.end(),
                                  [&](const Subscribed& each) { return each.topic == topic; });
  if (found != topics_.end()) {
    let_go(*found);
    topics_.erase(found);
  }
}

void SubscriptionState::let_go(const Subscribed& subscribed) noexcept {
  for (const std::size_t source : subscribed.sources) {
    sources_[source].subscriber->remove(subscribed.topic, sources_[source].inlet.get());
  }
}

void SubscriptionState::close() noexcept {
  queue_->close();
  for (const Subscribed& each : topics_) {
    let_go(each);
  }
  topics_.clear();
}

std::optional<Message> SubscriptionState::next(base::Deadline deadline) {
  if (const std::uint64_t now = base::fork_generation(); generation_.load(std::memory_order_relaxed) != now) {
    resume();
    generation_.store(now, std::memory_order_relaxed);
  }
  while (true) {
    MessageQueue::Taken taken = queue_->take(deadline);
    if (taken.relieved) {
      resume();
    }
    if (taken.refusal) {
      account_for(*taken.refusal);
      continue;
    }
    if (taken.overflowed) {
      throw SubscriptionError{
          "the subscription has ended: more messages waited than max_queued or max_queued_bytes allow. Take "
          "them "
          "faster, raise these, or choose another WhenFull"};
    }
    return std::move(taken.message);
  }
}

/// Throws, or swallows, as for a call.
void SubscriptionState::account_for(const Failure& failure) {
  core_->account(mode_.strict, [] { return false; }, [&] { return base::Result<bool>{failure}; });
}

void SubscriptionState::resume() {
  for (std::size_t i = 0;; ++i) {
    std::shared_ptr<net::Subscriber> subscriber;
    {
      const std::scoped_lock lock{growing_};
      if (i == sources_.size()) {
        return;
      }
      subscriber = sources_[i].subscriber;
    }
    subscriber->resume();
  }
}

bool SubscriptionState::wait_until_active(base::Deadline deadline) {
  bool active = true;
  for (const Subscribed& each : topics_) {
    for (const std::size_t source : each.sources) {
      // For all, also after one that is refused: so every refusal has come.
      active = sources_[source].subscriber->wait_confirmed(each.topic, deadline) && active;
    }
  }
  if (!active) {
    if (const auto refusal = queue_->take_refusal()) {
      account_for(*refusal);
    }
  }
  return active && !queue_->closed();
}

void SubscriptionState::call_back(const std::shared_ptr<SubscriptionState>& state,
                                  Subscription::Callback callback) {
  base::keep_loaded();  // the subscription may be an object that is never destroyed
  state->queue_->taken_only_here();
  state->worker_ = base::Thread{[state, callback = std::move(callback)] { state->run(callback); }};
}

void SubscriptionState::end() noexcept {
  close();
  worker_.join();
}

void SubscriptionState::run(const Subscription::Callback& callback) noexcept {
  while (!queue_->closed()) {
    try {
      if (const auto message = next(base::Deadline::in(patience))) {
        call(callback, *message);
      }
    } catch (const SubscriptionError& error) {
      base::log_error(core_->logger(), error.what());
      return;
    } catch (const ConnectionInterrupted& error) {  // a topic was refused, and there is nobody to throw it to
      core_->note(error.failure());
    } catch (const std::exception& error) {  // memory ran out
      base::log_error(core_->logger(), error.what());
      std::this_thread::sleep_for(without_memory);
    }
  }
}

/// A callback may throw at each message, of which there may be many.
void SubscriptionState::note_thrown(std::string_view what) const noexcept {
  const auto left_out = thrown_limit_.pass(base::coarse_now());
  if (!left_out) {
    return;
  }
  try {
    std::string text = "a subscription's callback threw: ";
    text.append(what);
    if (*left_out > 0) {
      text += " (and " + std::to_string(*left_out) + " times before that were not logged)";
    }
    base::log_error(core_->logger(), text);
  } catch (const std::bad_alloc&) {
    base::log_error(core_->logger(), what);
  }
}

/// Whatever it throws is its own: no failure of the subscription, even when it looks like one.
void SubscriptionState::call(const Subscription::Callback& callback, const Message& message) const noexcept {
  try {
    callback(message);
  } catch (const std::exception& error) {
    note_thrown(error.what());
  } catch (...) {
    note_thrown("something that is no std::exception");
  }
}

}  // namespace rediscache::cache
