#include "client/default_client.hpp"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "proto/error_reply.hpp"

namespace rediscache::client {
namespace {

double random_share() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(generator);
}

/// The failure behind replies that all say "not now". A single other reply, and the call has been answered.
std::optional<Failure> not_now(const Commands& commands, std::span<const Reply> replies) {
  const bool all = !replies.empty() && std::all_of(replies.begin(), replies.end(), [](const Reply& reply) {
    return reply.is_error() && proto::says_not_now(reply.as_text());
  });
  if (!all) {
    return std::nullopt;
  }
  Failure failure = proto::failure_of_reply(replies.front().as_text());
  failure.command = commands.name(0);
  return failure;
}

}  // namespace

DefaultClient::DefaultClient(net::ServerSettings server, proto::RetryPolicy retry)
    : pool_{std::move(server)}, retry_{retry} {}

std::optional<Failure> DefaultClient::execute(const Commands& commands, std::span<Reply> replies,
                                              Deadline deadline) {
  // What cannot be sent twice does not meet a connection that died while idle on its first way either.
  bool must_be_alive = commands.strictest_kind() >= CommandKind::accumulating_write;
  bool replaced = false;
  bool maybe_executed = false;
  for (int retry = 0;;) {
    std::optional<Failure> failure = try_once(commands, replies, base::Deadline{deadline}, must_be_alive);
    const bool answered = !failure;
    if (answered) {
      failure = not_now(commands, replies);
      if (!failure) {
        return std::nullopt;
      }
    }
    failure->maybe_executed = maybe_executed = failure->maybe_executed || maybe_executed;
    // Whoever was dead before the commands were on their way is replaced once without asking the policy.
    if (!must_be_alive && !replaced && failure->connection_lost && !maybe_executed) {
      must_be_alive = replaced = true;
      continue;
    }
    must_be_alive = true;
    const auto delay = proto::may_retry(commands.strictest_kind(), *failure)
                           ? proto::retry_delay(retry_, retry, *failure, random_share())
                           : std::nullopt;
    if (!delay || base::Clock::now() + *delay >= deadline) {
      return answered ? std::nullopt : std::move(failure);  // an error reply is an answer
    }
    ++retry;
    retries_.fetch_add(1, std::memory_order_relaxed);
    std::this_thread::sleep_for(*delay);
  }
}

std::optional<Failure> DefaultClient::try_once(const Commands& commands, std::span<Reply> replies,
                                               base::Deadline deadline, bool must_be_alive) {
  auto connection = pool_.acquire(deadline, must_be_alive);
  if (!connection) {
    Failure failure = std::move(connection.failure());
    if (failure.command.empty()) {
      failure.command = commands.name(0);
    }
    return failure;
  }
  // By default a try may take all the time that the call has: then the clock need not be asked.
  const bool limited = deadline.leaves(pool_.socket_timeout());
  const auto until = limited ? deadline.earlier(base::Deadline::in(pool_.socket_timeout())) : deadline;
  return connection.value()->exchange(commands, replies, until);
}

void DefaultClient::close() noexcept {
  pool_.close_idle();
}

ClientStatistics DefaultClient::statistics() const {
  const net::PoolStatistics pool = pool_.statistics();
  return {.connections_opened = pool.opened,
          .connect_failures = pool.failed,
          .connections_lost = pool.lost,
          .retries = retries_.load(std::memory_order_relaxed),
          .connections_idle = pool.idle,
          .connections_in_use = pool.lent};
}

}  // namespace rediscache::client
