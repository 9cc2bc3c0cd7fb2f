#include "net/flight.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <poll.h>
#include <sched.h>

namespace rediscache::net {

Flight::Flight(Pool::Lease lease, const Commands& commands, std::span<Reply> replies)
    : call_{.commands = &commands, .replies = replies, .failure = {}}, lease_{std::move(lease)} {
  lease_->begin(call_);
  static_cast<void>(lease_->advance(call_));
}

void Flight::wait(std::span<Flight* const> flights, base::Deadline deadline, int& looks) {
  const auto any_finished = [&] {
    return std::any_of(flights.begin(), flights.end(),
                       [](const Flight* flight) { return flight->finished(); });
  };
  std::vector<pollfd> waiting;
  waiting.reserve(flights.size());
  for (int looked = 0; !any_finished(); ++looked) {
    waiting.clear();
    for (Flight* const flight : flights) {
      waiting.push_back(
          {.fd = flight->lease_->descriptor(), .events = flight->lease_->events(), .revents = 0});
    }
    if (looked < looks && !deadline.passed()) {
      if (::poll(waiting.data(), waiting.size(), 0) == 0) {
        ::sched_yield();
        continue;
      }
    } else {
      looks = 0;
      static_cast<void>(::poll(waiting.data(), waiting.size(), deadline.poll_timeout()));
    }
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) {
        static_cast<void>(flights[i]->lease_->advance(flights[i]->call_));
      }
    }
    if (deadline.passed()) {  // what had come by now has been read
      for (Flight* const flight : flights) {
        if (!flight->finished()) {
          flight->lease_->run_out_of_time();
        }
      }
      return;
    }
  }
}

}  // namespace rediscache::net
