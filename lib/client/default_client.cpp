#include "client/default_client.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/random.hpp"
#include "client/combined_statistics.hpp"
#include "client/resend.hpp"
#include "proto/refusals.hpp"

namespace rediscache::client {
namespace {

/// A larger request is not sent a second time where other calls would wait behind it.
constexpr std::size_t most_bytes_sent_again_shared = std::size_t{1} << 20U;
/// A request up to here is written in one go: when the server has not got it, nothing of it was sent.
constexpr std::size_t sent_in_one_go = std::size_t{16} << 10U;

Failure no_time() {
  return {.code = ErrorCode::timeout,
          .message = "not sent: the deadline had passed before",
          .server = {},
          .command = {}};
}

}  // namespace

bool ended_under(const Failure& failure) noexcept {
  return failure.connection_lost && failure.code == ErrorCode::connection && !failure.caused_by_call;
}

void blame_call(Failure& failure) {
  failure.caused_by_call = true;
  failure.message =
      "a second connection, which only this call used, ended under it, so the request itself is the likely "
      "reason (is it larger than the server takes, or a command that a proxy refuses?): " +
      failure.message;
}

DefaultClient::DefaultClient(DefaultClientSettings settings)
    : retry_{settings.retry},
      retry_on_startup_{settings.retry_on_startup},
      server_{settings.server.endpoint.name()},
      net_{std::move(settings.server)},
      load_{settings.max_calls_in_flight, settings.max_bytes_in_flight} {}

std::optional<Failure> DefaultClient::execute(const Commands& commands, std::span<Reply> replies,
                                              Deadline deadline) {
  return execute(commands, replies, deadline, Tries::several, Before::nothing);
}

std::optional<Failure> DefaultClient::execute(const Commands& commands, std::span<Reply> replies,
                                              Deadline deadline, Before before) {
  return execute(commands, replies, deadline, Tries::several, before);
}

std::optional<Failure> DefaultClient::execute_once(const Commands& commands, std::span<Reply> replies,
                                                   Deadline deadline, Before before) {
  return execute(commands, replies, deadline, Tries::one, before);
}

std::optional<Failure> DefaultClient::execute(const Commands& commands, std::span<Reply> replies,
                                              Deadline deadline, Tries tries, Before before) {
  if (tries == Tries::several && !commands.keeps_deadline()) {
    deadline = std::max(deadline, startup_ends());
  }
  const Load::Share share{load_, commands.bytes()};
  const auto began = base::coarse_now();
  auto failure = !share.fits()       ? load_.too_much()
                 : deadline <= began ? no_time()
                                     : execute_again(commands, replies, deadline, tries, before);
  if (failure) {
    explain(*failure, commands, began, deadline);
  } else {
    note_answer();
  }
  return failure;
}

/// Once, and as often again as the policy and the deadline allow.
std::optional<Failure> DefaultClient::execute_again(const Commands& commands, std::span<Reply> replies,
                                                    Deadline deadline, Tries tries, Before before) {
  if (tries == Tries::several && must_wait_for_right_server(commands)) [[unlikely]] {
    return send_again(commands, replies, deadline, tries, before, std::nullopt);
  }
  FirstTry first;
  const net::TryTime time = time_of_try(commands, base::Deadline{deadline}, tries == Tries::one);
  first.failure = try_once(commands, replies, time, first_way(commands, before), first.origin);
  if (!first.failure && (!proto::any_error(replies) || !proto::refusals_among(commands, replies).any()))
      [[likely]] {
    return std::nullopt;
  }
  return send_again(commands, replies, deadline, tries, before, std::move(first));
}

std::optional<Failure> DefaultClient::execute_after(const Commands& commands, std::span<Reply> replies,
                                                    Deadline deadline, FirstTry first) {
  if (!commands.keeps_deadline()) {
    deadline = std::max(deadline, startup_ends());
  }
  const Load::Share share{load_, commands.bytes()};
  const auto began = base::coarse_now();
  const bool maybe_executed = first.failure && first.failure->maybe_executed;
  auto failure = share.fits() ? send_again(commands, replies, deadline, Tries::several, Before::nothing,
                                           std::move(first))
                              : load_.too_much();
  if (failure) {
    failure->maybe_executed = failure->maybe_executed || maybe_executed;
  }
  if (failure) {
    explain(*failure, commands, began, deadline);
  } else {
    note_answer();
  }
  return failure;
}

/// What cannot be sent twice does not meet a connection that died while idle on its first way either.
DefaultClient::Way DefaultClient::first_way(const Commands& commands, Before before) noexcept {
  if (before == Before::a_connection_ended) {
    return Way::alone;
  }
  return commands.strictest_kind() >= CommandKind::accumulating_write ? Way::alive : Way::any;
}

/// All tries but the first, when that was made elsewhere.
///
/// A connection that ends under a call says nothing yet: the server may have gone, or the call may be the
/// reason. So the next try goes over a new connection of its own. If none can be opened, the server is gone.
/// If that one ends as well, the call is the reason and goes no further.
std::optional<Failure> DefaultClient::send_again(const Commands& commands, std::span<Reply> replies,
                                                 Deadline deadline, Tries tries, Before before,
                                                 std::optional<FirstTry> first) {
  Resend resend{commands, replies};
  bool needs_right_server = commands.strictest_kind() != CommandKind::read;
  Way way = first_way(commands, before);
  bool replaced = false;
  bool ended = before == Before::a_connection_ended;
  bool maybe_executed = false;
  bool unanswered = false;
  std::optional<Failure> refused;  // what the last replies say, when these are there
  const auto with_refusals = [&]() -> std::optional<Failure> {
    if (!maybe_executed || resend.in_part()) {
      return std::nullopt;  // an error reply is an answer
    }
    refused->maybe_executed = true;  // by an earlier try
    return std::move(refused);
  };
  const auto without_answer = [&](std::optional<Failure> failure) {
    if (resend.in_part()) {
      resend.give_up();
      failure->partial = true;
    }
    return failure;
  };
  for (int retry = 0;;) {
    std::optional<Failure> failure;
    net::ConnectionOrigin origin;
    bool is_attempt = false;
    if (first) {
      failure = std::move(first->failure);
      origin = first->origin;
      first.reset();
    } else {
      if (tries == Tries::several && needs_right_server && net_.failover().suspect()) {
        auto turn = net_.failover().wait_for_turn(base::Deadline{deadline});
        if (!turn) {
          turn.failure().maybe_executed = maybe_executed;
          return refused ? with_refusals() : without_answer(std::move(turn.failure()));
        }
        is_attempt = turn.value() == net::FailoverMonitor::Turn::attempt;
        if (is_attempt && resend.commands().blocking_time().count() > 0) {
          // Nobody waits until such a command has its reply.
          net_.failover().undecided();
          is_attempt = false;
          way = Way::alone;
        }
      }
      const net::TryTime time =
          time_of_try(resend.commands(), base::Deadline{deadline}, tries == Tries::one, retry);
      failure = try_once(resend.commands(), resend.replies(), unanswered ? time.apart() : time,
                         is_attempt ? Way::attempt : way, origin);
    }
    refused.reset();
    bool was_dead = false;  // before the commands were on their way
    if (!failure) {
      ended = false;  // that connection did not end under it
      if (maybe_executed) {
        presumed_done_.fetch_add(presume_done(resend.commands(), resend.replies()),
                                 std::memory_order_relaxed);
      }
      resend.collect();
      const proto::Refusals refusals = proto::refusals_among(commands, replies);
      if (!refusals.any()) {
        return std::nullopt;
      }
      refused = refusals.failure(commands, replies);
      if (tries == Tries::one) {
        return with_refusals();
      }
      if (refusals.is_wrong_server && !is_attempt) {
        net_.failover().refused(origin, refused->message);
      }
      if (!resend.narrow(refusals)) {
        return with_refusals();
      }
      if (refusals.is_wrong_server) {
        if (resend.commands().strictest_kind() == CommandKind::never_again ||
            base::Clock::now() >= deadline) {
          return with_refusals();
        }
        // Waits for its turn, and that is no retry: there is no limit to these but the deadline.
        needs_right_server = true;
        way = std::max(way, Way::alive);
        retries_.fetch_add(1, std::memory_order_relaxed);
        continue;
      }
    } else {
      failure->maybe_executed = maybe_executed = failure->maybe_executed || maybe_executed;
      was_dead = failure->connection_lost && !maybe_executed && !failure->caused_by_call;
      if (ended_under(*failure)) {
        if (ended) {
          blame_call(*failure);
          return without_answer(std::move(failure));
        }
        ended = maybe_executed || resend.commands().bytes() > sent_in_one_go;
      }
      if (is_attempt && !maybe_executed && !failure->caused_by_call && base::Clock::now() < deadline) {
        continue;  // the others wait for a better server too
      }
    }
    const bool goes_alone = ended || resend.commands().bytes() > most_bytes_sent_again_shared;
    way = goes_alone ? Way::alone : Way::alive;
    // Such a connection is replaced once without asking the policy.
    if (was_dead && !replaced) {
      replaced = true;
      continue;
    }
    const Failure& why = failure ? *failure : *refused;
    unanswered = why.code == ErrorCode::timeout;
    const auto delay =
        tries == Tries::one ? std::nullopt : next_delay(resend.commands().strictest_kind(), why, retry);
    if (!delay || base::Clock::now() + *delay >= deadline) {
      return failure ? without_answer(std::move(failure)) : with_refusals();
    }
    ++retry;
    retries_.fetch_add(1, std::memory_order_relaxed);
    std::this_thread::sleep_for(*delay);
  }
}

bool DefaultClient::must_wait_for_right_server(const Commands& commands) noexcept {
  return net_.failover().suspect() && commands.strictest_kind() != CommandKind::read;
}

/// How long to wait before this call is tried again; nothing when it must not be.
std::optional<std::chrono::microseconds> DefaultClient::next_delay(CommandKind kind, const Failure& failure,
                                                                   int retry) noexcept {
  if (proto::may_wait_for_start(failure) && starting_up()) {
    return proto::startup_delay(retry_, retry, base::random_share());
  }
  return proto::may_retry(kind, failure) ? proto::retry_delay(retry_, retry, failure, base::random_share())
                                         : std::nullopt;
}

bool DefaultClient::starting_up() noexcept {
  return base::Clock::now() < startup_ends();
}

/// Until when calls wait for a server that is still on its way up, as far as anybody can tell; long ago when
/// they do not.
DefaultClient::Deadline DefaultClient::startup_ends() noexcept {
  if (retry_on_startup_.count() == 0 || answered_.load(std::memory_order_relaxed)) {
    return {};
  }
  const auto now = base::Clock::now();
  base::Clock::time_point first{};
  const bool is_first = first_call_.compare_exchange_strong(first, now, std::memory_order_relaxed);
  return (is_first ? now : first) + retry_on_startup_;
}

net::TryTime DefaultClient::time_of_try(const Commands& commands, base::Deadline deadline, bool is_only_try,
                                        int retry) const noexcept {
  if (commands.blocking_time().count() > 0) {
    return {deadline};  // which has that time in it
  }
  // What is not idempotent is not sent again after it waited for a reply in vain.
  const bool next = !is_only_try && retry < retry_.max_retries &&
                    commands.strictest_kind() < CommandKind::accumulating_write;
  return {deadline, net_.gate().settings().tries,
          next ? net::TryTime::Next::possible : net::TryTime::Next::none};
}

std::optional<Failure> DefaultClient::try_once(const Commands& commands, std::span<Reply> replies,
                                               const net::TryTime& time, Way way,
                                               net::ConnectionOrigin& origin) {
  if (way == Way::attempt) [[unlikely]] {
    return net_.attempt(commands, replies, time);
  }
  return way == Way::alone || commands.own_connection()
             ? net_.exchange_alone(commands, replies, time, origin)
             : net_.exchange(commands, replies, time, way == Way::alive, origin);
}

void DefaultClient::explain(Failure& failure, const Commands& commands, base::Clock::time_point began,
                            Deadline deadline) {
  failure.server = server_;
  if (failure.command.empty()) {
    failure.command = commands.name(0);
  }
  if (failure.code == ErrorCode::timeout && !failure.refused) {
    failure.message += diagnosis(began, deadline);
  }
  net_.gate().call_failed(failure);
  if (net_.gate().has_log()) {
    net_.gate().write_log();
  }
}

/// What was going on when a deadline passed.
std::string DefaultClient::diagnosis(base::Clock::time_point began, Deadline deadline) const {
  using std::chrono::milliseconds;
  const auto whole = [](base::Clock::duration time) {
    return std::to_string(std::chrono::round<milliseconds>(time).count());
  };
  const auto now = base::Clock::now();
  return " [after " + whole(base::saturating_subtract(now, began)) + " of the call's " +
         whole(base::saturating_subtract(deadline, began)) + " ms, at most " +
         std::to_string(net_.gate().settings().tries.socket_timeout.count()) +
         " ms a try (socket_timeout); " + load_.text() + "; " + net_.gate().breaker_text() + "]";
}

void DefaultClient::close() noexcept {
  net_.close_idle();
}

std::vector<std::shared_ptr<net::Subscriber>> DefaultClient::subscribers(
    SubscriberUse use, std::optional<std::string_view> /*channel*/) {
  return {net_.subscriber(use)};
}

ClientStatistics DefaultClient::statistics() const {
  const net::Server::Statistics net = net_.statistics();
  SubscriberStatistics subscriptions;
  for (const SubscriberStatistics& each : net_.subscriber_statistics()) {
    add(subscriptions, each);
  }
  return {.connections_opened = net.gate.opened,
          .connect_failures = net.gate.failed,
          .connections_lost = net.lost,
          .retries = retries_.load(std::memory_order_relaxed),
          .presumed_done = presumed_done_.load(std::memory_order_relaxed),
          .connections_idle = net.idle,
          .connections_in_use = net.in_use,
          .calls_in_flight = load_.calls(),
          .bytes_in_flight = load_.bytes(),
          .refused = net.gate.refused,
          .breaker_opened = net.gate.breaker_opened,
          .breaker = net.gate.breaker,
          .subscriptions = std::move(subscriptions)};
}

}  // namespace rediscache::client
