// Messages of one server, for all who listen.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>
#include <rediscache/subscriber.hpp>

#include "base/deadline.hpp"
#include "proto/topic.hpp"

namespace rediscache::net {

using proto::Topic;

/// Is told of messages, by the subscriber's thread, which holds the subscriber's lock meanwhile: no function
/// here blocks, throws, calls the subscriber, or takes a lock but a leaf (base/fork_mutex.hpp).
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  /// A message. `topic` is what was subscribed to, `channel` where it was published: another name when the
  /// topic is a pattern. The payload may be moved out.
  virtual void message(const Topic& topic, std::string_view channel, std::string& payload) noexcept = 0;
  /// The connection was made anew, and everything is subscribed to again: messages that were published
  /// meanwhile are missing.
  virtual void gap() noexcept = 0;
  /// The server refuses the topic, and will until the next connection: missing rights, or it has no sharded
  /// channels.
  virtual void refused(const Topic& /*topic*/, const Failure& /*failure*/) noexcept {}
  /// For now there are no more messages: the time to wake somebody.
  virtual void flush() noexcept {}
  /// Whether nothing more should be read for now, whoever else is waiting. Subscriber::resume() ends it.
  [[nodiscard]] virtual bool stalled() const noexcept { return false; }
};

/// Keeps a connection to a server as long as there are topics, makes it anew when it is lost, and then
/// subscribes again to all of them.
///
/// Thread-safe. In the child of a fork everything is subscribed to again, on a connection of the child's own,
/// as soon as any function here is called; who listens is told of a gap.
class Subscriber {
 public:
  Subscriber() = default;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  virtual ~Subscriber() = default;

  /// Subscribes the listener to a topic, once, however often it is called. Returns at once: wait_confirmed()
  /// tells when the server knows. Throws std::bad_alloc, and std::system_error when no thread can be started.
  virtual void add(const Topic& topic, std::shared_ptr<Listener> listener) = 0;
  /// No call to the listener about this topic begins after this has returned.
  virtual void remove(const Topic& topic, const Listener* listener) noexcept = 0;
  /// Waits until the server has confirmed the topic on the present connection. False when it has not by the
  /// deadline, or refused it, or when nobody subscribes to it.
  [[nodiscard]] virtual bool wait_confirmed(const Topic& topic, base::Deadline deadline) = 0;
  /// A listener that was stalled() is not any more; also what the child of a fork calls to go on listening.
  virtual void resume() = 0;
  [[nodiscard]] virtual SubscriberStatistics statistics() const = 0;
};

}  // namespace rediscache::net
