// What the thread of a subscriber does.
#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>

#include "base/log.hpp"
#include "base/random.hpp"
#include "net/connection.hpp"
#include "net/subscriber_thread.hpp"

namespace rediscache::net {
namespace {

/// So many times the thread gives way to whoever wants the lock, before it goes on all the same.
constexpr int most_yields = 100;

}  // namespace

void SubscriberThread::run() noexcept {
  Lock lock{mutex_};
  while (!stopping_) {
    try {
      if (!step(lock)) {
        break;
      }
    } catch (const std::exception&) {
      if (!lock.owns_lock()) {
        lock.lock();
      }
      disconnect({.code = ErrorCode::connection, .message = "no memory left", .server = {}, .command = {}});
    }
  }
  socket_.reset();
  running_ = false;
}

/// Does what there is to do, and sleeps until there is more. False: nobody needs the thread any more.
bool SubscriberThread::step(Lock& lock) {
  const auto now = base::Clock::now();
  if (protocol_.wanted() == 0 && now - unused_since_ >= pace_.linger) {
    if (socket_) {
      socket_.reset();
      static_cast<void>(protocol_.lost(now, 0));
      protocol_.forget_failures();
    }
    return false;
  }
  if (!socket_) {
    if (protocol_.wanted() == 0) {
      sleep(lock, unused_since_ + pace_.linger);
    } else if (now < protocol_.due()) {
      sleep(lock, protocol_.due());
    } else {
      connect(lock);
    }
    return true;
  }
  if (std::exchange(look_again_, false) && is_stalled_) {
    is_stalled_ = any_stalled();
    protocol_.excuse(now);
  }
  send();
  if (socket_ && !is_stalled_ && receive()) {
    give_way(lock);
    return true;
  }
  if (!socket_) {
    return true;
  }
  if (!is_stalled_ && protocol_.tick(now)) {
    disconnect({.code = ErrorCode::timeout,
                .message = "the server gave no sign of life",
                .server = {},
                .command = {},
                .connection_lost = true});
    return true;
  }
  if (protocol_.output().empty()) {
    sleep(lock, protocol_.wanted() == 0 ? std::min(protocol_.due(), unused_since_ + pace_.linger)
                                        : protocol_.due());
  } else {
    send();
    if (socket_) {
      sleep(lock, protocol_.due());
    }
  }
  return true;
}

void SubscriberThread::connect(Lock& lock) {
  lock.unlock();
  auto opened = [&]() -> base::Result<std::unique_ptr<Connection>> {
    try {
      return Connection::open(settings_, base::Deadline::in(2 * settings_.connect_timeout));
    } catch (const std::exception& error) {
      return Failure{.code = ErrorCode::connection, .message = error.what(), .server = {}, .command = {}};
    }
  }();
  lock.lock();
  if (!opened) {
    disconnect(std::move(opened.failure()));
    return;
  }
  socket_ = std::make_unique<Socket>(opened.value()->take_socket());
  ++statistics_.connected;
  is_stalled_ = any_stalled();
  protocol_.connected(base::Clock::now());
}

/// Also when there was no connection.
void SubscriberThread::disconnect(Failure failure) noexcept {
  socket_.reset();
  flush();              // what came before the end
  is_stalled_ = false;  // on the next connection that is seen again
  for (const std::uint32_t id : protocol_.lost(base::Clock::now(), base::random_share())) {
    routes_[id].missed = true;
  }
  ++statistics_.failed;
  try {
    failure.server = settings_.endpoint.name();
    note(failure);
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory it is only counted
  }
}

void SubscriberThread::note(const Failure& failure) {
  statistics_.last_failure = failure.text();
  const auto now = base::Clock::now();
  if (!is_told_ && (logged_at_ == Time{} || now - logged_at_ >= pace_.log_interval)) {
    is_told_ = true;
    logged_at_ = now;
    to_log_ = "no messages for now, the connection for subscriptions will be made anew: " + failure.text();
  }
}

void SubscriberThread::send() {
  while (socket_ && !protocol_.output().empty()) {
    const std::string_view piece = protocol_.output();
    const Transfer sent = socket_->try_send({&piece, 1});
    if (sent.status == Transfer::Status::would_block) {
      return;
    }
    if (sent.status != Transfer::Status::done) {
      disconnect(socket_->failure_of(sent, "subscribing"));
      return;
    }
    protocol_.wrote(sent.bytes);
  }
}

/// Reads what is there, once. False when that was nothing.
bool SubscriberThread::receive() {
  const Transfer received = socket_->try_receive(protocol_.space());
  if (received.status == Transfer::Status::would_block) {
    return false;
  }
  if (received.status != Transfer::Status::done) {
    disconnect(socket_->failure_of(received, "waiting for messages"));
    return true;
  }
  protocol_.received(received.bytes, base::coarse_now());
  const bool changed = handle_events();
  flush();
  if (changed) {
    tell_waiting();
  }
  return true;
}

/// Whether something was confirmed or refused.
bool SubscriberThread::handle_events() {
  using Kind = proto::Subscriptions::Event::Kind;
  bool changed = false;
  while (true) {
    const proto::Subscriptions::Event event = protocol_.next();
    switch (event.kind) {
      case Kind::nothing:
        return changed;
      case Kind::message:
        deliver(event);
        break;
      case Kind::confirmed:
        is_told_ = false;
        changed = true;
        break;
      case Kind::refused: {
        changed = true;
        const Route& route = routes_[event.id];
        for (const auto& listener : route.listeners) {
          tell_refused(route.topic, *listener, protocol_.failure());
        }
        break;
      }
      case Kind::restored:
        tell_gap();
        break;
      case Kind::broken:
        disconnect(protocol_.failure());
        return changed;
    }
  }
}

void SubscriberThread::deliver(const proto::Subscriptions::Event& event) {
  const Route& route = routes_[event.id];
  ++statistics_.messages;
  for (const auto& listener : route.listeners) {
    payload_.assign(event.payload);
    listener->message(route.topic, event.channel, payload_);
    if (touched_.empty() || touched_.back() != listener.get()) {
      touched_.push_back(listener.get());
    }
  }
}

void SubscriberThread::tell_gap() {
  std::vector<Listener*> missed;
  for (Route& route : routes_) {
    if (route.missed && protocol_.refusal(route.topic) == nullptr) {
      route.missed = false;
      for (const auto& listener : route.listeners) {
        missed.push_back(listener.get());
      }
    }
  }
  std::sort(missed.begin(), missed.end());
  missed.erase(std::unique(missed.begin(), missed.end()), missed.end());
  for (Listener* const listener : missed) {
    listener->gap();
    touched_.push_back(listener);
  }
}

void SubscriberThread::flush() noexcept {
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (Listener* const listener : touched_) {
    listener->flush();
    is_stalled_ = is_stalled_ || listener->stalled();
  }
  touched_.clear();
}

bool SubscriberThread::any_stalled() const noexcept {
  return std::any_of(routes_.begin(), routes_.end(), [](const Route& route) {
    return std::any_of(route.listeners.begin(), route.listeners.end(),
                       [](const auto& listener) { return listener->stalled(); });
  });
}

/// Until then, until something is received or can be sent, or until somebody wakes it.
void SubscriberThread::sleep(Lock& lock, Time until) {
  std::array<pollfd, 2> waiting{};
  waiting[0] = {.fd = wake_.get(), .events = POLLIN, .revents = 0};
  waiting[1] = {.fd = -1, .events = 0, .revents = 0};
  if (socket_ && (!is_stalled_ || !protocol_.output().empty())) {
    waiting[1].fd = socket_->descriptor();
    waiting[1].events = static_cast<short>((is_stalled_ ? 0 : socket_->events_to_receive()) |
                                           (protocol_.output().empty() ? 0 : socket_->events_to_send()));
  }
  const base::Deadline deadline{is_stalled_ ? base::Clock::now() + std::chrono::hours{1} : until};
  write_log(lock);
  lock.unlock();
  static_cast<void>(::poll(waiting.data(), waiting.size(), deadline.poll_timeout()));
  if (waiting[0].revents != 0) {
    eventfd_t count = 0;
    static_cast<void>(::eventfd_read(waiting[0].fd, &count));
  }
  lock.lock();
}

void SubscriberThread::give_way(Lock& lock) {
  if (visitors_.load(std::memory_order_relaxed) == 0) {
    return;
  }
  lock.unlock();
  for (int i = 0; i < most_yields && visitors_.load(std::memory_order_relaxed) > 0; ++i) {
    std::this_thread::yield();
  }
  lock.lock();
}

void SubscriberThread::write_log(Lock& lock) {
  if (to_log_.empty()) {
    return;
  }
  const std::string text = std::exchange(to_log_, {});
  lock.unlock();
  base::log_warning(settings_.logger, text);
  lock.lock();
}

}  // namespace rediscache::net
