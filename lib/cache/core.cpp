#include "cache/core.hpp"

#include "base/deadline.hpp"
#include "base/log.hpp"
#include "cache/locking.hpp"

namespace rediscache::cache {
namespace {

/// Of a call that begins now. Without any time it is over by every clock, so that nothing is sent.
Client::Deadline end_of(std::chrono::milliseconds time) noexcept {
  return time.count() > 0 ? base::Deadline::in(time).at() : Client::Deadline{};
}

}  // namespace

Core::Core(CoreSettings settings)
    : settings_{std::move(settings)},
      omit_{settings_.omit},
      decode_errors_{settings_.on_decode_error, settings_.omit.logger},
      client_{settings_.make_client} {
  base::begin_logging();
}

Core::~Core() {
  const std::unique_ptr<Locking> last{locking_.load()};
}

Locking& Core::locking() {
  Locking* known = locking_.load(std::memory_order_acquire);
  if (known == nullptr) {
    auto made = std::make_unique<Locking>();
    if (locking_.compare_exchange_strong(known, made.get())) {
      known = made.release();
    }
  }
  return *known;
}

std::optional<Failure> Core::exchange(const Commands& commands, std::span<Reply> replies,
                                      Client::Deadline deadline) {
  try {
    return client_.get(deadline).execute(commands, replies, deadline);
  } catch (const ConnectionInterrupted& error) {  // a client of the user's own may throw it
    return error.failure();
  }
}

Client::Deadline Core::deadline(const CallMode& mode) const noexcept {
  return end_of(mode.within.value_or(settings_.call_timeout));
}

Client::Deadline Core::slow_deadline(const CallMode& mode) const noexcept {
  return end_of(mode.within.value_or(settings_.clear_timeout));
}

bool Core::same_server(std::string_view key, std::string_view other, const CallMode& mode) {
  try {
    return client_.get(deadline(mode)).same_server(key, other);
  } catch (const ConnectionInterrupted&) {
    return true;
  }
}

void Core::name_server(Failure& failure) const {
  if (const Client* const made = client_.if_made(); made != nullptr && failure.server.empty()) {
    failure.server = made->server();
  }
}

Statistics Core::statistics() const {
  Statistics statistics;
  omit_.add_to(statistics);
  statistics.unreadable = decode_errors_.ignored();
  if (const Client* const made = client_.if_made()) {
    statistics.client = made->statistics();
  }
  if (const Locking* const locking = locking_.load(std::memory_order_acquire)) {
    statistics.locks = locking->statistics();
  }
  return statistics;
}

void Core::close() noexcept {
  Client* const made = client_.if_made();
  if (settings_.close_connection && made != nullptr) {
    made->close();
  }
}

}  // namespace rediscache::cache
