// Who receives messages for a cache, as its client shows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rediscache {

namespace net {
class Subscriber;  // an inner part of the library, which clients only pass on
}  // namespace net

/// What has become of subscriptions so far, those of users and those by which locks are woken; but for those
/// with WhenFull::wait, whose connections are their own.
struct SubscriberStatistics {
  std::size_t topics = 0;       ///< channels and patterns that somebody wants
  std::size_t confirmed = 0;    ///< those of them that the server has confirmed
  std::uint64_t messages = 0;   ///< received
  std::uint64_t connected = 0;  ///< times a connection was made
  std::uint64_t failed = 0;     ///< times a connection was lost or could not be made
  std::string last_failure{};   ///< why, the last time; empty when it never happened
};

/// For whom messages are received.
enum class SubscriberUse : std::uint8_t {
  messages,  ///< all subscriptions of the cache, on one connection
  locks,     ///< locks that wait for each other, on another one
  alone,     ///< whoever asks, on a connection that nobody else has
};

}  // namespace rediscache
