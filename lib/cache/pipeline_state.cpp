#include "cache/pipeline_state.hpp"

#include <string>

#include <rediscache/error.hpp>

namespace rediscache::cache {

Commands& PipelineState::next() {
  if (executed_) {
    throw InvalidArgument{"pipeline: it has been executed; make a new one"};
  }
  if (commands_.size() >= options_.max_commands) {
    throw InvalidArgument{"pipeline: it holds max_commands (" + std::to_string(options_.max_commands) +
                          ") calls; execute it, and make a new one for the rest"};
  }
  return commands_;
}

bool PipelineState::execute() {
  if (executed_) {
    throw InvalidArgument{"pipeline: it has been executed; make a new one"};
  }
  executed_ = true;
  replies_.resize(commands_.size());
  taken_.resize(commands_.size());
  return core_->account(
      strict_,
      [&] {
        replies_.clear();
        return false;
      },
      [&]() -> base::Result<bool> {
        if (commands_.empty()) {
          return true;
        }
        if (auto failure = core_->exchange(commands_, replies_, core_->deadline())) {
          return std::move(*failure);
        }
        return true;
      });
}

Reply* PipelineState::reply_to(std::size_t index) {
  if (!executed_) {
    throw InvalidArgument{"pipeline: a result was asked for before execute()"};
  }
  if (taken_[index]) {
    throw InvalidArgument{"pipeline: a result is to be had once, and this one has been"};
  }
  taken_[index] = true;
  return replies_.empty() ? nullptr : &replies_[index];
}

}  // namespace rediscache::cache
