#include "net/server.hpp"

#include <algorithm>
#include <utility>

#include "net/subscriber_thread.hpp"
#include "proto/error_reply.hpp"

namespace rediscache::net {
namespace {

/// More replies than this would keep others waiting, and are quick enough on their own.
constexpr std::size_t most_shared_commands = 16;

/// Of a try that begins now over a connection that nobody else uses.
base::Deadline end_of_try(const Commands& commands, const TryTime& time) noexcept {
  return commands.at_length() ? time.of_own_connection() : time.of_try();
}

}  // namespace

Server::Server(ServerSettings settings) : gate_{std::move(settings)}, pool_{gate_} {
  for (std::size_t i = 0; i < gate_.settings().shared_connections; ++i) {
    shared_.push_back(std::make_unique<SharedConnection>(gate_, crowd_));
  }
  join();
}

Server::~Server() {
  leave();
  for (const auto& subscriber : subscribers_) {
    delete subscriber.load(std::memory_order_acquire);  // NOLINT(cppcoreguidelines-owning-memory)
  }
}

std::optional<Failure> Server::exchange(const Commands& commands, std::span<Reply> replies,
                                        const TryTime& time, bool must_be_alive, ConnectionOrigin& origin) {
  auto verdict = ask();
  if (!verdict) {
    return std::move(verdict.failure());
  }
  if (verdict.value() == Gate::Verdict::pass && may_share(commands) && !time.is_apart()) {
    const Crowd::Member here{crowd_};
    SharedConnection& shared = choose();
    if (!shared.draining()) [[likely]] {
      SharedConnection::Outcome outcome;
      auto failure = shared.exchange(commands, replies, time, must_be_alive, outcome);
      // What waited in vain to be sent goes over another connection, while there is time.
      const bool goes_apart = outcome.withdrawn && !time.of_call().passed();
      if (!outcome.declined && !goes_apart) [[likely]] {
        origin = outcome.origin;
        return failure;
      }
    }
  }
  auto connection = pool_.acquire(verdict.value(), time.of_call(), must_be_alive);
  if (!connection) {
    return std::move(connection.failure());
  }
  origin = connection.value()->origin();
  return connection.value()->exchange(commands, replies, end_of_try(commands, time));
}

std::optional<Failure> Server::attempt(const Commands& commands, std::span<Reply> replies,
                                       const TryTime& time) {
  // Whatever happens, the others must not wait for this attempt any longer.
  struct Ending {
    FailoverMonitor& failover;
    bool decided = false;
    ~Ending() {
      if (!decided) {
        failover.undecided();
      }
    }
  } ending{gate_.failover()};
  auto verdict = ask();
  if (!verdict) {
    return std::move(verdict.failure());
  }
  // Not out of the pool, where there may be no place left beside connections to the wrong server.
  auto connection = gate_.connect(time.of_call(), verdict.value());
  if (!connection) {
    return std::move(connection.failure());
  }
  Connection& fresh = *connection.value();
  if (gate_.failover().wants_primary()) {
    if (auto failure = refuse_replica(fresh, time)) {
      ending.decided = true;
      return failure;
    }
  }
  auto failure = fresh.exchange(commands, replies, end_of_try(commands, time));
  gate_.used(fresh);
  if (failure) {
    return failure;
  }
  const auto refusal = std::find_if(replies.begin(), replies.end(), [](const Reply& reply) {
    return reply.is_error() && proto::says_wrong_server(reply.as_text());
  });
  ending.decided = true;
  if (refusal == replies.end()) {
    gate_.failover().accepted(fresh.origin());
    pool_.close_idle();  // they lead to the wrong server
  } else {
    gate_.failover().refused_again(fresh.origin(), proto::innermost_error(refusal->as_text()));
  }
  return std::nullopt;
}

/// Not every command that a replica takes shows that it is one: it is asked. A server that does not say is
/// taken at its later word.
std::optional<Failure> Server::refuse_replica(Connection& fresh, const TryTime& time) {
  Commands role;
  role.begin("ROLE", CommandKind::read, 0);
  Reply reply;
  if (auto failure = fresh.exchange(role, {&reply, 1}, time.of_try())) {
    gate_.used(fresh);
    gate_.failover().undecided();
    return failure;
  }
  const bool is_replica = reply.type() == Reply::Type::array && !reply.as_array().empty() &&
                          reply.as_array().front().type() == Reply::Type::text &&
                          reply.as_array().front().as_text() == "slave";
  if (!is_replica) {
    return std::nullopt;
  }
  gate_.used(fresh);
  constexpr std::string_view why = "READONLY the server says that it is a replica";
  gate_.failover().refused_again(fresh.origin(), why);
  return Failure{.code = ErrorCode::response, .message = std::string{why}, .server = {}, .command = {}};
}

std::optional<Failure> Server::exchange_alone(const Commands& commands, std::span<Reply> replies,
                                              const TryTime& time, ConnectionOrigin& origin) {
  auto verdict = ask();
  if (!verdict) {
    return std::move(verdict.failure());
  }
  auto connection = pool_.acquire(verdict.value(), time.of_call(), true, true);
  if (!connection) {
    return std::move(connection.failure());
  }
  origin = connection.value()->origin();
  if (commands.own_connection()) {
    connection.value()->retire();
  }
  return connection.value()->exchange(commands, replies, end_of_try(commands, time));
}

base::Result<Gate::Verdict> Server::ask() {
  auto verdict = gate_.ask();
  if (!verdict) {
    pool_.close_idle();  // whatever ails the server may ail them too
  }
  return verdict;
}

bool Server::may_share(const Commands& commands) const noexcept {
  return !shared_.empty() && !commands.empty() && !commands.at_length() &&
         commands.size() <= most_shared_commands && commands.bytes() <= gate_.settings().shared_request_bytes;
}

/// The first, where calls meet and go out together. Two threads are quicker over two connections, so a lone
/// caller there is left alone; unless there are more threads, which would only miss each other.
SharedConnection& Server::choose() noexcept {
  SharedConnection& first = *shared_.front();
  if ((crowd_.size() <= 2 && first.has_lone_call()) || first.receiving_much()) {
    for (std::size_t i = 1; i < shared_.size(); ++i) {
      if (shared_[i]->quiet() || (first.receiving_much() && !shared_[i]->receiving_much())) {
        return *shared_[i];
      }
    }
  }
  return first;
}

std::shared_ptr<Subscriber> Server::subscriber(SubscriberUse use) {
  if (use == SubscriberUse::alone) {
    return std::make_shared<SubscriberThread>(gate_.settings());
  }
  auto& place = subscribers_.at(static_cast<std::size_t>(use));
  const std::shared_ptr<Subscriber>* found = place.load(std::memory_order_acquire);
  if (found == nullptr) {
    // Without a lock, which a fork would have to take: of two that are made at once one is thrown away.
    auto made = std::make_unique<const std::shared_ptr<Subscriber>>(
        std::make_shared<SubscriberThread>(gate_.settings()));
    if (place.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) {
      found = made.release();
    }
  }
  return *found;
}

std::vector<SubscriberStatistics> Server::subscriber_statistics() const {
  std::vector<SubscriberStatistics> all;
  for (const auto& subscriber : subscribers_) {
    if (const auto* const made = subscriber.load(std::memory_order_acquire)) {
      all.push_back((*made)->statistics());
    }
  }
  return all;
}

void Server::close_idle() {
  pool_.close_idle();
  for (const auto& connection : shared_) {
    connection->close_idle();
  }
}

Server::Statistics Server::statistics() const {
  const PoolStatistics pool = pool_.statistics();
  Statistics all{.gate = gate_.statistics(), .lost = pool.lost, .idle = pool.idle, .in_use = pool.lent};
  for (const auto& connection : shared_) {
    all.lost += connection->lost();
    if (connection->open()) {
      ++(connection->in_flight() == 0 ? all.idle : all.in_use);
    }
  }
  return all;
}

void Server::after_fork_in_child() noexcept {
  crowd_.forget_all();
  for (const auto& connection : shared_) {
    connection->after_fork_in_child();
  }
}

}  // namespace rediscache::net
