// Many calls over one connection: what to send next, and whose reply is this.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "resp/reply_reader.hpp"

namespace rediscache::proto {

/// One call: what is sent, and where its replies go, one for each command.
struct Call {
  enum class State { queued, sending, sent, done, failed };

  const Commands* commands = nullptr;
  std::span<Reply> replies;
  State state = State::queued;
  std::size_t answered = 0;        ///< replies filled so far
  std::optional<Failure> failure;  ///< set when failed

  [[nodiscard]] bool finished() const noexcept { return state == State::done || state == State::failed; }
};

/// Keeps calls in the order they were submitted, says which bytes to write, and hands every reply to the call
/// it belongs to: the server answers in the order it was asked. Does no I/O; whoever does calls
///
///   submit() for each call, at any time
///   output(), write that, wrote()        while has_output()
///   input(), read into that, received()  until the calls are finished
///   fail()                               once, when the connection broke
///
/// A call and what it points to must live until it is finished. Not thread-safe.
class Multiplexer {
 public:
  explicit Multiplexer(std::size_t max_reply_bytes) : reader_{max_reply_bytes} {}

  void submit(Call& call);

  [[nodiscard]] bool has_output() const noexcept { return sending_ < calls_.size(); }
  /// Fills `pieces` with what is to be written next, of as many calls as fit; returns how many it used.
  [[nodiscard]] std::size_t output(std::span<std::string_view> pieces) const;
  void wrote(std::size_t bytes);

  /// Room to read into.
  [[nodiscard]] std::span<char> input() { return reader_.space(); }
  /// So many bytes were read into input(). A failure means that nothing more can be read, for the stream
  /// makes no sense or the server has refused what it was sent: close the connection, and fail(). A reply
  /// that the reader refuses fails its own call only.
  [[nodiscard]] std::optional<Failure> received(std::size_t bytes);

  /// The connection broke: finishes every call with `failure`, marked with whether it may have been executed.
  void fail(const Failure& failure);

  /// Calls whose replies are still due.
  [[nodiscard]] std::size_t in_flight() const noexcept { return calls_.size(); }
  /// Nothing to send, nothing due, and nothing came that nobody had asked for.
  [[nodiscard]] bool idle() const noexcept { return calls_.empty() && reader_.idle() && !ends_; }

 private:
  void fail_front(Failure failure);
  [[nodiscard]] bool may_have_executed(const Call& call, std::size_t position) const noexcept;

  resp::ReplyReader reader_;
  std::deque<Call*> calls_;
  std::size_t sending_ = 0;       // index in calls_ of the first that is not sent completely
  std::size_t sending_sent_ = 0;  // bytes of it that are
  Reply unwanted_;                // what nobody had asked for
  bool ends_ = false;             // the server closes the connection
};

}  // namespace rediscache::proto
