// One account of several servers.
#pragma once

#include <algorithm>

#include <rediscache/client.hpp>

namespace rediscache::client {

/// Adds what one more subscriber has done.
inline void add(SubscriberStatistics& sum, const SubscriberStatistics& more) {
  sum.topics += more.topics;
  sum.confirmed += more.confirmed;
  sum.messages += more.messages;
  sum.connected += more.connected;
  sum.failed += more.failed;
  if (!more.last_failure.empty()) {
    sum.last_failure = more.last_failure;
  }
}

/// Adds what the client of one more server has done.
inline void add(ClientStatistics& sum, const ClientStatistics& more) {
  const auto badness = [](BreakerState state) {
    return state == BreakerState::closed ? 0 : state == BreakerState::half_open ? 1 : 2;
  };
  sum.connections_opened += more.connections_opened;
  sum.connect_failures += more.connect_failures;
  sum.connections_lost += more.connections_lost;
  sum.retries += more.retries;
  sum.presumed_done += more.presumed_done;
  sum.connections_idle += more.connections_idle;
  sum.connections_in_use += more.connections_in_use;
  sum.calls_in_flight += more.calls_in_flight;
  sum.bytes_in_flight += more.bytes_in_flight;
  sum.refused += more.refused;
  sum.breaker_opened += more.breaker_opened;
  sum.breaker = std::max(sum.breaker, more.breaker,
                         [&](BreakerState a, BreakerState b) { return badness(a) < badness(b); });
  sum.servers += more.servers;
  sum.set_aside += more.set_aside;
  add(sum.subscriptions, more.subscriptions);
}

}  // namespace rediscache::client
