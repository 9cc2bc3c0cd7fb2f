// Things that are dear to make and easy to empty.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/fork_mutex.hpp"

namespace rediscache::cache {

/// Keeps a few of what was given back, for the next who asks. Thread-safe.
template <class T>
class Recycler {
 public:
  Recycler() { kept_.reserve(most_kept); }

  [[nodiscard]] std::unique_ptr<T> take() {
    {
      const std::scoped_lock lock{mutex_};
      if (!kept_.empty()) {
        auto thing = std::move(kept_.back());
        kept_.pop_back();
        return thing;
      }
    }
    return std::make_unique<T>();
  }

  void give_back(std::unique_ptr<T> thing) noexcept {
    const std::scoped_lock lock{mutex_};
    if (kept_.size() < most_kept) {
      kept_.push_back(std::move(thing));
    }
  }

 private:
  static constexpr std::size_t most_kept = 8;

  base::ForkMutex mutex_;
  std::vector<std::unique_ptr<T>> kept_;
};

}  // namespace rediscache::cache
