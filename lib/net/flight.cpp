#include "net/flight.hpp"

#include <utility>
#include <vector>

#include <poll.h>

namespace rediscache::net {

Flight::Flight(Pool::Lease lease, const Commands& commands, std::span<Reply> replies)
    : call_{.commands = &commands, .replies = replies, .failure = {}}, lease_{std::move(lease)} {
  lease_->begin(call_);
  static_cast<void>(lease_->advance(call_));
}

void Flight::finish(std::span<Flight* const> flights, base::Deadline deadline) {
  std::vector<pollfd> waiting;
  std::vector<Flight*> waiting_for;
  waiting.reserve(flights.size());
  waiting_for.reserve(flights.size());
  while (true) {
    waiting.clear();
    waiting_for.clear();
    for (Flight* const flight : flights) {
      if (!flight->finished()) {
        const bool sends = flight->lease_->wants_to_send();
        waiting.push_back({.fd = flight->lease_->descriptor(),
                           .events = static_cast<short>(sends ? POLLIN | POLLOUT : POLLIN),
                           .revents = 0});
        waiting_for.push_back(flight);
      }
    }
    if (waiting.empty()) {
      return;
    }
    static_cast<void>(::poll(waiting.data(), waiting.size(), deadline.poll_timeout()));
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) {
        static_cast<void>(waiting_for[i]->lease_->advance(waiting_for[i]->call_));
      }
    }
    if (deadline.passed()) {  // what had come by now has been read
      for (Flight* const flight : waiting_for) {
        if (!flight->finished()) {
          flight->lease_->run_out_of_time();
        }
      }
      return;
    }
  }
}

}  // namespace rediscache::net
