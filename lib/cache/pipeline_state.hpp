// What a pipeline has queued, and once executed the replies to it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/pipeline.hpp>
#include <rediscache/reply.hpp>

#include "cache/core.hpp"

namespace rediscache::cache {

/// Every queued call is one command, so that its index is that of its reply. Not thread-safe, but for the
/// number of shares, of which the last one to go deletes it.
class PipelineState {
 public:
  PipelineState(std::shared_ptr<Core> core, const CallMode& mode, const PipelineOptions& options)
      : core_{std::move(core)}, mode_{mode}, options_{options}, storage_{core_->pipelines().take()} {}
  PipelineState(const PipelineState&) = delete;
  PipelineState& operator=(const PipelineState&) = delete;
  ~PipelineState();

  /// One more share in it, or one less: true when that was the last.
  void add_share() noexcept { shares_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] bool drop_share() noexcept { return shares_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

  [[nodiscard]] Core& core() const noexcept { return *core_; }
  [[nodiscard]] const Commands& commands() const noexcept { return storage_->commands; }

  /// Where the next command is built; InvalidArgument when there may be no more.
  [[nodiscard]] Commands& next();
  /// The index of the command built last.
  [[nodiscard]] std::size_t last() const noexcept { return commands().size() - 1; }

  /// Says that what the last command is about is not named by a made key.
  void note_name() { named_.push_back(last()); }
  [[nodiscard]] bool is_named(std::size_t index) const noexcept {
    return std::binary_search(named_.begin(), named_.end(), index);
  }

  bool execute();

  /// The reply to a command, which may be taken once; nothing when the whole was omitted. InvalidArgument
  /// before execute(), and when it was taken already.
  [[nodiscard]] Reply* reply_to(std::size_t index);

  /// The result of a queued operation: read from its reply, or what it is when omitted.
  template <class Operation>
  typename Operation::Result result(std::size_t index) {
    Reply* const reply = reply_to(index);
    return reply == nullptr ? Operation::omitted() : result_of<Operation>(*reply, index);
  }
  template <class Operation>
  typename Operation::Result result_of(Reply& reply, std::size_t index) {
    return core_->account(
        mode_.strict, [] { return Operation::omitted(); },
        [&] {
          return read<typename Operation::Result>(reply, index, ReadsErrors<Operation>, [](Reply& answer) {
            return Operation::read(std::span{&answer, 1});
          });
        });
  }
  /// Lets `reader` have a reply, unless it is an error, and that is ignored.
  template <class Read>
  void read_with(Reply& reply, std::size_t index, const Read& reader) {
    core_->account(
        mode_.strict, [] { return false; },
        [&] {
          return read<bool>(reply, index, false, [&](Reply& answer) {
            reader(answer);
            return true;
          });
        });
  }

 private:
  /// `reader` gives a Result, or a base::Result of it.
  template <class Result, class Read>
  base::Result<Result> read(Reply& reply, std::size_t index, bool reads_errors, const Read& reader) {
    if (reply.is_error() && !reads_errors) {
      return failure_of(reply, commands().name(index));
    }
    try {
      return reader(reply);
    } catch (const ValueError& error) {
      return unexpected_reply(commands().name(index), error);
    }
  }

  std::atomic<std::uint32_t> shares_{0};
  std::shared_ptr<Core> core_;
  CallMode mode_;
  PipelineOptions options_;
  std::unique_ptr<PipelineStorage> storage_;
  std::vector<std::size_t> named_;  // as they were queued, so in order
  bool executed_ = false;
  bool omitted_ = false;
};

}  // namespace rediscache::cache
