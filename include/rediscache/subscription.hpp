// Messages that others publish.
//
//   auto subscription = cache.subscribe({.channels = {"prices"}, .patterns = {"news.*"}});
//   subscription.wait_until_active(2s);            // from here on nothing is missed
//   cache.publish("prices", "42");
//   while (auto message = subscription.next(1s)) {
//     if (message->kind == rediscache::Message::Kind::gap) reload();   // the connection was lost meanwhile
//     else use(message->channel, message->payload);
//   }
//
//   auto in_background = cache.subscribe({.channels = {"prices"}}, [](const rediscache::Message& message) {
//   ... });
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/detail/call_mode.hpp>
#include <rediscache/export.hpp>
#include <rediscache/milliseconds.hpp>

namespace rediscache {

namespace cache {
class Core;
class SubscriptionState;
}  // namespace cache

/// The name of a channel or a pattern, which all of its messages share. Empty when there is none.
class ChannelName {
 public:
  ChannelName() noexcept = default;
  explicit ChannelName(std::shared_ptr<const std::string> name) noexcept : name_{std::move(name)} {}

  [[nodiscard]] std::string_view view() const noexcept { return name_ ? std::string_view{*name_} : ""; }
  [[nodiscard]] std::string str() const { return std::string{view()}; }
  [[nodiscard]] bool empty() const noexcept { return view().empty(); }
  /// Not only equal, but shared.
  [[nodiscard]] bool same(const ChannelName& other) const noexcept { return name_ == other.name_; }
  operator std::string_view() const noexcept { return view(); }
  friend bool operator==(const ChannelName& left, std::string_view right) noexcept {
    return left.view() == right;
  }
  friend REDISCACHE_API std::ostream& operator<<(std::ostream& out, const ChannelName& name);

 private:
  std::shared_ptr<const std::string> name_;
};

/// One message, or the notice that some may be missing. A value.
struct Message {
  enum class Kind : std::uint8_t {
    message,
    /// The connection was lost and everything is subscribed to again. What was published meanwhile did not
    /// come; whatever is published from now on does. Neither channel nor payload.
    gap,
  };
  Kind kind = Kind::message;
  ChannelName channel{};
  ChannelName pattern{};  ///< by which it was subscribed to; empty when by its name
  std::string payload{};
};

/// What happens to messages when so many wait to be taken that no more may.
enum class WhenFull : std::uint8_t {
  drop_oldest,  ///< those that wait longest are thrown away, and counted
  drop_newest,  ///< those that come are
  close,        ///< the subscription ends: after what waits, next() throws SubscriptionError
  /// Nothing is read any more until half of it was taken, so that the server keeps it: until its
  /// `client-output-buffer-limit pubsub` is reached, and it closes the connection (a gap). The subscription
  /// has a connection of its own, for no other one to wait.
  wait,
};

struct SubscribeOptions {
  std::vector<std::string> channels{};
  std::vector<std::string> patterns{};        ///< as the server's glob: `news.*`
  std::vector<std::string> shard_channels{};  ///< for spublish(); Redis 7 or newer
  /// So many messages may wait to be taken; with WhenFull::wait also those received together with the last.
  std::size_t max_queued = 100'000;
  /// Of their payloads, and of the names of channels that a pattern matched; a lone one may be larger.
  std::size_t max_queued_bytes = std::size_t{64} << 20U;
  WhenFull when_full = WhenFull::drop_oldest;
};

/// What a subscription has seen so far.
struct SubscriptionStatistics {
  std::uint64_t received = 0;  ///< messages, those dropped included
  std::uint64_t dropped = 0;   ///< because the queue was full
  std::uint64_t gaps = 0;      ///< times its connection was lost and restored
  std::size_t queued = 0;      ///< messages that wait
};

/// Receives the messages of channels and patterns until it is destroyed.
///
/// Subscribing needs no server and never fails for want of one: connecting, again and again with growing
/// pauses, is the work of a thread that all subscriptions of a cache share, as they share one connection for
/// each server. Whether the server knows of the subscription, wait_until_active() tells; that it does not,
/// is logged and counted (`statistics().client.subscriptions`). A message is delivered at most once, those of
/// one server in the order in which it sent them. Of several servers (ShardClient) a channel belongs to the
/// shard of its name and patterns to all; with replicas, the primary has them. Names go as they are given,
/// without prefix and version.
///
/// Thread safety: next() and the counters may be used by several threads at once, each message goes to one of
/// them; all else by one thread at a time. Keeps the cache's connections alive. After fork() the child's copy
/// goes on, beginning with a gap, with the first next() there; callbacks are the parent's.
/// Blocking: next(), messages() and wait_until_active(), until their deadlines. The destructor of one with a
/// callback waits for a call that is under way, unless it is called by it.
/// Errors: next() throws what the server refuses a topic with, once: AuthenticationError for missing rights,
/// ResponseError for sharded channels that it does not have. With `ignore_exceptions` that is logged and
/// counted instead, as for other calls. SubscriptionError after WhenFull::close.
class REDISCACHE_API Subscription {
 public:
  using Callback = std::function<void(const Message& message)>;
  class Messages;

  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  Subscription(Subscription&& other) noexcept;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

  /// The next message, for which it waits so long at most. Nothing when there was none, or after close().
  [[nodiscard]] std::optional<Message> next(Milliseconds timeout);
  [[nodiscard]] std::optional<Message> next_until(std::chrono::steady_clock::time_point deadline);
  /// The messages that come until then: `for (Message& message : subscription.messages(10s)) ...`
  [[nodiscard]] Messages messages(Milliseconds time) &;
  Messages messages(Milliseconds time) && = delete;  // it would not live as long as the range

  /// Waits until the servers have confirmed every topic on connections that are alive: from then on no
  /// message is missed without a gap. False when they have not by then.
  bool wait_until_active(Milliseconds timeout);

  /// More topics, and fewer. Those of the options that are no topics have no meaning here.
  void add(const SubscribeOptions& topics);
  void remove(const SubscribeOptions& topics);

  [[nodiscard]] std::uint64_t dropped() const { return statistics().dropped; }
  [[nodiscard]] std::uint64_t gaps() const { return statistics().gaps; }
  [[nodiscard]] SubscriptionStatistics statistics() const;

  /// Ends it: nothing comes any more, and what waits is thrown away.
  void close() noexcept;
  [[nodiscard]] bool closed() const noexcept;

 private:
  friend class RedisCache;
  Subscription(std::shared_ptr<cache::Core> core, const detail::CallMode& mode,
               const SubscribeOptions& options, Callback callback);

  [[nodiscard]] cache::SubscriptionState& state() const;

  std::shared_ptr<cache::SubscriptionState> state_;  // null only after a move
};

/// A range of messages with an end in time. Once.
class Subscription::Messages {
 public:
  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Message;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    explicit Iterator(Messages& messages) noexcept : messages_{&messages} {}
    [[nodiscard]] Message& operator*() const noexcept { return messages_->current_; }
    Iterator& operator++() {
      messages_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return messages_->over_; }

   private:
    Messages* messages_ = nullptr;
  };

  Messages(Subscription& subscription, std::chrono::steady_clock::time_point deadline) noexcept
      : subscription_{&subscription}, deadline_{deadline} {}
  [[nodiscard]] Iterator begin() {
    advance();
    return Iterator{*this};
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  REDISCACHE_API void advance();

  Subscription* subscription_;
  std::chrono::steady_clock::time_point deadline_;
  Message current_;
  bool over_ = false;
};

}  // namespace rediscache
