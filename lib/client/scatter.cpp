#include "client/scatter.hpp"

#include <deque>
#include <utility>

#include "client/not_now.hpp"
#include "client/side_by_side.hpp"
#include "net/flight.hpp"
#include "proto/retry.hpp"

namespace rediscache::client {
namespace {

using net::Flight;
using Verdict = net::Gate::Verdict;

/// The first try of one part.
class Journey {
 public:
  explicit Journey(Part& part)
      : part_{part},
        share_{part.client->load(), part.commands.bytes()},
        must_be_alive_{part.commands.strictest_kind() >= CommandKind::accumulating_write} {
    part.replies.resize(part.commands.size());
  }
  Journey(const Journey&) = delete;
  Journey& operator=(const Journey&) = delete;
  ~Journey() {
    if (verdict_ == Verdict::probe) {
      part_.client->net().give_up();
    }
  }

  /// Sends over a connection that is at hand. True when there was none, and the part has still to start.
  bool start() {
    if (!share_.fits()) {
      part_.failure = part_.client->load().too_much();
      return false;
    }
    auto verdict = part_.client->net().ask();
    if (!verdict) {
      part_.failure = std::move(verdict.failure());
      return false;
    }
    verdict_ = verdict.value();
    if (verdict_ == Verdict::pass) {
      if (auto lease = part_.client->net().lend_idle(must_be_alive_)) {
        flight_.emplace(std::move(*lease), part_.commands, part_.replies);
        return false;
      }
    }
    return true;
  }
  /// Connects, and sends.
  void start_with_new_connection(base::Deadline deadline) {
    auto lease = part_.client->net().lend(*std::exchange(verdict_, Verdict::pass), deadline, must_be_alive_);
    if (lease) {
      flight_.emplace(std::move(lease.value()), part_.commands, part_.replies);
    } else {
      part_.failure = std::move(lease.failure());
    }
  }

  [[nodiscard]] Flight* flight() noexcept { return flight_ ? &*flight_ : nullptr; }
  /// Gives the connection back.
  void land() {
    if (flight_) {
      part_.failure = std::move(flight_->failure());
      flight_.reset();
    }
  }

 private:
  Part& part_;
  Load::Share share_;
  const bool must_be_alive_;
  std::optional<Verdict> verdict_;
  std::optional<Flight> flight_;
};

/// Waits for those that are under way.
void finish(std::span<Journey* const> journeys, base::Deadline deadline) {
  std::vector<Flight*> flights;
  flights.reserve(journeys.size());
  for (Journey* const journey : journeys) {
    if (Flight* const flight = journey->flight()) {
      flights.push_back(flight);
    }
  }
  Flight::finish(flights, deadline);
  for (Journey* const journey : journeys) {
    journey->land();
  }
}

void try_all(std::span<Part* const> parts, base::Deadline deadline) {
  std::deque<Journey> journeys;
  std::vector<Journey*> under_way;
  std::vector<Journey*> without_connection;
  for (Part* const part : parts) {
    Journey& journey = journeys.emplace_back(*part);
    (journey.start() ? without_connection : under_way).push_back(&journey);
  }
  // Connecting may take long when a server is gone, and so may an answer: nobody waits for another one's.
  const std::size_t old = under_way.empty() ? 0 : 1;
  side_by_side(old + without_connection.size(), [&](std::size_t i) {
    if (i < old) {
      finish(under_way, deadline);
      return;
    }
    Journey* const journey = without_connection[i - old];
    journey->start_with_new_connection(deadline);
    finish({&journey, 1}, deadline);
  });
}

/// Once more, and as often as the client thinks right, for what may be sent again.
void try_again(Part& part, Client::Deadline deadline) {
  const CommandKind kind = part.commands.strictest_kind();
  const bool maybe_executed = part.failure && part.failure->maybe_executed;
  const auto why = part.failure ? part.failure : not_now(part.commands, part.replies);
  const bool was_dead = why && why->connection_lost && !why->maybe_executed;
  if (!why) {
    part.client->note_answer();
    return;
  }
  const bool may_try = was_dead || proto::may_retry(kind, *why) ||
                       (proto::may_wait_for_start(*why) && part.client->starting_up());
  if (!may_try || base::Clock::now() >= deadline) {
    return;
  }
  part.failure = part.client->execute(part.commands, part.replies, deadline);
  if (part.failure) {
    part.failure->maybe_executed = part.failure->maybe_executed || maybe_executed;
  }
}

}  // namespace

void exchange_all(std::span<Part* const> parts, Client::Deadline deadline) {
  const auto began = base::coarse_now();
  try_all(parts, parts.front()->client->end_of_try(base::Deadline{deadline}));
  for (Part* const part : parts) {
    if (part->failure) {
      part->client->explain(*part->failure, part->commands, began, deadline);
    }
    try_again(*part, deadline);
  }
}

}  // namespace rediscache::client
