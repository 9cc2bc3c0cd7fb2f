#include "net/address_race.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <poll.h>

namespace rediscache::net {
namespace {

/// A server that answered and does not want us says more than one that could not be reached.
bool tells_more(const Failure& failure, const Failure& than) noexcept {
  const auto is_of_network = [](const Failure& each) {
    return each.code == ErrorCode::connection || each.code == ErrorCode::timeout;
  };
  return is_of_network(than) && !is_of_network(failure);
}

}  // namespace

base::Result<std::unique_ptr<Connection>> AddressRace::run(base::Deadline connected_by,
                                                           base::Deadline deadline) {
  while (true) {
    start_those_due();
    if (auto winner = take_winner()) {
      return winner;
    }
    if (under_way_.empty() && !schedule_.due()) {
      return why_none();
    }
    const base::Deadline until = any_connected() ? deadline : connected_by;
    if (until.passed()) {
      for (const auto& attempt : under_way_) {
        attempt->run_out_of_time();
      }
      static_cast<void>(take_winner());  // there is none: their failures are noted
      return why_none();
    }
    wait(until);
  }
}

bool AddressRace::any_connected() const noexcept {
  return std::any_of(under_way_.begin(), under_way_.end(),
                     [](const auto& attempt) { return attempt->connected(); });
}

void AddressRace::start_those_due() {
  while (const auto next = schedule_.next(base::Clock::now())) {
    under_way_.push_back(std::make_unique<ConnectAttempt>(settings_, handshake_, addresses_[*next]));
    under_way_.back()->advance();
    if (under_way_.back()->failure()) {
      schedule_.failed();
    }
  }
}

/// Until an attempt can go on, the next address is due, or the deadline has passed.
void AddressRace::wait(base::Deadline deadline) {
  const auto due = schedule_.due();
  const base::Deadline until = due ? deadline.earlier(base::Deadline{*due}) : deadline;
  std::vector<pollfd> waiting;
  waiting.reserve(under_way_.size());
  for (const auto& attempt : under_way_) {
    waiting.push_back({.fd = attempt->descriptor(), .events = attempt->waits_for(), .revents = 0});
  }
  if (::poll(waiting.data(), waiting.size(), until.poll_timeout()) <= 0) {
    return;
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i].revents != 0) {
      under_way_[i]->advance();
      if (under_way_[i]->failure()) {
        schedule_.failed();
      }
    }
  }
}

/// Takes out those that have ended, and gives the first that succeeded.
std::unique_ptr<Connection> AddressRace::take_winner() {
  std::unique_ptr<Connection> winner;
  std::erase_if(under_way_, [&](const std::unique_ptr<ConnectAttempt>& attempt) {
    if (const auto& failure = attempt->failure()) {
      if (!failure_ || !tells_more(*failure_, *failure)) {
        failure_ = failure;
      }
      return true;
    }
    if (attempt->succeeded() && !winner) {
      winner = attempt->take();
    }
    return false;
  });
  return winner;
}

Failure AddressRace::why_none() const {
  Failure failure = failure_.value_or(connect_timeout());
  failure.message +=
      " (the host has " + std::to_string(addresses_.size()) + " addresses, of which none could be used)";
  return failure;
}

}  // namespace rediscache::net
