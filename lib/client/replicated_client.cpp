#include "client/replicated_client.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/random.hpp"
#include "client/combined_statistics.hpp"
#include "proto/command_table.hpp"
#include "proto/refusals.hpp"
#include "proto/retry.hpp"

namespace rediscache::client {
namespace {

/// One read of so many goes to any replica, to learn how quick that one is now.
constexpr std::uint32_t reads_per_exploration = 32;
/// The newest latency counts for one part of so many.
constexpr std::int64_t smoothing = 8;

bool may_go_to_replicas(const Commands& commands) noexcept {
  if (commands.strictest_kind() != CommandKind::read) {
    return false;
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (proto::has_cursor(commands.name(i))) {
      return false;
    }
  }
  return true;
}

}  // namespace

ReplicatedClient::ReplicatedClient(ReplicatedClientSettings settings)
    : reads_{settings.reads}, replica_read_only_{settings.replica_read_only} {
  for (DefaultClientSettings& server : settings.servers) {
    members_.push_back(std::make_unique<Member>(std::move(server), settings.pause));
  }
}

std::optional<Failure> ReplicatedClient::execute(const Commands& commands, std::span<Reply> replies,
                                                 Deadline deadline) {
  Call call{.commands = commands, .replies = replies, .deadline = deadline};
  return may_go_to_replicas(commands) ? read(call) : write(call);
}

std::optional<Failure> ReplicatedClient::read(Call& call) {
  std::optional<Failure> failure;
  if (reads_ == ReplicaReads::primary_preferred && primary().aside.may_try(base::coarse_now()) &&
      try_read(call, 0, failure)) {
    return failure;
  }
  while (const auto replica = next_replica(call)) {
    if (try_read(call, *replica, failure)) {
      return failure;
    }
  }
  // A primary that is the wrong server is waited for; that must not cost the time of those left out.
  const auto now = base::Clock::now();
  const bool is_last = std::popcount(call.tried | 1U) == static_cast<int>(members_.size());
  const Deadline until = is_last ? call.deadline : now + base::saturating_subtract(call.deadline, now) / 2;
  failure = primary().client.execute(call.commands, call.replies, until, call.before);
  if (failure && failure->caused_by_call) {
    return failure;
  }
  if (!failure) {
    failure = refused_read(call);
  }
  if (!failure) {
    primary().aside.answered();
    return std::nullopt;
  }
  // Those that were left out are better than nothing.
  std::optional<Failure> of_these;
  for (std::size_t i = 1; i < members_.size(); ++i) {
    if (!call.has_tried(i) && try_read(call, i, of_these)) {
      return of_these;
    }
  }
  return failure;
}

/// The failure behind replies of which one refuses a read: all of them can be had elsewhere.
std::optional<Failure> ReplicatedClient::refused_read(const Call& call) {
  const auto refusals = proto::refusals_among(call.commands, call.replies);
  return refusals.any() ? std::optional{refusals.failure(call.commands, call.replies)} : std::nullopt;
}

/// True when this was the end of it: there is an answer, or the failure is the call's own.
bool ReplicatedClient::try_read(Call& call, std::size_t index, std::optional<Failure>& failure) {
  Member& member = *members_[index];
  call.tried |= std::uint64_t{1} << index;
  const auto began = base::Clock::now();
  failure = member.client.execute_once(
      call.commands, call.replies, began + base::saturating_subtract(call.deadline, began) / 2, call.before);
  if (!failure) {
    failure = refused_read(call);
  }
  if (failure && failure->caused_by_call) {
    return true;
  }
  if (failure && ended_under(*failure)) {  // by the server, or by this call: the next try tells
    call.before = DefaultClient::Before::a_connection_ended;
    return false;
  }
  if (failure) {
    member.aside.failed(base::coarse_now());
    return false;
  }
  member.aside.answered();
  if (reads_ == ReplicaReads::lowest_latency) {
    const std::int64_t took = std::max<std::int64_t>((base::Clock::now() - began).count(), 1);
    const std::int64_t before = member.latency.load(std::memory_order_relaxed);
    member.latency.store(before == 0 ? took : before + (took - before) / smoothing,
                         std::memory_order_relaxed);
  }
  return true;
}

/// A replica that was not tried yet and is not left out.
std::optional<std::size_t> ReplicatedClient::next_replica(const Call& call) {
  const std::size_t replicas = members_.size() - 1;
  const std::size_t first = first_choice(call);
  const auto now = base::coarse_now();
  for (std::size_t i = 0; i < replicas; ++i) {
    const std::size_t index = 1 + (first + i) % replicas;
    if (!call.has_tried(index) && members_[index]->aside.may_try(now)) {
      return index;
    }
  }
  return std::nullopt;
}

/// Which replica to look at first, counted from 0.
std::size_t ReplicatedClient::first_choice(const Call& call) {
  const std::size_t replicas = members_.size() - 1;
  if (reads_ == ReplicaReads::round_robin) {
    return turn_.fetch_add(1, std::memory_order_relaxed) % replicas;
  }
  if (reads_ == ReplicaReads::lowest_latency &&
      turn_.fetch_add(1, std::memory_order_relaxed) % reads_per_exploration != 0) {
    return soonest(call);
  }
  return static_cast<std::size_t>(base::random_share() * static_cast<double>(replicas));
}

/// Of those that can be asked; one that nobody has asked yet counts as the quickest.
std::size_t ReplicatedClient::soonest(const Call& call) const noexcept {
  std::size_t best = 0;
  std::optional<std::int64_t> best_latency;
  for (std::size_t i = 1; i < members_.size(); ++i) {
    if (call.has_tried(i) || members_[i]->aside.active()) {
      continue;
    }
    const std::int64_t latency = members_[i]->latency.load(std::memory_order_relaxed);
    if (!best_latency || latency < *best_latency) {
      best = i - 1;
      best_latency = latency;
    }
  }
  return best;
}

/// Whether a command that changes something was not refused.
bool ReplicatedClient::is_partly_executed(const Call& call) {
  for (std::size_t i = 0; i < call.commands.size(); ++i) {
    if (call.commands.kind(i) != CommandKind::read && !proto::is_refusal(call.replies[i])) {
      return true;
    }
  }
  return false;
}

/// To the primary; with `replica_read_only` off to whoever took the last write, then to the others.
std::optional<Failure> ReplicatedClient::write(Call& call) {
  const std::size_t writer = writer_.load(std::memory_order_relaxed);
  if (!replica_read_only_) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const std::size_t index = (writer + i) % members_.size();
      // What may be executed by one server must not be sent to another, so that it has all of the time here.
      const auto now = base::coarse_now();
      const bool halves = call.commands.strictest_kind() < CommandKind::accumulating_write;
      auto failure = members_[index]->client.execute_once(
          call.commands, call.replies,
          halves && i + 1 < members_.size() ? now + base::saturating_subtract(call.deadline, now) / 2
                                            : call.deadline,
          call.before);
      if (!failure) {
        const auto refusals = proto::refusals_among(call.commands, call.replies);
        if (refusals.any() && !refusals.all && is_partly_executed(call)) {
          return std::nullopt;  // and no other server must do that too
        }
        if (refusals.any()) {
          failure = refusals.failure(call.commands, call.replies);
        }
      }
      if (!failure) {
        if (index != writer) {
          writer_.store(index, std::memory_order_relaxed);
        }
        return std::nullopt;
      }
      if (failure->caused_by_call) {
        return failure;
      }
      if (ended_under(*failure)) {
        call.before = DefaultClient::Before::a_connection_ended;
      }
      if (failure->maybe_executed) {  // then no other server must do it too
        if (!proto::may_retry(call.commands.strictest_kind(), *failure)) {
          return failure;
        }
        return members_[index]->client.execute_after(call.commands, call.replies, call.deadline,
                                                     {.failure = std::move(failure), .origin = {}});
      }
    }
  }
  return members_[writer]->client.execute(call.commands, call.replies, call.deadline, call.before);
}

void ReplicatedClient::close() noexcept {
  for (const auto& member : members_) {
    member->client.close();
  }
}

ClientStatistics ReplicatedClient::statistics() const {
  ClientStatistics sum{.servers = 0};
  for (const auto& member : members_) {
    add(sum, member->client.statistics());
    sum.set_aside += member->aside.active() ? 1 : 0;
  }
  return sum;
}

std::string ReplicatedClient::server() const {
  std::string names;
  for (const auto& member : members_) {
    names += (names.empty() ? "" : " or ") + member->client.server();
  }
  return names;
}

}  // namespace rediscache::client
