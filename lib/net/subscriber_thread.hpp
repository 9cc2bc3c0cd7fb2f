// A subscriber that has a thread and a connection of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.hpp"
#include "base/fork.hpp"
#include "base/thread.hpp"
#include "net/endpoint.hpp"
#include "net/socket.hpp"
#include "net/subscriber.hpp"
#include "proto/subscriptions.hpp"

namespace rediscache::net {

/// Starts its thread with the first topic and ends it some time after the last. The thread holds the lock
/// whenever it does not sleep or connect, and gives way to whoever else wants it.
class SubscriberThread final : public Subscriber, public base::ForkAware {
 public:
  struct Pace {
    proto::SubscriptionPace protocol{};
    /// So long without topics, and the connection and the thread end.
    std::chrono::milliseconds linger{5000};
    /// Outages that follow each other are logged once in so long, the last one also later.
    std::chrono::milliseconds log_interval{10'000};
  };

  explicit SubscriberThread(const ServerSettings& settings);
  SubscriberThread(ServerSettings settings, const Pace& pace);
  /// Waits for the thread, at most twice `connect_timeout` when it is just connecting.
  ~SubscriberThread() override;

  void add(const Topic& topic, std::shared_ptr<Listener> listener) override;
  void remove(const Topic& topic, const Listener* listener) noexcept override;
  [[nodiscard]] bool wait_confirmed(const Topic& topic, base::Deadline deadline) override;
  void resume() override;
  [[nodiscard]] SubscriberStatistics statistics() const override;

  /// Whether it has a thread just now.
  [[nodiscard]] bool running() const;

  void before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Time = base::Clock::time_point;

  struct Route {
    Topic topic;
    std::vector<std::shared_ptr<Listener>> listeners;
    bool missed = false;  // something, since its connection was lost
  };

  /// Whoever else holds the lock for a moment: the thread lets them go first.
  class Visit {
   public:
    explicit Visit(const SubscriberThread& owner);
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit();

   private:
    const SubscriberThread& owner_;
  };

  // The lock is held by whoever calls these.
  void start();
  void wake() const noexcept;
  [[nodiscard]] std::uint32_t new_route(const Topic& topic);
  void tell_waiting() noexcept;
  void tell_refused(const Topic& topic, Listener& listener, Failure failure) const;

  // The thread's, which holds the lock but where a function lets go of it (subscriber_loop.cpp).
  void run() noexcept;
  [[nodiscard]] bool step(Lock& lock);
  void connect(Lock& lock);
  void disconnect(Failure failure) noexcept;
  void note(const Failure& failure);
  void send();
  [[nodiscard]] bool receive();
  [[nodiscard]] bool handle_events();
  void deliver(const proto::Subscriptions::Event& event);
  void tell_gap();
  void flush() noexcept;
  [[nodiscard]] bool any_stalled() const noexcept;
  void sleep(Lock& lock, Time until);
  void give_way(Lock& lock);
  void write_log(Lock& lock);

  const ServerSettings settings_;
  const Pace pace_;
  mutable std::mutex mutex_;
  mutable std::atomic<int> visitors_{0};
  std::atomic<std::uint32_t> changes_{0};  // what is confirmed or refused, or the end; a futex
  proto::Subscriptions protocol_;
  std::vector<Route> routes_;  // by the number that the protocol knows it by
  std::vector<std::uint32_t> free_routes_;
  std::vector<Listener*> touched_;  // who has messages since flush()
  std::unique_ptr<Socket> socket_;
  base::Thread thread_;
  base::Fd wake_;  // an eventfd
  bool running_ = false;
  bool stopping_ = false;
  bool is_stalled_ = false;
  bool look_again_ = false;  // at who is stalled
  bool is_told_ = false;     // that the connection was lost, in the log
  Time unused_since_{};
  Time logged_at_{};
  std::string to_log_;
  std::string payload_;  // of the message that is being delivered
  SubscriberStatistics statistics_;
};

}  // namespace rediscache::net
