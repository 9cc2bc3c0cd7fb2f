// What is subscribed to on one connection, and on the ones that replace it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <rediscache/error.hpp>

#include "proto/topic.hpp"
#include "resp/push_reader.hpp"

namespace rediscache::proto {

struct SubscriptionPace {
  std::chrono::milliseconds first_pause{10};  ///< before a lost connection is made anew; then doubled
  std::chrono::milliseconds longest_pause{2000};
  std::chrono::milliseconds quiet_time{10'000};  ///< with nothing heard for so long the server is asked
  std::chrono::milliseconds answer_time{5000};   ///< and has so long to answer
};

/// Knows what is wanted, what the server was told and what it has confirmed; turns bytes into events; says
/// when to connect, and when a connection is dead. Neither sends nor waits: whoever owns the socket
///
///   connects when due() has come, and says connected() or lost();
///   sends output() and says wrote(); receives into space(), says received() and takes events by next();
///   calls tick() when due() has come.
///
/// Each topic has a number, which the owner gives it. Not thread-safe.
class Subscriptions {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Id = std::uint32_t;

  struct Event {
    enum class Kind : std::uint8_t {
      nothing,    ///< until more is received
      message,    ///< `id`, `channel`, `payload`, valid until space()
      confirmed,  ///< `id`
      refused,    ///< `id`; failure() says why
      restored,   ///< all that had been confirmed before a connection was lost is so again
      broken,     ///< the connection is of no more use; failure() says why
    };
    Kind kind = Kind::nothing;
    Id id = 0;
    std::string_view channel{};
    std::string_view payload{};
  };

  Subscriptions(std::size_t max_message_bytes, const SubscriptionPace& pace)
      : pace_{pace}, reader_{max_message_bytes} {}

  // What is wanted. A topic is wanted once.

  void want(const Topic& topic, Id id, Time now);
  void unwant(TopicView topic, Time now);
  /// The number of a topic that is wanted.
  [[nodiscard]] std::optional<Id> find(TopicView topic) const;
  /// Whether the server has confirmed it on this connection, and did not have to be told anything since.
  [[nodiscard]] bool confirmed(TopicView topic) const;
  /// Why the server refuses it; null when it does not.
  [[nodiscard]] const Failure* refusal(TopicView topic) const;
  [[nodiscard]] std::size_t wanted() const noexcept { return wanted_; }
  [[nodiscard]] std::size_t confirmed() const noexcept { return confirmed_; }

  // The connection.

  void connected(Time now);
  /// It was lost, or could not be made. `random` is in [0, 1). Gives what had been confirmed until then, or
  /// was before it was refused; valid until the next call.
  const std::vector<Id>& lost(Time now, double random) noexcept;
  /// In another process, or after everything has been quiet: what failed before does not count.
  void forget_failures() noexcept { failures_ = 0; }

  [[nodiscard]] std::string_view output() const noexcept {
    return std::string_view{output_}.substr(written_);
  }
  void wrote(std::size_t bytes) noexcept;

  [[nodiscard]] std::span<char> space() { return reader_.space(); }
  void received(std::size_t bytes, Time now) noexcept;
  [[nodiscard]] Event next();
  /// Of the last event that had one.
  [[nodiscard]] const Failure& failure() const noexcept { return failure_; }

  /// Without a connection: when to make one. With one: when to tick().
  [[nodiscard]] Time due() const noexcept;
  /// Asks a quiet server for a sign of life; true when it had been asked and gave none.
  [[nodiscard]] bool tick(Time now);
  /// Nothing was read for a while because nobody wanted to: that says nothing about the server.
  void excuse(Time now) noexcept { heard_ = now; }

 private:
  struct Entry {
    Id id = 0;
    bool wanted = false;
    bool told = false;       // the last that the server was told is to subscribe
    bool restoring = false;  // it had been confirmed, and is to be again
    bool lapsed = false;     // it had been confirmed, and was refused when it was to be again
    bool counted = false;    // in confirmed_
    std::uint32_t unanswered = 0;
    std::optional<Failure> refusal{};
  };
  using Entries = std::unordered_map<Topic, Entry, TopicHash, TopicEqual>;
  using Item = Entries::value_type;
  /// What an answer is awaited for; nothing for a PING.
  struct Awaited {
    Item* item = nullptr;
    bool subscribing = false;
  };

  void tell(Item& item, bool subscribe, Time now);
  void await(Awaited awaited, Time now);
  void settle(Item& item);
  [[nodiscard]] std::optional<Event> read(const resp::Push& push);
  [[nodiscard]] std::optional<Event> read_message(Topic::Kind kind, std::string_view topic,
                                                  std::string_view channel, std::string_view payload);
  [[nodiscard]] std::optional<Event> read_answer(const resp::Push& push);
  [[nodiscard]] std::optional<Event> read_error(std::string_view text);
  [[nodiscard]] std::optional<Event> answered(Item& item, bool subscribing);
  Event broken(std::string message);

  const SubscriptionPace pace_;
  resp::PushReader reader_;
  Entries entries_;
  std::vector<Id> missing_;  // what lost() gives
  std::deque<Awaited> awaited_;
  Failure failure_;
  std::string output_;
  std::size_t written_ = 0;
  std::size_t wanted_ = 0;
  std::size_t confirmed_ = 0;
  std::size_t restoring_ = 0;
  bool restored_ = false;  // to be told by next()
  bool is_connected_ = false;
  bool proven_ = false;         // this connection has answered
  const Item* last_ = nullptr;  // whose message came last: often that of the next one
  std::uint32_t failures_ = 0;  // in a row
  Time heard_{};
  Time asked_{};
  Time connect_at_{};
};

}  // namespace rediscache::proto
