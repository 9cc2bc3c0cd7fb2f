#include "cache/pipeline_state.hpp"

#include <span>
#include <string>
#include <utility>

#include <rediscache/error.hpp>

namespace rediscache::cache {

namespace {

/// Storage that served more than this is not kept.
constexpr std::size_t most_kept_commands = 4096;
constexpr std::size_t most_kept_bytes = 1024 * 1024;

}  // namespace

PipelineState::~PipelineState() {
  PipelineStorage& storage = *storage_;
  const std::size_t used = storage.commands.size();
  if (used > most_kept_commands || storage.commands.bytes() > most_kept_bytes) {
    return;
  }
  for (std::size_t i = 0; i < storage.taken.size(); ++i) {
    if (!storage.taken[i]) {
      storage.replies[i] = Reply{};  // nobody wanted it, and it may be large
    }
  }
  storage.commands.clear();
  storage.taken.clear();
  core_->pipelines().give_back(std::move(storage_));
}

Commands& PipelineState::next() {
  if (executed_) {
    throw InvalidArgument{"pipeline: it has been executed; make a new one"};
  }
  if (commands().size() >= options_.max_commands) {
    throw InvalidArgument{"pipeline: it holds max_commands (" + std::to_string(options_.max_commands) +
                          ") calls; execute it, and make a new one for the rest"};
  }
  return storage_->commands;
}

bool PipelineState::execute() {
  if (executed_) {
    throw InvalidArgument{"pipeline: it has been executed; make a new one"};
  }
  executed_ = true;
  omitted_ = true;  // unless it comes to its end
  const std::size_t count = commands().size();
  if (mode_.within) {
    storage_->commands.keep_deadline();
  }
  if (storage_->replies.size() < count) {  // first, so that whatever counts as taken is there
    storage_->replies.resize(count);
  }
  storage_->taken.resize(count);
  bool in_part = false;  // some servers did not answer, and the others' results are there
  const bool complete = core_->account(
      mode_.strict, [] { return false; },
      [&]() -> base::Result<bool> {
        if (count == 0) {
          return true;
        }
        const std::span replies{storage_->replies.data(), count};
        if (auto failure = core_->exchange(commands(), replies, core_->deadline(mode_))) {
          in_part = failure->partial;
          return std::move(*failure);
        }
        return true;
      });
  omitted_ = !complete && !in_part;
  return complete;
}

Reply* PipelineState::reply_to(std::size_t index) {
  if (!executed_) {
    throw InvalidArgument{"pipeline: a result was asked for before execute()"};
  }
  if (storage_->taken[index] != 0) {
    throw InvalidArgument{"pipeline: a result is to be had once, and this one has been"};
  }
  storage_->taken[index] = 1;
  Reply& reply = storage_->replies[index];
  return omitted_ || reply.is_unanswered() ? nullptr : &reply;
}

}  // namespace rediscache::cache
