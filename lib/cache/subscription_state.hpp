// A subscription, wherever its messages come from.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <rediscache/subscription.hpp>

#include "base/deadline.hpp"
#include "base/fork_mutex.hpp"
#include "base/thread.hpp"
#include "cache/core.hpp"
#include "cache/inlet.hpp"
#include "cache/log_limit.hpp"
#include "cache/message_queue.hpp"
#include "client/subscribers.hpp"

namespace rediscache::cache {

/// Thread safety: as Subscription has it.
class SubscriptionState {
 public:
  /// InvalidArgument for bounds that nothing fits into, and for a client that has no subscriptions.
  SubscriptionState(std::shared_ptr<Core> core, const CallMode& mode, const SubscribeOptions& options);
  SubscriptionState(const SubscriptionState&) = delete;
  SubscriptionState& operator=(const SubscriptionState&) = delete;
  ~SubscriptionState() { close(); }

  void add(const SubscribeOptions& topics);
  void remove(const SubscribeOptions& topics);
  [[nodiscard]] std::optional<Message> next(base::Deadline deadline);
  [[nodiscard]] bool wait_until_active(base::Deadline deadline);
  void close() noexcept;

  /// Starts a thread that calls `callback` with what comes, until end().
  static void call_back(const std::shared_ptr<SubscriptionState>& state, Subscription::Callback callback);
  /// Closes, and waits for a callback that is under way.
  void end() noexcept;

  [[nodiscard]] const MessageQueue& queue() const noexcept { return *queue_; }

 private:
  /// What receives for us from one server.
  struct Source {
    const net::Subscriber* server = nullptr;  // the one that all share, by which the server is known
    std::shared_ptr<net::Subscriber> subscriber;
    std::shared_ptr<Inlet> inlet;
  };
  /// A topic and the servers that were asked for it.
  struct Subscribed {
    net::Topic topic;
    std::vector<std::size_t> sources;
  };

  void add(net::Topic topic);
  void remove(const net::Topic& topic) noexcept;
  [[nodiscard]] std::vector<std::size_t> sources_of(const net::Topic& topic);
  void let_go(const Subscribed& subscribed) noexcept;
  void run(const Subscription::Callback& callback) noexcept;
  void call(const Subscription::Callback& callback, const Message& message) const noexcept;
  void note_thrown(std::string_view what) const noexcept;
  void account_for(const Failure& failure);
  void resume();

  const std::shared_ptr<Core> core_;
  const CallMode mode_;
  const WhenFull when_full_;
  const std::shared_ptr<MessageQueue> queue_;
  base::ForkMutex growing_;  // who takes messages looks at the sources while there may be more of them
  std::vector<Source> sources_;
  std::vector<Subscribed> topics_;
  std::atomic<std::uint64_t> generation_;  // of the process in which messages are received
  mutable LogLimit thrown_limit_;
  base::Thread worker_;
};

}  // namespace rediscache::cache
