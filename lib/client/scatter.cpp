#include "client/scatter.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "client/side_by_side.hpp"
#include "net/flight.hpp"
#include "proto/refusals.hpp"
#include "proto/retry.hpp"

namespace rediscache::client {
namespace {

using net::Flight;
using Verdict = net::Gate::Verdict;

struct Times {
  base::Clock::time_point began;
  base::Deadline of_try;  // of those that had a connection at hand
  Client::Deadline of_call;
};

base::Deadline end_of_try(const Part& part, Client::Deadline deadline) {
  const net::TryTime time = part.client->time_of_try(part.commands, base::Deadline{deadline});
  return part.commands.at_length() ? time.of_own_connection() : time.of_try();
}

/// Whether the part may have to be sent again, which its client decides.
bool is_to_be_sent_again(const Part& part, const Failure& why, Client::Deadline deadline) {
  const bool was_dead = why.connection_lost && !why.maybe_executed && !why.caused_by_call;
  const bool may_be = was_dead || proto::may_retry(part.commands.strictest_kind(), why) ||
                      (proto::may_wait_for_start(why) && part.client->starting_up());
  return may_be && base::Clock::now() < deadline;
}

/// One part on its way.
class Journey {
 public:
  explicit Journey(Part& part)
      : part_{part}, must_be_alive_{part.commands.strictest_kind() >= CommandKind::accumulating_write} {
    share_.emplace(part.client->load(), part.commands.bytes());
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
    if (!share_->fits()) {
      part_.failure = part_.client->load().too_much();
      return false;
    }
    if (part_.client->must_wait_for_right_server(part_.commands)) {
      return true;
    }
    auto verdict = part_.client->net().ask();
    if (!verdict) {
      part_.failure = std::move(verdict.failure());
      return false;
    }
    verdict_ = verdict.value();
    if (verdict_ == Verdict::pass && !part_.commands.own_connection()) {
      if (auto lease = part_.client->net().lend_idle(must_be_alive_)) {
        flight_.emplace(std::move(*lease), part_.commands, part_.replies);
        return false;
      }
    }
    return true;
  }
  /// Connects, and sends.
  void start_with_new_connection(base::Deadline deadline, Client::Deadline of_call) {
    if (!verdict_) {  // which is the client's to ask, once it has found the right server
      share_.reset();
      is_over_ = true;
      part_.failure = part_.client->execute(part_.commands, part_.replies, of_call);
      return;
    }
    const bool own = part_.commands.own_connection();
    const Verdict verdict = *std::exchange(verdict_, Verdict::pass);
    auto lease = part_.client->net().lend(verdict, deadline, must_be_alive_, own);
    if (lease && own) {
      lease.value()->retire();
    }
    if (lease) {
      flight_.emplace(std::move(lease.value()), part_.commands, part_.replies);
    } else {
      part_.failure = std::move(lease.failure());
    }
  }

  [[nodiscard]] const Part& part() const noexcept { return part_; }
  /// Null when it never took off.
  [[nodiscard]] Flight* flight() noexcept { return flight_ ? &*flight_ : nullptr; }
  [[nodiscard]] bool over() const noexcept { return !flight_ || flight_->finished(); }
  /// Gives the connection back. True when the part is to be sent again.
  bool land(const Times& times) {
    if (is_over_) {
      return false;
    }
    if (flight_) {
      origin_ = flight_->origin();
      part_.failure = std::move(flight_->failure());
      flight_.reset();
    }
    share_.reset();
    if (!part_.failure) {
      if (proto::refusals_among(part_.commands, part_.replies).any()) {
        return true;
      }
      part_.client->note_answer();
      return false;
    }
    if (is_to_be_sent_again(part_, *part_.failure, times.of_call)) {
      return true;
    }
    part_.client->explain(*part_.failure, part_.commands, times.began, times.of_call);
    return false;
  }
  void go_again(const Times& times) {
    auto first = std::exchange(part_.failure, std::nullopt);
    part_.failure = part_.client->execute_after(part_.commands, part_.replies, times.of_call,
                                                {.failure = std::move(first), .origin = origin_});
  }

 private:
  Part& part_;
  std::optional<Load::Share> share_;
  const bool must_be_alive_;
  std::optional<Verdict> verdict_;
  std::optional<Flight> flight_;
  net::ConnectionOrigin origin_;
  bool is_over_ = false;  // its client has done all that there is to do
};

using Landed = std::function<void(const Journey&)>;
void tell_nobody(const Journey& /*landed*/) {}

/// Waits for those that are under way. One that must be sent again is at once, whatever the others do. Tells
/// of those that land before that.
void finish(std::vector<Journey*> under_way, const Times& times, const Landed& landed) {
  std::vector<Flight*> flights;
  std::vector<Journey*> again;
  int looks = Flight::most_looks;
  while (!under_way.empty() && again.empty()) {
    if (std::none_of(under_way.begin(), under_way.end(), [](const Journey* it) { return it->over(); })) {
      flights.clear();
      for (Journey* const journey : under_way) {
        flights.push_back(journey->flight());
      }
      Flight::wait(flights, times.of_try, looks);
    }
    std::erase_if(under_way, [&](Journey* journey) {
      if (!journey->over()) {
        return false;
      }
      if (journey->land(times)) {
        again.push_back(journey);
      } else {
        landed(*journey);
      }
      return true;
    });
  }
  if (again.empty()) {
    return;
  }
  const std::size_t rest = under_way.empty() ? 0 : 1;
  side_by_side(rest + again.size(), [&](std::size_t i) {
    if (i < rest) {
      finish(std::move(under_way), times, tell_nobody);
    } else {
      again[i - rest]->go_again(times);
    }
  });
}

}  // namespace

void exchange_all(std::span<Part> parts, const OnTheWay& on_the_way, Client::Deadline deadline) {
  Times times{.began = base::coarse_now(), .of_try = base::Deadline{deadline}, .of_call = deadline};
  std::deque<Journey> journeys;
  std::vector<Journey*> under_way;
  std::vector<Journey*> without_connection;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    on_the_way.fill(i);
    if (!parts[i].commands.empty()) {
      Journey& journey = journeys.emplace_back(parts[i]);
      (journey.start() ? without_connection : under_way).push_back(&journey);
    }
  }
  on_the_way.sent();
  for (const Journey& journey : journeys) {  // now that the commands are there
    const base::Deadline end = end_of_try(journey.part(), deadline);
    times.of_try = &journey == &journeys.front() || times.of_try.at() < end.at() ? end : times.of_try;
  }
  if (without_connection.empty()) {
    finish(std::move(under_way), times, [&](const Journey& journey) {
      on_the_way.landed(static_cast<std::size_t>(&journey.part() - parts.data()));
    });
    return;
  }
  // Connecting may take long when a server is gone, and so may an answer: nobody waits for another one's.
  const std::size_t old = under_way.empty() ? 0 : 1;
  side_by_side(old + without_connection.size(), [&](std::size_t i) {
    if (i < old) {
      finish(std::move(under_way), times, tell_nobody);
      return;
    }
    Journey* const journey = without_connection[i - old];
    journey->start_with_new_connection(base::Deadline{deadline}, deadline);
    const Times from_now{
        .began = times.began, .of_try = end_of_try(journey->part(), deadline), .of_call = deadline};
    finish({journey}, from_now, tell_nobody);
  });
}

}  // namespace rediscache::client
