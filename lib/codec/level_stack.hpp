// The containers that a reader or a writer is inside of.
#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

#include "codec/limits.hpp"

namespace rediscache::codec {

/// A stack of `Level`s in the place of recursion, which would need as much of the thread's stack as the data
/// is deep. The first few levels need no memory of their own. Not thread-safe.
template <class Level>
class LevelStack {
 public:
  LevelStack() = default;
  LevelStack(const LevelStack&) = delete;
  LevelStack& operator=(const LevelStack&) = delete;
  ~LevelStack() = default;

  [[nodiscard]] bool empty() const noexcept { return levels_.empty(); }
  /// Whether the data is nested as deep as it may be. The caller checks it before push().
  [[nodiscard]] bool is_full() const noexcept { return levels_.size() >= deepest; }
  /// Invalidates what top() returned.
  void push(Level level) {
    if (levels_.empty()) {
      levels_.reserve(few);
    }
    levels_.push_back(std::move(level));
  }
  [[nodiscard]] Level& top() noexcept { return levels_.back(); }
  void pop() noexcept { levels_.pop_back(); }

 private:
  static constexpr std::size_t few = 8;

  alignas(Level) std::array<std::byte, few * sizeof(Level)> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::vector<Level> levels_{&memory_};
};

}  // namespace rediscache::codec
