// A share in what a pipeline has queued.
#pragma once

#include <utility>

#include <rediscache/export.hpp>

namespace rediscache {

namespace cache {
class PipelineState;
}  // namespace cache

namespace detail {

/// The pipeline and each of its results have one: the state and its replies live until the last of them is
/// destroyed, in any thread.
class REDISCACHE_API PipelineShare {
 public:
  explicit PipelineShare(cache::PipelineState& state) noexcept;
  PipelineShare(const PipelineShare& other) noexcept;
  PipelineShare(PipelineShare&& other) noexcept : state_{std::exchange(other.state_, nullptr)} {}
  PipelineShare& operator=(PipelineShare other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~PipelineShare() {
    if (state_ != nullptr) {
      release();
    }
  }

  [[nodiscard]] cache::PipelineState& operator*() const noexcept { return *state_; }
  [[nodiscard]] cache::PipelineState* operator->() const noexcept { return state_; }
  /// False after a move.
  [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }

 private:
  void release() noexcept;

  cache::PipelineState* state_;
};

}  // namespace detail
}  // namespace rediscache
