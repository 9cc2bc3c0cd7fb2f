#include "proto/multiplexer.hpp"

#include <string>
#include <utility>

#include "proto/error_reply.hpp"

namespace rediscache::proto {
namespace {

/// A stream that makes no sense. What the server said, if it was an error, is often the reason.
Failure senseless(std::string message, const Reply& reply) {
  if (reply.is_error()) {
    message += ": " + reply.as_text();
  }
  return {.code = ErrorCode::connection,
          .message = std::move(message),
          .server = {},
          .command = {},
          .connection_lost = true};
}

/// The server's own words to a request that it does not take.
Failure refusal(const Reply& reply) {
  Failure failure = failure_of_reply(reply.as_text());
  failure.connection_lost = true;
  failure.caused_by_call = !says_not_now(reply.as_text());
  return failure;
}

}  // namespace

void Multiplexer::submit(Call& call) {
  call.state = Call::State::queued;
  call.answered = 0;
  call.failure.reset();
  calls_.push_back(&call);
}

std::size_t Multiplexer::output(std::span<std::string_view> pieces) const {
  std::size_t used = 0;
  std::size_t skip = sending_sent_;
  for (std::size_t i = sending_; i < calls_.size() && used < pieces.size(); ++i) {
    used += calls_[i]->commands->segments(skip, pieces.subspan(used));
    skip = 0;
  }
  return used;
}

void Multiplexer::wrote(std::size_t bytes) {
  while (bytes > 0) {
    Call& call = *calls_[sending_];
    const std::size_t left = call.commands->bytes() - sending_sent_;
    if (bytes < left) {
      call.state = Call::State::sending;
      sending_sent_ += bytes;
      return;
    }
    bytes -= left;
    call.state = Call::State::sent;
    ++sending_;
    sending_sent_ = 0;
  }
}

std::optional<Failure> Multiplexer::received(std::size_t bytes) {
  reader_.received(bytes);
  while (true) {
    Call* const call = calls_.empty() ? nullptr : calls_.front();
    Reply& place = call == nullptr ? unwanted_ : call->replies[call->answered];
    switch (reader_.next(place)) {
      case resp::ReplyReader::Progress::incomplete:
        return std::nullopt;
      case resp::ReplyReader::Progress::broken:
        return senseless(reader_.error(), {});
      case resp::ReplyReader::Progress::refused:
        if (call == nullptr || sending_ == 0) {  // the rest of the call's commands cannot be unsaid
          Failure failure = senseless(reader_.error(), {});
          failure.caused_by_call = call != nullptr;
          return failure;
        }
        fail_front({.code = ErrorCode::connection,
                    .message = reader_.error(),
                    .server = {},
                    .command = {},
                    .caused_by_call = true});
        continue;
      case resp::ReplyReader::Progress::complete:
        break;
    }
    if (call == nullptr || (sending_ == 0 && sending_sent_ == 0)) {
      return senseless("the server sent what nobody had asked for", place);
    }
    ends_ = ends_ || (place.is_error() && says_protocol_error(place.as_text()));
    if (++call->answered < call->commands->size()) {
      if (ends_) {
        return refusal(place);
      }
      continue;
    }
    if (sending_ == 0) {
      return place.is_error() ? refusal(place)
                              : senseless("the server answered before the command was sent", place);
    }
    call->state = Call::State::done;
    calls_.pop_front();
    --sending_;
  }
}

/// The first call, of which all was sent. Its other replies have no place any more.
void Multiplexer::fail_front(Failure failure) {
  Call& call = *calls_.front();
  reader_.skip(call.commands->size() - call.answered - 1);
  failure.command = call.commands->name(call.answered);
  failure.maybe_executed = true;
  call.failure = std::move(failure);
  call.state = Call::State::failed;
  calls_.pop_front();
  --sending_;
}

void Multiplexer::fail(const Failure& failure) {
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    Call& call = *calls_[i];
    call.state = Call::State::failed;
    call.failure = failure;
    call.failure->command = call.commands->name(0);
    call.failure->maybe_executed = may_have_executed(call, i);
  }
  calls_.clear();
  sending_ = 0;
  sending_sent_ = 0;
}

/// A command that was not written whole cannot have been executed; of several, the first ones may.
bool Multiplexer::may_have_executed(const Call& call, std::size_t position) const noexcept {
  return position < sending_ || (position == sending_ && sending_sent_ > 0 && call.commands->size() > 1);
}

}  // namespace rediscache::proto
