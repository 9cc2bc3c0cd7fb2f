#include "cache/core.hpp"

#include <algorithm>

#include "base/deadline.hpp"

namespace rediscache::cache {

std::optional<Failure> Core::exchange(const Commands& commands, std::span<Reply> replies,
                                      Client::Deadline deadline) {
  try {
    auto failure = client().execute(commands, replies, deadline);
    if (!failure && settings_.retry_on_startup.count() > 0) {
      answered_.store(true, std::memory_order_relaxed);
    }
    return failure;
  } catch (const ConnectionInterrupted& error) {  // a client of the user's own may throw it
    return error.failure();
  }
}

Client::Deadline Core::deadline() {
  const auto now = base::Clock::now();
  const Client::Deadline usual = now + settings_.call_timeout;
  if (settings_.retry_on_startup.count() == 0 || answered_.load(std::memory_order_relaxed)) {
    return usual;
  }
  Client::Deadline first{};
  const bool is_first = first_call_.compare_exchange_strong(first, now, std::memory_order_relaxed);
  return std::max(usual, (is_first ? now : first) + settings_.retry_on_startup);
}

Client& Core::client() {
  if (Client* const made = made_.load(std::memory_order_acquire)) {
    return *made;
  }
  std::call_once(client_made_, [this] {
    client_ = settings_.make_client();
    made_.store(client_.get(), std::memory_order_release);
  });
  return *client_;
}

void Core::name_server(Failure& failure) const {
  if (const Client* const made = made_.load(std::memory_order_acquire);
      made != nullptr && failure.server.empty()) {
    failure.server = made->server();
  }
}

Statistics Core::statistics() const {
  Statistics statistics;
  omit_.add_to(statistics);
  if (const Client* const made = made_.load(std::memory_order_acquire)) {
    statistics.client = made->statistics();
  }
  return statistics;
}

void Core::close() noexcept {
  Client* const made = made_.load(std::memory_order_acquire);
  if (settings_.close_connection && made != nullptr) {
    made->close();
  }
}

}  // namespace rediscache::cache
