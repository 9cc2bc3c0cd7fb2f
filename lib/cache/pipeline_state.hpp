// What a pipeline has queued, and once executed the replies to it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/pipeline.hpp>
#include <rediscache/reply.hpp>

#include "cache/core.hpp"

namespace rediscache::cache {

/// Every queued call is one command, so that its index is that of its reply. Not thread-safe.
class PipelineState {
 public:
  PipelineState(std::shared_ptr<Core> core, bool strict, const PipelineOptions& options)
      : core_{std::move(core)}, strict_{strict}, options_{options} {}

  [[nodiscard]] Core& core() const noexcept { return *core_; }
  [[nodiscard]] const Commands& commands() const noexcept { return commands_; }

  /// Where the next command is built; InvalidArgument when there may be no more.
  [[nodiscard]] Commands& next();
  /// The index of the command built last.
  [[nodiscard]] std::size_t last() const noexcept { return commands_.size() - 1; }

  bool execute();

  /// The result of a queued operation: read from its reply, or what it is when omitted.
  template <class Operation>
  typename Operation::Result result(std::size_t index) {
    Reply* const reply = reply_to(index);
    if (reply == nullptr) {
      return Operation::omitted();
    }
    return core_->account(
        strict_, [] { return Operation::omitted(); }, [&] { return read<Operation>(*reply, index); });
  }

 private:
  template <class Operation>
  base::Result<typename Operation::Result> read(Reply& reply, std::size_t index) {
    if constexpr (!ReadsErrors<Operation>) {
      if (reply.is_error()) {
        return failure_of(reply, commands_.name(index));
      }
    }
    try {
      return Operation::read(std::span{&reply, 1});
    } catch (const ValueError& error) {
      return unexpected_reply(commands_.name(index), error);
    }
  }

  /// Nothing when the whole was omitted; InvalidArgument before execute(), and when it was taken before.
  [[nodiscard]] Reply* reply_to(std::size_t index);

  std::shared_ptr<Core> core_;
  bool strict_;
  PipelineOptions options_;
  Commands commands_;
  std::vector<Reply> replies_;
  std::vector<bool> taken_;  // reading moves out of a reply
  bool executed_ = false;
};

}  // namespace rediscache::cache
