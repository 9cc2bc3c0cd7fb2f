// From an operation to its result, whatever the operation.
//
// An operation of one step is a type with
//
//   using Result = ...;
//   void build(Commands& out) const;            // the commands to send
//   Result read(std::span<Reply> replies);      // one reply for each
//   Result omitted() const;                     // what the caller gets when failures are ignored
//
// Where an error reply is part of the game, `static constexpr bool reads_errors = true` and read() returns a
// base::Result<Result>; otherwise an error reply is the failure of the operation. One that takes the server
// longer than others says `static constexpr bool is_slow = true`. An operation of more steps
// has
//
//   Step step(std::span<Reply> replies, Commands& next);  // first without replies
//   Result result();                                      // once done; with reads_errors a base::Result
//
// instead of build() and read(), and may say `static constexpr bool deadline_per_step = true`.
//
// Of several servers some may answer and others not: a failure that is `partial`. An operation of one step
// that says `static constexpr bool joins_parts = true` reads what there is, and that is its result when
// failures are ignored. One of more steps may have `void lost(const Failure&)`, is told and goes on; its
// result() is then that failure, and its omitted() what it has.
#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/client.hpp>
#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "base/result.hpp"
#include "base/times.hpp"

namespace rediscache::cache {

enum class Step { send, done };

/// Where commands go.
class Link {
 public:
  /// `has_own_deadline`: deadline() is the caller's, see Commands::keep_deadline().
  explicit Link(bool has_own_deadline = false) noexcept : has_own_deadline_{has_own_deadline} {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual ~Link() = default;
  [[nodiscard]] virtual std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                        Client::Deadline deadline) = 0;
  /// When a call that begins now must have ended.
  [[nodiscard]] virtual Client::Deadline deadline() = 0;
  /// The same for an operation that is slow.
  [[nodiscard]] virtual Client::Deadline slow_deadline() { return deadline(); }
  [[nodiscard]] bool has_own_deadline() const noexcept { return has_own_deadline_; }

 private:
  const bool has_own_deadline_;
};

template <class Operation>
concept SeveralSteps = requires(Operation& operation, std::span<Reply> replies, Commands& next) {
  { operation.step(replies, next) } -> std::same_as<Step>;
};

template <class Operation>
concept ReadsErrors = requires { requires Operation::reads_errors; };

template <class Operation>
concept DeadlinePerStep = requires { requires Operation::deadline_per_step; };

template <class Operation>
concept IsSlow = requires { requires Operation::is_slow; };

template <class Operation>
[[nodiscard]] Client::Deadline deadline_of(Link& link) {
  if constexpr (IsSlow<Operation>) {
    return link.slow_deadline();
  } else {
    return link.deadline();
  }
}

template <class Operation>
concept JoinsParts = requires { requires Operation::joins_parts; };

template <class Operation>
concept GoesOnInPart = requires(Operation& operation, const Failure& failure) { operation.lost(failure); };

/// The failure that an error reply is, if there is one among these.
[[nodiscard]] std::optional<Failure> error_among(const Commands& commands, std::span<const Reply> replies);
[[nodiscard]] Failure failure_of(const Reply& error, std::string_view command);
/// A reply of a type that no Redis server gives to this command.
[[nodiscard]] Failure unexpected_reply(std::string_view command, const ValueError& error);

/// The deadline of a call, and the time for which its commands may make the server wait.
[[nodiscard]] inline Client::Deadline blocked_until(Client::Deadline deadline,
                                                    const Commands& commands) noexcept {
  return deadline <= Client::Deadline{} ? deadline  // there is no time at all
                                        : base::saturating_add(deadline, commands.blocking_time());
}

/// What an operation of one step makes of its replies.
template <class Operation>
base::Result<typename Operation::Result> read_replies(Operation& operation, const Commands& commands,
                                                      std::span<Reply> replies) {
  if constexpr (!ReadsErrors<Operation>) {
    if (auto failure = error_among(commands, replies)) {
      return std::move(*failure);
    }
  }
  try {
    return operation.read(replies);
  } catch (const ValueError& error) {
    return unexpected_reply(commands.name(0), error);
  }
}

/// `L` is the type itself of the link, so that a final class costs no virtual calls. `part` is filled beside
/// a failure when some servers answered and the operation can do with that.
template <std::derived_from<Link> L, class Operation>
base::Result<typename Operation::Result> drive_one_step(L& link, Operation& operation,
                                                        std::optional<typename Operation::Result>& part) {
  Commands commands;
  operation.build(commands);
  if (link.has_own_deadline()) {
    commands.keep_deadline();
  }
  std::array<Reply, 1> single;
  std::vector<Reply> several;
  if (commands.size() != 1) {
    several.resize(commands.size());
  }
  const std::span<Reply> replies = commands.size() == 1 ? std::span<Reply>{single} : std::span{several};
  if (auto failure =
          link.exchange(commands, replies, blocked_until(deadline_of<Operation>(link), commands))) {
    if constexpr (JoinsParts<Operation>) {
      if (failure->partial) {
        if (auto read = read_replies(operation, commands, replies)) {
          part = std::move(read.value());
        }
      }
    }
    return std::move(*failure);
  }
  return read_replies(operation, commands, replies);
}

template <std::derived_from<Link> L, class Operation>
base::Result<typename Operation::Result> drive_steps(L& link, Operation& operation) {
  std::vector<Reply> replies;
  std::string_view command;
  Client::Deadline deadline = link.deadline();
  while (true) {
    Commands next;
    try {
      if (operation.step(replies, next) == Step::done) {
        return operation.result();
      }
    } catch (const ValueError& error) {
      return unexpected_reply(command, error);
    }
    if (link.has_own_deadline()) {
      next.keep_deadline();
    }
    command = next.name(0);
    replies.assign(next.size(), Reply{});
    if constexpr (DeadlinePerStep<Operation>) {
      deadline = link.deadline();
    }
    if (auto failure = link.exchange(next, replies, deadline)) {
      bool goes_on = false;
      if constexpr (GoesOnInPart<Operation>) {
        goes_on = failure->partial;
        if (goes_on) {
          operation.lost(*failure);
        }
      }
      if (!goes_on) {
        return std::move(*failure);
      }
    }
    if constexpr (!ReadsErrors<Operation>) {
      if (auto failure = error_among(next, replies)) {
        return std::move(*failure);
      }
    }
  }
}

template <std::derived_from<Link> L, class Operation>
base::Result<typename Operation::Result> drive(L& link, Operation& operation,
                                               std::optional<typename Operation::Result>& part) {
  if constexpr (SeveralSteps<Operation>) {
    return drive_steps(link, operation);
  } else {
    return drive_one_step(link, operation, part);
  }
}
template <std::derived_from<Link> L, class Operation>
base::Result<typename Operation::Result> drive(L& link, Operation& operation) {
  std::optional<typename Operation::Result> part;
  return drive(link, operation, part);
}

}  // namespace rediscache::cache
